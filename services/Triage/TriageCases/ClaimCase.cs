using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <param name="TakeOver">Also when a colleague has it; then with a reason.</param>
/// <param name="ReasonCode">One of <see cref="ClaimCase.Reasons"/>.</param>
public sealed record ClaimBody(bool? TakeOver, string? ReasonCode);

/// <summary>A coordinator takes a case that waits for one: of two at once one gets it, and the other is told who. A colleague may take it over, and says why.</summary>
public static class ClaimCase
{
    /// <summary>Why it is taken from a colleague; one of these is said.</summary>
    public static readonly IReadOnlyList<string> Reasons = ["emergency", "absent", "agreed", "other"];

    public static readonly Rejection AlreadyClaimed = new("triage.case-claimed", "A colleague works on the case: {0}.");
    public static readonly Rejection UnknownReason = new("triage.take-over-reason-unknown", "The reason code is not one of those for taking over.");

    public sealed record Command(string ClaimedBy, bool TakeOver, string? ReasonCode, AreaPolicy Policy, DateTimeOffset Now);

    public static Rejection HeldBy(CaseClaim claim) => AlreadyClaimed with { Name = claim.By };

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Lead: not null } => TriageCase.AlreadyLinked,
        { MayBeDecided: false } => TriageCase.AlreadyDecided,
        { Claim: { } own } when own.By == command.ClaimedBy && own.EndsAt > command.Now => Decision<TriageEvent>.Nothing,
        { Claim: { } held } when held.KeepsOut(command.ClaimedBy, command.Now) && !command.TakeOver => HeldBy(held),
        { Claim: { } held } when held.KeepsOut(command.ClaimedBy, command.Now) && !Reasons.Contains(command.ReasonCode) => UnknownReason,
        { Claim: { } held } when held.KeepsOut(command.ClaimedBy, command.Now) => Claimed(state, command, held.By, command.ReasonCode),
        _ => Claimed(state, command, null, null),
    };

    private static CaseClaimed Claimed(TriageCase state, Command command, string? takenFrom, string? reason) =>
        new(state.Id, state.Area, command.ClaimedBy, takenFrom, reason, command.Now, EndsAt(state, command.Policy, command.Now));

    internal static DateTimeOffset EndsAt(TriageCase state, AreaPolicy policy, DateTimeOffset now) =>
        state.IsDanger ? policy.HeldDue(now) : policy.ClaimDue(state.Assessment!.Facts.Urgency, now);

    // Without If-Match: who comes second is to hear who has the case, not that it has changed.
    public static void MapClaims(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/{id:guid}/claim", async (Guid id, HttpContext http, StreamStore streams, AreaPolicies policies, TimeProvider clock, CancellationToken cancellation) =>
        {
            var body = StrictJson.Parse<ClaimBody>(await StrictJson.ReadBody(http.Request, cancellation));
            return await Change(id, http, streams, entry => state => Decide(
                state, new Command(Caller.From(http.User).Subject, body.TakeOver == true, body.ReasonCode, policies.Named(entry.PolicyVersion), clock.GetUtcNow())), cancellation);
        })
            .RequireAuthorization(Scopes.QueuesAct)
            .WithName("ClaimCase")
            .WithSummary("Work on the case, or take it over from a colleague with a reason.")
            .Accepts<ClaimBody>("application/json")
            .Produces<RoutingQueueEntry>();

        endpoints.MapDelete("/{id:guid}/claim", (Guid id, HttpContext http, StreamStore streams, TimeProvider clock, CancellationToken cancellation) =>
            Change(id, http, streams, _ => state => ReleaseCase.Decide(state, new ReleaseCase.Command(Caller.From(http.User).Subject, clock.GetUtcNow())), cancellation))
            .RequireAuthorization(Scopes.QueuesAct)
            .WithName("ReleaseCase")
            .WithSummary("Give the case back to all the area's coordinators.")
            .Produces<RoutingQueueEntry>();
    }

    private static async Task<IResult> Change(
        Guid id, HttpContext http, StreamStore streams, Func<RoutingQueueEntry, Func<TriageCase, Decision<TriageEvent>>> decide, CancellationToken cancellation)
    {
        var caller = Caller.From(http.User);
        if (await RoutingQueue.Visible(id, caller, streams, cancellation) is not { } entry)
        {
            return Problems.Unknown();
        }

        var outcome = await streams.Decide(TriageCase.Aggregate, id, RoutingQueue.StillIn(entry.Area, decide(entry)), new Origin(caller.Subject, id.ToString(), http.TraceIdentifier), cancellation);
        return outcome.Rejection is { } rejection ? Problems.Of(rejection) : RoutingQueue.Answer(http, outcome.View as RoutingQueueEntry ?? entry);
    }
}
