using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.KnowledgeHolders;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <param name="ReasonCode">Required when the route differs from the recommendation; one of the policy's overrideReasons.</param>
/// <param name="NetworkCoordinator">Whether a network coordinator is needed, where the rule leaves it to the coordinator (E-13); null for what was said before.</param>
/// <param name="KnowledgeHolderId">Whom the requester is pointed to; required for the route knowledgeHolder, and refused for any other.</param>
public sealed record DecideRouteBody(Route? Route, string? ReasonCode, bool? NetworkCoordinator, Guid? KnowledgeHolderId = null);

/// <summary>A coordinator confirms or changes the recommended route, with a reason when it differs.</summary>
public static class DecideRoute
{
    public static readonly Rejection ReasonRequired = new("triage.reason-required", "A route other than the recommended one needs a reason code.");
    public static readonly Rejection UnknownReason = new("triage.reason-unknown", "The reason code is not one of the policy's.");
    public static readonly Rejection LegalBasisNeeded = new("triage.legal-basis-needed", "Others would come to know of the matter, and the request gives no legal basis for it.");

    public static readonly Rejection HolderRequired = new("triage.knowledge-holder-required", "Who the holder of knowledge is has to be said: its id is missing.");
    public static readonly Rejection UnknownHolder = new("triage.knowledge-holder-unknown", "The holder of knowledge is not known, has ended, or was not registered anew in time.");
    public static readonly Rejection HolderNotAsked = new("triage.knowledge-holder-not-asked", "A holder of knowledge belongs to the route knowledge holder alone.");

    /// <param name="Holder">Whom the requester is pointed to; null for any other route, and to leave a decided one as it is.</param>
    public sealed record Command(Route Route, string? ReasonCode, bool? NetworkCoordinator, AreaPolicy Policy, string DecidedBy, DateTimeOffset Now, ChosenHolder? Holder = null);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Lead: not null } => TriageCase.AlreadyLinked,
        { MayBeDecided: true, IsDanger: false, Claim: { } claim } when claim.KeepsOut(command.DecidedBy, command.Now) => ClaimCase.HeldBy(claim),
        _ when Stands(state, command) && (state.Alarmed || state.Unread.Count > 0) =>
            WithoutAssessors(state, new RouteKept(state.Id, state.Area, command.DecidedBy, command.Now, command.Policy.RouteDue(command.Route, command.Now)), command.Now),
        _ when Stands(state, command) => Decision<TriageEvent>.Nothing,
        { MayBeDecided: false } => TriageCase.AlreadyDecided,
        _ when command is { Route: Route.KnowledgeHolder, Holder: null } => HolderRequired,
        _ when command is { Route: Route.KnowledgeHolder, Holder.IsInForce: false } => UnknownHolder,
        _ when command is { Route: not Route.KnowledgeHolder, Holder: not null } => HolderNotAsked,
        { Assessment.Route: var recommended } when recommended != command.Route && command.ReasonCode is null => ReasonRequired,
        _ when command.ReasonCode is { } reason && !command.Policy.Rules.Triage.OverrideReasons.Contains(reason) => UnknownReason,
        { Assessment.Facts: { } facts } when facts.LacksLegalBasisFor(command.Route, command.Policy.Rules) => LegalBasisNeeded,
        _ => WithoutAssessors(state, AssessCase.Decided(state, state.Assessment!, command.Route, command.Policy, command.DecidedBy, command.ReasonCode, command.NetworkCoordinator, command.Now, command.Holder?.Id), command.Now),
    };

    /// <summary>It has been decided so already. Another holder of knowledge is another decision, and so is the first one where none was named.</summary>
    private static bool Stands(TriageCase state, Command command) => state is { Status: CaseStatus.RouteDecided, NotStaffed: false } && state.Route == command.Route
        && (command.Holder is { } named ? named.Id == state.KnowledgeHolder : command.Route is not Route.KnowledgeHolder || state.KnowledgeHolder is not null);

    /// <summary>Nobody is waited for: who was asked to assess the matter is so no more.</summary>
    private static List<TriageEvent> WithoutAssessors(TriageCase state, TriageEvent decided, DateTimeOffset now) =>
        [decided, .. ReleaseAssessors.All(state, ReleaseAssessors.RouteDecided, now)];

    public static void MapDecideRoute(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapCaseCommand<DecideRouteBody>("/{id:guid}/route", async (body, commanding) =>
        {
            var route = body.Route ?? throw new InvalidInputException("$.route", "Required.");
            var holder = await commanding.Streams.Chosen(body.KnowledgeHolderId, commanding.Now, commanding.Cancellation);
            var command = new Command(route, body.ReasonCode, body.NetworkCoordinator, commanding.Policy, commanding.By, commanding.Now, holder);
            return state => Decide(state, command);
        })
            .WithName("DecideRoute")
            .WithSummary("Confirm or change the recommended route. Needs If-Match.");
}
