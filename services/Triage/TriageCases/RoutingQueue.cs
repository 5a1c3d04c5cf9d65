using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>A case in its area's routing queue, with the recorded explanation of every assessment.</summary>
public sealed record RoutingQueueEntry
{
    public required Guid Id { get; init; }

    public required Guid ConsultationId { get; init; }

    public required string Number { get; init; }

    public required string Area { get; init; }

    public required string County { get; init; }

    /// <summary>The policy that it began with, for example <c>default.1+sisa.2</c>.</summary>
    public string PolicyVersion { get => field ?? Assessments[0].PolicyVersion; init; }

    public required CaseStatus Status { get; init; }

    /// <summary>Danger: first in the queue, and only a coordinator decides.</summary>
    public required bool Held { get; init; }

    public required Urgency Urgency { get; init; }

    /// <summary>Urgency as a number, so that a query can sort by it; the higher the sooner.</summary>
    public required int UrgencyRank { get; init; }

    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>What the first assessment came to: a route, needsInformation, or inTriage when held.</summary>
    public required string FirstOutcome { get; init; }

    /// <summary>The newest recommendation; null while the requester is asked.</summary>
    public Route? RecommendedRoute { get; init; }

    public Route? Route { get; init; }

    /// <summary>Whom the decided route points to; null for any other route.</summary>
    public Guid? KnowledgeHolder { get; init; }

    public string? DecidedBy { get; init; }

    public string? ReasonCode { get; init; }

    /// <summary>The newest referral of the present route, or the one that brought the case back; null when there is none.</summary>
    public Referral? Referral { get; init; }

    /// <summary>How many times the matter has been sent back (C-35).</summary>
    public int Bounces { get; init; }

    /// <summary>A coordinator may decide where the matter goes, for the first time or anew.</summary>
    public bool MayBeDecided { get; init; }

    /// <summary>Nobody was found for the decided route, so that the same one may be decided again.</summary>
    public bool NotStaffed { get; init; }

    /// <summary>Nothing goes on by itself: somebody has to decide, to name a receiver, or to ask a silent one.</summary>
    public bool WaitsForCoordinator { get; init; }

    /// <summary>All experts who have ever been invited to its assessment.</summary>
    public IReadOnlyList<Assessor> Assessors { get; init; } = [];

    /// <summary>What outside tools came to on the matter; advice.</summary>
    public IReadOnlyList<Profile> Profiles { get; init; } = [];

    /// <summary>What a coordinator has said about a network coordinator before the route was decided; null when nobody has.</summary>
    public NetworkCoordinatorNeed? NetworkCoordinator { get; init; }

    /// <summary>Whether the decided route has a network coordinator; null while none is decided.</summary>
    public bool? RouteNetworkCoordinator { get; init; }

    /// <summary>Which coordinator works on it; null when it is all the area's coordinators'.</summary>
    public CaseClaim? Claim { get; init; }

    /// <summary>The newest transfer to another area; null when there is none.</summary>
    public CaseTransfer? Transfer { get; init; }

    /// <summary>The area that is asked to take it, and sees it in its queue; null while none is.</summary>
    public string? ProposedTo { get; init; }

    /// <summary>How many times another area has been asked, and has answered or let its time pass (C-35).</summary>
    public int Transfers { get; init; }

    /// <summary>The case that carries the matter instead of this one; null while this one does.</summary>
    public Guid? LinkedTo { get; init; }

    /// <summary>Who linked it last, and why; null when nobody has.</summary>
    public string? LinkedBy { get; init; }

    public string? LinkReason { get; init; }

    /// <summary>The cases whose matter this one carries too.</summary>
    public IReadOnlyList<Guid> Joined { get; init; } = [];

    /// <summary>Those of them that came after the route had been decided, and that no coordinator has read yet.</summary>
    public IReadOnlyList<Guid> Unread { get; init; } = [];

