using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>What the number of involved services comes to (triage.networkCoordinator).</summary>
public enum NetworkCoordinatorAdvice
{
    NotNeeded,
    CoordinatorDecides,
    Needed,
}

/// <summary>A coordinator's word on whether the matter needs a network coordinator.</summary>
/// <param name="Recommended">What the rule came to then.</param>
/// <param name="DecidedBy">Subject of the coordinator's token.</param>
public sealed record NetworkCoordinatorNeed(NetworkCoordinatorAdvice Recommended, bool Needed, string ReasonCode, string DecidedBy, DateTimeOffset DecidedAt);

/// <param name="ReasonCode">One of <see cref="SetNetworkCoordinator.Reasons"/>.</param>
public sealed record SetNetworkCoordinatorBody(bool? Needed, string? ReasonCode);

/// <summary>Before the route is decided a coordinator says whether the matter needs a network coordinator (C-29, E-13); the route then takes it unless it says otherwise.</summary>
public static class SetNetworkCoordinator
{
    public static readonly IReadOnlyList<string> Reasons = ["manyServices", "profile", "clientsWish", "coordinatedAlready", "other"];

    public static readonly Rejection UnknownReason = new("triage.network-coordinator-reason-unknown", "The reason code is not one of those for a network coordinator.");
    public static readonly Rejection AlwaysNeeded = new("triage.network-coordinator-needed", "So many services are involved that a network coordinator is always needed.");
    public static readonly Rejection TooFewServices = new("triage.network-coordinator-too-few-services", "Too few services are involved for a network coordinator.");

    public sealed record Command(bool Needed, string? ReasonCode, string DecidedBy, AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Lead: not null } => TriageCase.AlreadyLinked,
        { MayBeDecided: false } => TriageCase.AlreadyDecided,
        { IsDanger: false, Claim: { } claim } when claim.KeepsOut(command.DecidedBy, command.Now) => ClaimCase.HeldBy(claim),
        _ when !Reasons.Contains(command.ReasonCode) => UnknownReason,
        { Assessment.Facts: var facts } when !command.Needed && Advice(facts, command.Policy.Rules) is NetworkCoordinatorAdvice.Needed => AlwaysNeeded,
        { Assessment.Facts: var facts } when command.Needed && Advice(facts, command.Policy.Rules) is NetworkCoordinatorAdvice.NotNeeded => TooFewServices,
        { NetworkCoordinator: { } said } when (said.Needed, said.ReasonCode) == (command.Needed, command.ReasonCode) => Decision<TriageEvent>.Nothing,
        _ => new NetworkCoordinatorNeedSet(
            state.Id, new NetworkCoordinatorNeed(Advice(state.Assessment!.Facts, command.Policy.Rules), command.Needed, command.ReasonCode!, command.DecidedBy, command.Now)),
    };

    public static NetworkCoordinatorAdvice Advice(Facts facts, RoutingPolicy rules) => (facts.Services.Count, rules.Triage.NetworkCoordinator) switch
    {
        var (services, rule) when services >= rule.AlwaysFromServices => NetworkCoordinatorAdvice.Needed,
        var (services, rule) when services >= rule.OnConfirmationFromServices => NetworkCoordinatorAdvice.CoordinatorDecides,
        _ => NetworkCoordinatorAdvice.NotNeeded,
    };

    /// <summary>Whether a route that a team takes gets one.</summary>
    /// <param name="confirmed">Whether a coordinator wants one where the rule leaves it open.</param>
    internal static bool IsNeeded(Facts facts, RoutingPolicy rules, bool confirmed) => Advice(facts, rules) switch
    {
        NetworkCoordinatorAdvice.Needed => true,
        NetworkCoordinatorAdvice.CoordinatorDecides => confirmed,
        _ => false,
    };

    public static void MapSetNetworkCoordinator(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapCaseCommand<SetNetworkCoordinatorBody>("/{id:guid}/network-coordinator", (body, commanding) =>
        {
            var needed = body.Needed ?? throw new InvalidInputException("$.needed", "Required.");
            var command = new Command(needed, body.ReasonCode, commanding.By, commanding.Policy, commanding.Now);
            return state => Decide(state, command);
        })
            .WithName("SetNetworkCoordinator")
            .WithSummary("Say whether the matter needs a network coordinator. Needs If-Match.");
}
