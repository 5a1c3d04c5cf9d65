using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <param name="ReasonCode">Required when the route differs from the recommendation; one of the policy's overrideReasons.</param>
/// <param name="NetworkCoordinator">Whether a network coordinator is needed, where the rule leaves it to the coordinator (E-13); null for what was said before.</param>
public sealed record DecideRouteBody(Route? Route, string? ReasonCode, bool? NetworkCoordinator);

/// <summary>A coordinator confirms or changes the recommended route, with a reason when it differs.</summary>
public static class DecideRoute
{
    public static readonly Rejection ReasonRequired = new("triage.reason-required", "A route other than the recommended one needs a reason code.");
    public static readonly Rejection UnknownReason = new("triage.reason-unknown", "The reason code is not one of the policy's.");
    public static readonly Rejection LegalBasisNeeded = new("triage.legal-basis-needed", "Others would come to know of the matter, and the request gives no legal basis for it.");

    public sealed record Command(Route Route, string? ReasonCode, bool? NetworkCoordinator, AreaPolicy Policy, string DecidedBy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Lead: not null } => TriageCase.AlreadyLinked,
        { MayBeDecided: true, IsDanger: false, Claim: { } claim } when claim.KeepsOut(command.DecidedBy, command.Now) => ClaimCase.HeldBy(claim),
        { Status: CaseStatus.RouteDecided, NotStaffed: false, Route: var kept } when kept == command.Route && (state.Alarmed || state.Unread.Count > 0) =>
            WithoutAssessors(state, new RouteKept(state.Id, state.Area, command.DecidedBy, command.Now, command.Policy.RouteDue(command.Route, command.Now)), command.Now),
        { Status: CaseStatus.RouteDecided, NotStaffed: false, Route: var decided } when decided == command.Route => Decision<TriageEvent>.Nothing,
        { MayBeDecided: false } => TriageCase.AlreadyDecided,
        { Assessment.Route: var recommended } when recommended != command.Route && command.ReasonCode is null => ReasonRequired,
        _ when command.ReasonCode is { } reason && !command.Policy.Rules.Triage.OverrideReasons.Contains(reason) => UnknownReason,
        { Assessment.Facts: { } facts } when facts.LacksLegalBasisFor(command.Route, command.Policy.Rules) => LegalBasisNeeded,
        _ => WithoutAssessors(state, AssessCase.Decided(state, state.Assessment!, command.Route, command.Policy, command.DecidedBy, command.ReasonCode, command.NetworkCoordinator, command.Now), command.Now),
    };

    /// <summary>Nobody is waited for: who was asked to assess the matter is so no more.</summary>
    private static List<TriageEvent> WithoutAssessors(TriageCase state, TriageEvent decided, DateTimeOffset now) =>
        [decided, .. ReleaseAssessors.All(state, ReleaseAssessors.RouteDecided, now)];

    public static void MapDecideRoute(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapCaseCommand<DecideRouteBody>("/{id:guid}/route", (body, commanding) =>
        {
            var route = body.Route ?? throw new InvalidInputException("$.route", "Required.");
            var command = new Command(route, body.ReasonCode, body.NetworkCoordinator, commanding.Policy, commanding.By, commanding.Now);
            return state => Decide(state, command);
        })
            .WithName("DecideRoute")
            .WithSummary("Confirm or change the recommended route. Needs If-Match.");
}
