using Grpc.Core;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>The team's work is over: memberships and access end, and the hours of the weeks ahead are free again (C-73).</summary>
public static class DisbandTeam
{
    public static readonly Rejection NotWorking = new("team-assembly.team-not-working", "There is no working team to disband.");

    /// <summary>The last membership has ended.</summary>
    public const string PeriodOver = "periodOver";

    public sealed record Command(string OutcomeCode, TeamPolicy Policy, DateTimeOffset Now);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command) => state switch
    {
        { Status: AssemblyStatus.NotStarted } => Assembly.NotStarted,
        { Status: AssemblyStatus.Disbanded } => Decision<AssemblyEvent>.Nothing,
        { Status: not AssemblyStatus.Working } => NotWorking,
        _ => (List<AssemblyEvent>)
        [
            .. WhatFollows.GiveAllBack(state, "disbanded", command.Now, command.Policy.WeekAfter(command.Now)),
            new TeamDisbanded(state.Id, state.Area, command.OutcomeCode, command.Now, state.RouteDecidedAt),
        ],
    };
}

public sealed partial class TeamsService
{
    public override async Task<Team> Disband(DisbandRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var id = Inputs.Id(request.Id, "id");
        return await OfCoordinator(id, context, (_, view) =>
        {
            var policy = policies.Of(view.Area);
            return policy.Team.Outcomes.Contains(request.OutcomeCode)
                ? Task.FromResult<Func<Assembly, Decision<AssemblyEvent>>>(state => DisbandTeam.Decide(state, new DisbandTeam.Command(request.OutcomeCode, policy, clock.GetUtcNow())))
                : throw new InvalidInputException("outcome_code", $"One of {string.Join(", ", policy.Team.Outcomes)}.");
        });
    }
}
