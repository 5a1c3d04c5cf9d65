using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>Looks up what a decision on an assembly needs to know, and keeps who came to know whom.</summary>
internal static class Around
{
    /// <summary>Null when there is no such assembly.</summary>
    public static async Task<Surroundings?> Of(Work work, Guid assembly, PoolReader pool, TeamPolicies policies, TimeProvider clock, CancellationToken cancellation) =>
        await work.Load<AssemblyView>(assembly, cancellation) is { } view && view.Area.Length > 0
            ? new Surroundings(await pool.Load(work, view.RequestingUnitId, cancellation), policies.Of(view.Area), clock.GetUtcNow())
            : null;

    /// <summary>A team that has started has made its experts known to the requesting unit (C-71).</summary>
    public static void Remember(Work work, Outcome<Assembly> outcome)
    {
        if (outcome is { Changed: true, State: { Status: AssemblyStatus.Working, Matter: { } matter } } started)
        {
            foreach (var member in started.State.Members.Where(member => member.ExpertId is not null))
            {
                work.Store(Acquaintance.Of(matter.RequestingUnitId, member.ExpertId!.Value));
            }
        }
    }
}