    /// <summary>Its consultation is closed.</summary>
    public bool Settled { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? DueBy { get; init; }

    /// <summary>Every assessment as it was recorded, the newest last (R9).</summary>
    public required IReadOnlyList<Assessment> Assessments { get; init; }

    /// <summary>When each of the <see cref="Assessments"/> was made.</summary>
    public IReadOnlyList<DateTimeOffset> AssessedAt { get; init; } = [];

    public required long Version { get; init; }

    /// <summary>The entry of a whole stream.</summary>
    public static RoutingQueueEntry Fold(IReadOnlyList<TriageEvent> happened, long version)
    {
        var opened = happened.OfType<CaseOpened>().First();
        var state = happened.Aggregate(TriageCase.Initial, TriageCase.Evolve);
        var assessments = happened.OfType<CaseAssessed>().Select(assessed => assessed.Assessment).ToList();
        var decided = happened.OfType<RouteDecided>().LastOrDefault();
        return new RoutingQueueEntry
        {
            Id = opened.CaseId,
            ConsultationId = opened.ConsultationId,
            Number = opened.Number,
            Area = state.Area,
            County = opened.Request.County,
            PolicyVersion = opened.PolicyVersion,
            Status = state.Status,
            Held = state.Status is CaseStatus.Held || state.Alarmed,
            Urgency = assessments[^1].Facts.Urgency,
            UrgencyRank = (int)assessments[^1].Facts.Urgency,
            Topics = state.Request!.Topics,
            FirstOutcome = OutcomeOf(assessments[0]),
            RecommendedRoute = assessments[^1].Route,
            Route = state.Route,
            KnowledgeHolder = state.Route is Contracts.Route.KnowledgeHolder ? state.KnowledgeHolder : null,
            DecidedBy = decided?.DecidedBy,
            ReasonCode = decided?.ReasonCode,
            Referral = state.Referral,
            Bounces = state.Bounces,
            MayBeDecided = state.MayBeDecided,
            NotStaffed = state.NotStaffed,
            WaitsForCoordinator = (state.MayBeDecided && state.Status is not CaseStatus.AwaitingInformation) || state is { Status: CaseStatus.RouteDecided, Settled: false, Route: Contracts.Route.SpecialLevel, Referral: null or { Overdue: true } },
            Assessors = state.Assessors,
            Profiles = (state.Erased ? EraseCaseOnConsultationErased.Redacted(state.Request.Profiles) : state.Request.Profiles) ?? [],
            NetworkCoordinator = state.NetworkCoordinator,
            RouteNetworkCoordinator = state.Route is null ? null : decided?.NetworkCoordinator,
            Claim = state.Claim,
            Transfer = state.Transfer,
            ProposedTo = state.Transfer is { Status: TransferStatus.Proposed } transfer ? transfer.ToArea : null,
            Transfers = state.Transfers,
            LinkedTo = state.Lead,
            LinkedBy = happened.OfType<CaseLinked>().LastOrDefault()?.LinkedBy,
            LinkReason = happened.OfType<CaseLinked>().LastOrDefault()?.ReasonCode,
            Joined = state.Joined,
            Unread = state.Unread,
            OpenedAt = opened.OpenedAt,
            Settled = state.Settled,
            DueBy = state.Settled || state.Status is CaseStatus.Closed or CaseStatus.Linked ? null : happened.Aggregate((DateTimeOffset?)null, Due),
            Assessments = state.Erased ? [.. assessments.Select(EraseCaseOnConsultationErased.Redacted)] : assessments,
            AssessedAt = [.. happened.OfType<CaseAssessed>().Select(assessed => assessed.AssessedAt)],
            Version = version,
        };
    }

    /// <summary>The area has the case, or is asked to take it.</summary>
    public bool IsReadIn(string? area) => area is not null && (area == Area || area == ProposedTo);

    /// <summary>Routes that a coordinator may choose now. Who is pointed to a holder of knowledge may be pointed to another one.</summary>
    public IReadOnlyList<Route> AllowedRoutes(AreaPolicy policy)
    {
        var facts = Assessments[^1].Facts;
        var standing = Status is CaseStatus.RouteDecided && !NotStaffed && !Held && Unread.Count == 0 && Route is not Contracts.Route.KnowledgeHolder ? Route : null;
        return MayBeDecided ? [.. Enum.GetValues<Route>().Where(route => !facts.LacksLegalBasisFor(route, policy.Rules) && route != standing)] : [];
    }

    // Who has to look sooner already still has to.
    private static DateTimeOffset? Due(DateTimeOffset? running, TriageEvent happened) =>
        happened is RequestJoined { DueBy: { } read } joined && running > joined.JoinedAt && running < read ? running : DueOf(happened) ?? running;

    private static DateTimeOffset? DueOf(TriageEvent happened) => happened switch
    {
        CaseOpened e => e.DueBy,
        InformationRequested e => e.DueBy,
        ConfirmationAwaited e => e.DueBy,
        RouteDecided e => e.DueBy,
        RouteNotStaffed e => e.DueBy,
        ReferralProposed e => e.DueBy,
        ReferralAccepted e => e.DueBy,
        ReferralReturned e => e.DueBy,
        ReferralOverdue e => e.DueBy,
        SafetyRaised e => e.DueBy,
        RouteKept e => e.DueBy,
        CaseUnlinked e => e.DueBy ?? e.Referral?.DueBy,
        RequestJoined e => e.DueBy,
        TransferProposed e => e.DueBy,
        TransferAllowed e => e.DueBy,
        TransferRefused e => e.DueBy,
        TransferReturned e => e.DueBy,
        TransferAccepted e => e.DueBy,
        _ => null,
    };

    private static string OutcomeOf(Assessment assessment) =>
        assessment.Facts.ImmediateDanger ? "inTriage"
        : assessment.Route is { } route ? Assessment.CodeOf(route)
        : "needsInformation";
}

/// <summary>A page of a routing queue in the order in which it is worked: danger, then urgency, then due time.</summary>
/// <param name="Next">Send it as <c>skip</c> for the next page; null on the last.</param>
public sealed record RoutingQueuePage(IReadOnlyList<RoutingQueueEntry> Items, int? Next);

/// <summary>The area's coordinators read their queue and each case with its explanation.</summary>
public static class RoutingQueue
{
    private const int LargestPage = 200;

