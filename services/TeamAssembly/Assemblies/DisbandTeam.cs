using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
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

public sealed partial class TeamsDesk
{
    /// <param name="field">What the caller calls the outcome.</param>
    /// <exception cref="InvalidInputException">Not an outcome of the area's policy.</exception>
    public Task<AssemblyView> Disband(Guid id, string? outcomeCode, string field, Asking asking) => OfCoordinator(id, asking, (_, view) =>
    {
        var policy = policies.Of(view.Area);
        return outcomeCode is not null && policy.Team.Outcomes.Contains(outcomeCode)
            ? Task.FromResult<Func<Assembly, Decision<AssemblyEvent>>>(state => DisbandTeam.Decide(state, new DisbandTeam.Command(outcomeCode, policy, clock.GetUtcNow())))
            : throw new InvalidInputException(field, $"One of {string.Join(", ", policy.Team.Outcomes)}.");
    });
}