    public static void MapRoutingQueue(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/", async (string? status, int? skip, HttpContext http, StreamStore streams, CancellationToken cancellation) =>
        {
            var area = Caller.From(http.User).Claim(ClaimNames.Area);
            if (area is null)
            {
                return Results.Json(new RoutingQueuePage([], null), StrictJson.Options);
            }

            var passed = Math.Max(skip ?? 0, 0);
            var condition = "where (area = ? or proposed_to = ?)";
            var parameters = new List<object> { area, area };
            if (status is not null)
            {
                var known = Enum.GetValues<CaseStatus>().Where(value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()) == status).ToList();
                if (known is not [var wanted])
                {
                    throw new InvalidInputException("status", "Not a status of a case.");
                }

                condition += " and status = ?";
                parameters.Add(wanted.ToString());
            }

            var found = await streams.Query<RoutingQueueEntry>($"{condition} order by status in ('RouteDecided', 'Closed', 'Linked') and not coalesce(waits_for_coordinator, false), held desc, urgency_rank desc, due_by nulls last, id limit {LargestPage + 1} offset ?", cancellation, [.. parameters, passed]);
            return Results.Json(new RoutingQueuePage([.. found.Take(LargestPage)], found.Count > LargestPage ? passed + LargestPage : null), StrictJson.Options);
        })
            .RequireAuthorization(Scopes.QueuesRead)
            .WithName("ReadRoutingQueue")
            .WithSummary("The caller's area's cases, and those that it is asked to take, in the order in which they are worked.")
            .Produces<RoutingQueuePage>();

        endpoints.MapGet("/{id:guid}", async (Guid id, HttpContext http, StreamStore streams, CancellationToken cancellation) =>
            await streams.Load<RoutingQueueEntry>(id, cancellation) is { } entry && entry.IsReadIn(Caller.From(http.User).Claim(ClaimNames.Area)) ? Answer(http, entry) : Problems.Unknown())
            .RequireAuthorization(Scopes.QueuesRead)
            .WithName("ReadCase")
            .WithSummary("One case with the recorded explanation of its recommendation.")
            .Produces<RoutingQueueEntry>();
    }

    /// <summary>The entry when the caller's area is the case's, else null.</summary>
    internal static async Task<RoutingQueueEntry?> Visible(Guid id, Caller caller, StreamStore streams, CancellationToken cancellation) =>
        await streams.Load<RoutingQueueEntry>(id, cancellation) is { } entry && entry.Area == caller.Claim(ClaimNames.Area) ? entry : null;

    /// <summary>The caller was let in as one of the area that had the case; when that has given it away meanwhile, the case is not theirs any more.</summary>
    internal static Func<TriageCase, Decision<TriageEvent>> StillIn(string area, Func<TriageCase, Decision<TriageEvent>> decide) =>
        state => state.Area == area ? decide(state) : TriageCase.NotOpened;

    internal static IResult Answer(HttpContext http, RoutingQueueEntry entry)
    {
        http.Response.Headers.ETag = Versions.Tag(entry.Version);
        return Results.Json(entry, StrictJson.Options);
    }
}
