using System.Diagnostics;
using OtPlatform.Contracts;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.TriageCases;

public enum CaseStatus
{
    NotOpened,
    AwaitingConfirmation,
    Held,
    AwaitingInformation,
    RouteDecided,
    Closed,
    Linked,
}

public abstract record TriageEvent;

/// <param name="Held">Only a coordinator may decide.</param>
public sealed record CaseOpened(
    Guid CaseId, Guid ConsultationId, string Number, string Area, CaseRequest Request, bool Held, string PolicyVersion, DateTimeOffset OpenedAt, DateTimeOffset DueBy) : TriageEvent;

public sealed record CaseAssessed(Guid CaseId, Assessment Assessment, DateTimeOffset AssessedAt) : TriageEvent;

/// <param name="Services">Null where it was signalled before they were kept.</param>
public sealed record PhenomenonSignalled(
    Guid CaseId, string Area, string County, IReadOnlyList<string> Topics, IReadOnlyList<string> Marks, DateTimeOffset SignalledAt, IReadOnlyList<string>? Services = null) : TriageEvent;

public sealed record ServiceGapRecorded(Guid CaseId, string Area, string County, IReadOnlyList<string> Topics, IReadOnlyList<string> Services, DateTimeOffset RecordedAt) : TriageEvent;

public sealed record InformationRequested(Guid CaseId, string Area, IReadOnlyList<string> Asked, DateTimeOffset RequestedAt, DateTimeOffset DueBy) : TriageEvent;

/// <param name="AddedAt">When the requester added it; identifies the addition.</param>
public sealed record InformationReceived(Guid CaseId, CaseRequest Request, DateTimeOffset AddedAt) : TriageEvent;

/// <summary>The requester reported later how urgent or dangerous it is; the higher counts.</summary>
/// <param name="DueBy">When a coordinator has to have looked at a route that is decided already; null when that needs nobody.</param>
/// <param name="By">The linked request whose requester reported it; null for the case's own.</param>
public sealed record SafetyRaised(Guid CaseId, bool ImmediateDanger, bool HighRisk, Urgency? Urgency, DateTimeOffset ReportedAt, DateTimeOffset? DueBy, Guid? By = null) : TriageEvent;

/// <summary>Something in the request was wrong.</summary>
public sealed record RequestCorrected(Guid CaseId, CaseRequest Request, DateTimeOffset CorrectedAt) : TriageEvent;

/// <summary>Several have filled in an instrument together on the matter.</summary>
/// <param name="RecordedBy">Subject of the coordinator's token.</param>
public sealed record ScreeningRecorded(Guid CaseId, Screening Screening, string RecordedBy, DateTimeOffset RecordedAt) : TriageEvent;

/// <summary>What an outside tool came to on the matter; it decides nothing.</summary>
/// <param name="RecordedBy">Subject of the coordinator's token.</param>
public sealed record ProfileRecorded(Guid CaseId, Profile Profile, string RecordedBy, DateTimeOffset RecordedAt) : TriageEvent;

/// <summary>A coordinator has said whether the matter needs a network coordinator.</summary>
public sealed record NetworkCoordinatorNeedSet(Guid CaseId, NetworkCoordinatorNeed Need) : TriageEvent;

public sealed record ResponsibleWorkerChanged(Guid CaseId, string Role, string Ref, DateTimeOffset ChangedAt) : TriageEvent;

/// <summary>A coordinator has looked at the danger and leaves the decided route as it is.</summary>
public sealed record RouteKept(Guid CaseId, string Area, string KeptBy, DateTimeOffset KeptAt, DateTimeOffset DueBy) : TriageEvent;

/// <param name="ReopenedAt">The requester's reopening that it follows; null when it follows something else.</param>
public sealed record ConfirmationAwaited(
    Guid CaseId, string Area, bool Held, string PolicyVersion, DateTimeOffset Since, DateTimeOffset DueBy, DateTimeOffset? ReopenedAt = null) : TriageEvent;

/// <param name="EndedAt">When it was withdrawn or expired; identifies it.</param>
/// <param name="WorkEnds">The decided route ends with it; false for the same end once more when its answer was on its way, and the route stands again.</param>
public sealed record ConsentEnded(Guid CaseId, bool WorkEnds, DateTimeOffset EndedAt) : TriageEvent;

/// <summary>What a team has to know of the matter; repeated with each decided route.</summary>
public sealed record Matter(
    ConsultationKind Kind,
    string County,
    string Language,
    Urgency Urgency,
    Guid RequestingUnitId,
    string RequesterRole,
    string? ResponsibleWorkerRole,
    string? ResponsibleWorkerRef,
    string LegalBasisType,
    DateOnly? LegalBasisValidUntil);

/// <param name="Matter">Null for a case that was opened before the facts were kept.</param>
/// <param name="KnowledgeHolder">Whom the requester is pointed to; null for any other route, and for what was decided before it was kept.</param>
public sealed record RouteDecided(
    Guid CaseId,
    string Area,
    Route Route,
    IReadOnlyList<Ground> Grounds,
    IReadOnlyList<Need> Needs,
    bool StandingTeamFirst,
    bool NetworkCoordinator,
    IReadOnlyList<string> Sectors,
    string PolicyVersion,
    string DecidedBy,
    string? ReasonCode,
    DateTimeOffset DecidedAt,
    DateTimeOffset DueBy,
    Matter? Matter = null,
    Guid? KnowledgeHolder = null) : TriageEvent;

/// <summary>Some of what the route needed was only in a request that may be known no more: nobody is asked for it.</summary>
/// <param name="Needs">All that the route still needs.</param>
/// <param name="RouteDecidedAt">Of the decision that they belong to.</param>
public sealed record NeedsChanged(Guid CaseId, string Area, IReadOnlyList<Need> Needs, DateTimeOffset RouteDecidedAt, DateTimeOffset ChangedAt) : TriageEvent;

/// <summary>The assembly can not go on with the route: a coordinator may decide anew.</summary>
/// <param name="ReasonCode">serviceGap, or why the assembly was handed to a coordinator.</param>
public sealed record RouteNotStaffed(Guid CaseId, string ReasonCode, DateTimeOffset FoundAt, DateTimeOffset DueBy) : TriageEvent;

/// <summary>The route that had nobody has somebody after all.</summary>
public sealed record RouteStaffed(Guid CaseId, DateTimeOffset StaffedAt) : TriageEvent;

/// <param name="Receiver">Code of the receiving unit.</param>
public sealed record ReferralProposed(Guid CaseId, string Area, string Receiver, string ProposedBy, DateTimeOffset ProposedAt, DateTimeOffset DueBy) : TriageEvent;

public sealed record ReferralAccepted(Guid CaseId, string Area, string Receiver, DateTimeOffset AcceptedAt, DateTimeOffset DueBy) : TriageEvent;

/// <param name="Returns">How many times the matter has been sent back by now.</param>
public sealed record ReferralReturned(Guid CaseId, string Area, string Receiver, string ReasonCode, int Returns, DateTimeOffset ReturnedAt, DateTimeOffset DueBy) : TriageEvent;

public sealed record ReferralOverdue(Guid CaseId, string Receiver, DateTimeOffset FoundAt, DateTimeOffset DueBy) : TriageEvent;

/// <param name="ObjectedAt">When the requester objected or reopened; identifies it.</param>
/// <param name="Counts">The matter was sent back; false when its requester had withdrawn it.</param>
public sealed record CaseReopened(Guid CaseId, string Area, Guid? ReasonTextId, DateTimeOffset ObjectedAt, DateTimeOffset ReopenedAt, bool Counts = true) : TriageEvent;

/// <summary>Another case carries the matter from now on (C-34); this one waits for what comes of it.</summary>
/// <param name="LeadId">The case that carries the matter.</param>
/// <param name="LinkedBy">Subject of the coordinator's token, or <c>platform</c>.</param>
/// <param name="DueBy">When a coordinator has to have read it, because where the matter goes had been decided already; null else.</param>
public sealed record CaseLinked(Guid CaseId, string Area, Guid LeadId, string LinkedBy, string ReasonCode, DateTimeOffset LinkedAt, DateTimeOffset? DueBy = null) : TriageEvent;

/// <summary>The request has a case of its own again.</summary>
/// <param name="DueBy">When it has to have been looked at; null when nothing is to be decided, because it is over or waits for its requester.</param>
/// <param name="Route">Where the matter had gone; null when that is to be decided anew.</param>
/// <param name="Referral">With whom it is by that route; null when it was referred to nobody.</param>
/// <param name="KnowledgeHolder">Whom its requester was pointed to by that route; null when it was nobody.</param>
/// <param name="Beside">The others that were linked to that case then, where a coordinator has taken it apart from them too; null else.</param>
public sealed record CaseUnlinked(
    Guid CaseId,
    string Area,
    Guid LeadId,
    string UnlinkedBy,
    string ReasonCode,
    DateTimeOffset UnlinkedAt,
    DateTimeOffset? DueBy,
    Route? Route = null,
    DateTimeOffset? RouteDecidedAt = null,
    Referral? Referral = null,
    IReadOnlyList<Guid>? Beside = null,
    Guid? KnowledgeHolder = null) : TriageEvent
{
    public const string ByPlatform = "platform";
}

/// <summary>Another request about the same matter is this case's too, or has said something new.</summary>
/// <param name="Request">What that request says.</param>
/// <param name="DueBy">When a coordinator has to have read a further request, because the route had been decided without it; null else.</param>
public sealed record RequestJoined(Guid CaseId, Guid JoinedId, CaseRequest Request, DateTimeOffset JoinedAt, DateTimeOffset? DueBy = null) : TriageEvent;

/// <param name="TakesFacts">What it said counts no more: it was about something else, it may be known no more, or each of the two goes on by itself.</param>
public sealed record RequestLeft(Guid CaseId, Guid LeftId, DateTimeOffset LeftAt, bool TakesFacts = false) : TriageEvent;

/// <summary>The consultation is closed: a later request about the same matter opens a case of its own.</summary>
public sealed record CaseSettled(Guid CaseId, DateTimeOffset SettledAt) : TriageEvent;

/// <summary>What belongs to one client or one worker has been taken out of the case for good.</summary>
public sealed record CaseErased(Guid CaseId, DateTimeOffset ErasedAt) : TriageEvent;

/// <summary>A coordinator works on the case; colleagues see who (PRODUCT, inTriage).</summary>
/// <param name="ClaimedBy">Subject of the coordinator's token.</param>
/// <param name="TakenFrom">Who had it until then; null when nobody had.</param>
/// <param name="ReasonCode">Why it was taken from them, or handedOver by them; null when nobody had it.</param>
/// <param name="EndsAt">When it is everybody's again unless something is decided.</param>
/// <param name="NoteTextId">What the one who handed it over wants the other to know, in the vault; null for nothing.</param>
public sealed record CaseClaimed(
    Guid CaseId, string Area, string ClaimedBy, string? TakenFrom, string? ReasonCode, DateTimeOffset ClaimedAt, DateTimeOffset EndsAt, Guid? NoteTextId = null) : TriageEvent;

/// <param name="ReasonCode">released by the holder, or quiet.</param>
public sealed record CaseReleased(Guid CaseId, string Area, string ClaimedBy, string ReasonCode, DateTimeOffset ReleasedAt) : TriageEvent;

public sealed record CaseClosed(Guid CaseId, string ReasonCode, DateTimeOffset ClosedAt) : TriageEvent;

/// <summary>How far a referral has come.</summary>
public enum ReferralStatus
{
    Proposed,
    Accepted,
    Returned,
}

/// <summary>A matter offered to a named receiver (lähete).</summary>
/// <param name="Receiver">Code of the receiving unit.</param>
/// <param name="Overdue">The receiver has let the time to answer pass.</param>
public sealed record Referral(string Receiver, ReferralStatus Status, DateTimeOffset DueBy, bool Overdue);

/// <param name="By">Subject of the coordinator's token.</param>
/// <param name="From">Who handed it over to them; null when nobody did.</param>
/// <param name="NoteTextId">What that one wants them to know, in the vault; null for nothing.</param>
public sealed record CaseClaim(string By, DateTimeOffset EndsAt, string? From = null, Guid? NoteTextId = null)
{
    /// <summary>A claim whose time is over keeps nobody out, also before it is released.</summary>
    public bool KeepsOut(string subject, DateTimeOffset now) => By != subject && EndsAt > now;
}

/// <param name="EndedAt">When the consent ended; identifies its end.</param>
public sealed record StoppedRoute(Route Route, DateTimeOffset EndedAt);

/// <summary>What another request about the matter says.</summary>
public sealed record Told(Guid CaseId, CaseRequest Request);

/// <summary>The multi-actor judgement on where a consultation belongs (arviointi, ohjautuminen).</summary>
/// <param name="Request">The facts of all its requests together.</param>
/// <param name="AskedFor">Codes of what the requester has been asked for so far.</param>
/// <param name="SignalLeft">A phenomenon has been signalled already; it counts once.</param>
/// <param name="GapLeft">A service gap has been recorded already; it counts once.</param>
/// <param name="NotStaffed">Nobody was found for the decided route.</param>
/// <param name="Alarmed">Danger was reported after the route had been decided, and no coordinator has looked at it yet.</param>
/// <param name="Bounces">How many times the matter has been sent back: by a receiver or by the requester (C-35).</param>
public sealed record TriageCase(
    Guid Id,
    CaseStatus Status,
    string Area,
    CaseRequest? Request,
    Assessment? Assessment,
    IReadOnlyList<string> AskedFor,
    DateTimeOffset? LastInformationAt,
    bool SignalLeft,
    bool GapLeft,
    Route? Route,
    DateTimeOffset? RouteDecidedAt,
    bool NotStaffed,
    Referral? Referral,
    int Bounces,
    DateTimeOffset? LastObjectionAt,
    bool Alarmed)
{
    public const string ReferralDeadline = "referral";
    public const string ClaimDeadline = "claim";
    public const string TransferDeadline = "transfer";
    public const string AssessorDeadline = "assessor";

    public static readonly TriageCase Initial = new(Guid.Empty, CaseStatus.NotOpened, string.Empty, null, null, [], null, false, false, null, null, false, null, 0, null, false);

    public static readonly Aggregate<TriageCase, TriageEvent> Aggregate = new("triage-case", Initial, Evolve)
    {
        Deadlines = state =>
        [
            .. state is { Status: CaseStatus.RouteDecided, Settled: false, Referral: { Status: ReferralStatus.Proposed } referral } ? [new WantedDeadline(ReferralDeadline, referral.DueBy)] : (WantedDeadline[])[],
            .. state.Claim is { } claim ? [new WantedDeadline(ClaimDeadline, claim.EndsAt)] : (WantedDeadline[])[],
            .. state.Assessors.Where(assessor => assessor.IsInvited).Select(assessor => assessor.DueBy).Order().Take(1).Select(due => new WantedDeadline(AssessorDeadline, due)),
            .. state.Transfer is { IsOpen: true } transfer ? [new WantedDeadline(TransferDeadline, transfer.DueBy)] : (WantedDeadline[])[],
        ],
        View = (happened, version) => ViewDocument.Of(RoutingQueueEntry.Fold(happened, version)),
    };

    public static readonly Rejection NotOpened = new("triage.case-not-opened", "The case has not been opened.", RejectionKind.NotFound);
    public static readonly Rejection AlreadyClosed = new("triage.case-closed", "The case is closed.");
    public static readonly Rejection AlreadyLinked = new("triage.case-linked", "Another case carries the matter.");
    public static readonly Rejection AlreadyDecided = new("triage.route-decided", "The route has been decided.");

    /// <summary>The route that a consent's end has ended; null when there is none, or another has been decided since.</summary>
    public StoppedRoute? Stopped { get; init; }

    /// <summary>The policy that it began with: a later one is for later cases.</summary>
    public string PolicyVersion { get; init; } = string.Empty;

    /// <summary>What its own request says.</summary>
    public CaseRequest? Own { get; init; }

    /// <summary>What the other requests about its matter say.</summary>
    public IReadOnlyList<Told> Others { get; init; } = [];

    /// <summary>A coordinator found that its request is about something else than the one it was linked to.</summary>
    public bool Apart { get; init; }

    /// <summary>Whom a coordinator took it apart from: none of them is linked to it, or it to them, unless a coordinator does so.</summary>
    public IReadOnlyList<Guid> ApartFrom { get; init; } = [];

    /// <summary>What its decided route needs; empty for a route that staffs nobody, or that was decided on another case.</summary>
    public IReadOnlyList<Need> Needs { get; init; } = [];

    /// <summary>Whom the newest decided route points to; null when it points to nobody.</summary>
    public Guid? KnowledgeHolder { get; init; }

    /// <summary>Nothing can happen to it any more, not even a reopening.</summary>
    public bool Erased { get; init; }

    /// <summary>The case that carries the matter instead of this one; null while this one does.</summary>
    public Guid? Lead { get; init; }

    /// <summary>All that have ever carried the matter instead of this one, and so have known what its request says.</summary>
    public IReadOnlyList<Guid> Leads { get; init; } = [];

    /// <summary>The cases whose matter this one carries too.</summary>
    public IReadOnlyList<Guid> Joined { get; init; } = [];

    /// <summary>Those of them that came after the route had been decided, and that no coordinator has read yet.</summary>
    public IReadOnlyList<Guid> Unread { get; init; } = [];

    /// <summary>Its consultation is closed.</summary>
    public bool Settled { get; init; }

    /// <summary>All experts who have ever been invited to its assessment, in the order of their invitations.</summary>
    public IReadOnlyList<Assessor> Assessors { get; init; } = [];

    /// <summary>What a coordinator has said about a network coordinator; null when nobody has.</summary>
    public NetworkCoordinatorNeed? NetworkCoordinator { get; init; }

    /// <summary>Which coordinator works on it; null when it is all the area's coordinators'.</summary>
    public CaseClaim? Claim { get; init; }

    /// <summary>The newest transfer to another area; null when there is none, or when it fell away before anybody answered.</summary>
    public CaseTransfer? Transfer { get; init; }

    /// <summary>How many times another area has been asked, and has answered or let its time pass (C-35).</summary>
    public int Transfers { get; init; }

    /// <summary>The areas that have had the case before, or have not taken it.</summary>
    public IReadOnlyList<string> AskedAreas { get; init; } = [];

    /// <summary>A coordinator has decided the route, or kept it, knowing of every danger that was reported until then.</summary>
    public bool DangerSeen { get; init; }

    /// <summary>Danger that nobody has seen to: nobody's claim stands in the way of a decision.</summary>
    public bool IsDanger => Status is CaseStatus.Held || Alarmed || (!DangerSeen && Request is { ImmediateDanger: true });

    /// <summary>Another request about its matter can still be linked to it.</summary>
    public bool CarriesMatter => Lead is null && !Settled && Status is not (CaseStatus.NotOpened or CaseStatus.Closed);

    /// <summary>A coordinator may decide where the matter goes.</summary>
    public bool MayBeDecided => Status switch
    {
        _ when Settled => false,
        CaseStatus.AwaitingConfirmation or CaseStatus.Held or CaseStatus.AwaitingInformation => true,
        CaseStatus.RouteDecided => NotStaffed
            || Alarmed
            || Unread.Count > 0
            || Route is Contracts.Route.ServiceGap or Contracts.Route.KnowledgeHolder
            || (Route is Contracts.Route.SpecialLevel && Referral is null or { Status: ReferralStatus.Proposed, Overdue: true }),
        _ => false,
    };

    /// <summary>It waits for a coordinator's decision, alone and without danger: another area may be asked to take it.</summary>
    public bool MayBeTransferred => this is { Status: CaseStatus.AwaitingConfirmation, IsDanger: false, Settled: false, Lead: null, Joined.Count: 0 };

    /// <summary>A transfer that nobody has answered falls away when the case is weighed anew, decided, linked, held or over: the sending area has it anyway.</summary>
    public static TriageCase Evolve(TriageCase state, TriageEvent happened) => Apply(state, happened) switch
    {
        { Transfer.IsOpen: true } next when !next.MayBeTransferred || happened is ConfirmationAwaited or ConsentEnded => Over(next, happened) with { Transfer = null },
        var next => Over(next, happened),
    };

    /// <summary>Nobody is asked to assess what is over, or what nobody may know of.</summary>
    private static TriageCase Over(TriageCase state, TriageEvent happened) => happened is CaseClosed or CaseSettled or CaseErased or ConsentEnded
        ? state with { Assessors = [.. state.Assessors.Select(assessor => assessor.IsInvited ? assessor with { ReleasedBecause = ReleaseAssessors.CaseOver } : assessor)] }
        : state;

    private static TriageCase Apply(TriageCase state, TriageEvent happened) => happened switch
    {
        CaseOpened e => Initial with { Id = e.CaseId, Status = Waiting(e.Held), Area = e.Area, PolicyVersion = e.PolicyVersion, Request = e.Request, Own = e.Request },
        CaseAssessed e => state with { Assessment = e.Assessment },
        PhenomenonSignalled => state with { SignalLeft = true },
        ServiceGapRecorded => state with { GapLeft = true },
        InformationRequested e => state with { Status = CaseStatus.AwaitingInformation, AskedFor = [.. state.AskedFor, .. e.Asked] },
        InformationReceived e => Knowing(state, e.Request, state.Others) with { LastInformationAt = e.AddedAt },
        ConfirmationAwaited e => state with { Status = Waiting(e.Held), Alarmed = false, DangerSeen = state.DangerSeen && !e.Held },
        SafetyRaised e => WithSafety(state, e) with { Alarmed = state.Alarmed || (IsNews(state.Request!, e) && state.Status is CaseStatus.RouteDecided) },
        RequestCorrected e => Knowing(state, e.Request, state.Others) with { LastInformationAt = e.CorrectedAt },
        ScreeningRecorded e => Knowing(state, With(state.Own!, e.Screening), state.Others),
        ProfileRecorded e => Knowing(state, With(state.Own!, e.Profile), state.Others),
        AssessorInvited e => state with { Assessors = [.. state.Assessors, new Assessor(e.ExpertId, e.InvitationId, e.ReasonCode, e.InvitedBy, e.InvitedAt, e.DueBy, [])] },
        AssessmentContributed e => Knowing(state, state.Own! with { AssessorMarks = [.. (state.Own.AssessorMarks ?? []).Union(e.Marks)] }, state.Others) with { Assessors = Of(state, e.InvitationId, assessor => assessor.With(e)) },
        AssessorReleased e => state with { Assessors = Of(state, e.InvitationId, assessor => assessor with { ReleasedBecause = e.ReasonCode }) },
        NetworkCoordinatorNeedSet e => state with { NetworkCoordinator = e.Need },
        ResponsibleWorkerChanged e => Knowing(state, state.Own! with { ResponsibleWorkerRole = e.Role, ResponsibleWorkerRef = e.Ref }, state.Others),
        RouteKept => state with { Alarmed = false, Unread = [], Claim = null, DangerSeen = true },
        ConsentEnded e => WithoutConsent(state, e),
        RouteDecided e => state with { Status = CaseStatus.RouteDecided, Route = e.Route, RouteDecidedAt = e.DecidedAt, Needs = e.Needs, KnowledgeHolder = e.KnowledgeHolder, NotStaffed = false, Referral = null, Alarmed = false, Unread = [], Stopped = null, Claim = null, DangerSeen = true },
        NeedsChanged e => state with { Needs = e.Needs },
        RouteNotStaffed => state with { NotStaffed = true },
        RouteStaffed => state with { NotStaffed = false, Claim = null },
        ReferralProposed e => state with { Referral = new Referral(e.Receiver, ReferralStatus.Proposed, e.DueBy, Overdue: false) },
        ReferralOverdue e => state with { Referral = state.Referral! with { DueBy = e.DueBy, Overdue = true } },
        ReferralAccepted e => state with { Referral = new Referral(e.Receiver, ReferralStatus.Accepted, e.DueBy, Overdue: false), Claim = null },
        ReferralReturned e => state with
        {
            Status = CaseStatus.AwaitingConfirmation,
            Route = null,
            Referral = new Referral(e.Receiver, ReferralStatus.Returned, e.DueBy, Overdue: false),
            Bounces = e.Returns,
        },
        CaseReopened e => state with { Route = null, Needs = [], Referral = null, NotStaffed = false, Bounces = state.Bounces + (e.Counts ? 1 : 0), LastObjectionAt = e.ObjectedAt, Settled = false },
        CaseClosed => state with { Status = CaseStatus.Closed, Claim = null },
        CaseLinked e => state with { Status = CaseStatus.Linked, Lead = e.LeadId, Leads = [.. state.Leads.Append(e.LeadId).Distinct()], Route = null, Needs = [], Referral = null, NotStaffed = false, Alarmed = false, Apart = false, ApartFrom = [.. state.ApartFrom.Where(other => other != e.LeadId)], Claim = null },
        CaseUnlinked e => state with
        {
            Status = e.DueBy is null ? CaseStatus.RouteDecided : CaseStatus.AwaitingConfirmation,
            Lead = null,
            Route = e.Route,
            Needs = [],
            RouteDecidedAt = e.RouteDecidedAt ?? state.RouteDecidedAt,
            Referral = e.Referral,
            KnowledgeHolder = e.KnowledgeHolder,
            Apart = e.UnlinkedBy != CaseUnlinked.ByPlatform,
            ApartFrom = e.UnlinkedBy != CaseUnlinked.ByPlatform ? [.. state.ApartFrom.Append(e.LeadId).Concat(e.Beside ?? []).Distinct()] : state.ApartFrom,
            DangerSeen = false,
        },
        RequestJoined e => Knowing(state, state.Own!, [.. Without(state.Others, e.JoinedId), new Told(e.JoinedId, e.Request)]) with
        {
            Joined = [.. state.Joined.Append(e.JoinedId).Distinct()],
            ApartFrom = [.. state.ApartFrom.Where(other => other != e.JoinedId)],
            Unread = e.DueBy is null ? state.Unread : [.. state.Unread.Append(e.JoinedId).Distinct()],
            DangerSeen = state.DangerSeen && !e.Request.ImmediateDanger,
        },
        RequestLeft e => Knowing(state, state.Own!, e.TakesFacts ? Without(state.Others, e.LeftId) : state.Others) with { Joined = [.. state.Joined.Where(joined => joined != e.LeftId)], Unread = [.. state.Unread.Where(joined => joined != e.LeftId)] },
        CaseSettled => state with { Settled = true, Claim = null },
        CaseErased => state with { Status = CaseStatus.Closed, Erased = true, Claim = null },
        CaseClaimed e => state with { Claim = new CaseClaim(e.ClaimedBy, e.EndsAt, e.ReasonCode == HandOverCase.HandedOver ? e.TakenFrom : null, e.NoteTextId) },
        CaseReleased => state with { Claim = null },
        TransferProposed e => state with { Transfer = new CaseTransfer(e.ToArea, e.NeedsDecision ? TransferStatus.AwaitsTeam : TransferStatus.Proposed, e.ReasonCode, e.DueBy), Claim = null },
        TransferAllowed e => state with { Transfer = new CaseTransfer(e.ToArea, TransferStatus.Proposed, e.ReasonCode, e.DueBy), Claim = null },
        TransferRefused e => state with { Transfer = new CaseTransfer(e.ToArea, TransferStatus.Refused, e.ReasonCode, e.DueBy), Claim = null },
        TransferReturned e => state with { Transfer = new CaseTransfer(e.ToArea, TransferStatus.Returned, e.ReasonCode, e.DueBy), Transfers = e.Transfers, AskedAreas = [.. state.AskedAreas.Append(e.ToArea).Distinct()], Claim = null },
        TransferAccepted e => state with { Area = e.ToArea, Transfer = new CaseTransfer(e.ToArea, TransferStatus.Accepted, state.Transfer?.ReasonCode ?? string.Empty, e.DueBy), Transfers = e.Transfers, AskedAreas = [.. state.AskedAreas.Append(e.Area).Distinct()], Claim = null },
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };

    // What was asked for once may be asked for again, because it is missing anew.
    private static TriageCase WithoutConsent(TriageCase state, ConsentEnded ended)
    {
        if (!ended.WorkEnds && state.Stopped is { } stopped && stopped.EndedAt == ended.EndedAt)
        {
            return state with { Status = CaseStatus.RouteDecided, Route = stopped.Route, Stopped = null };
        }

        var changed = Knowing(state, state.Own! with { LegalBasisType = CaseRequest.ConsentEnded, LegalBasisValidUntil = null }, state.Others) with
        {
            AskedFor = [.. state.AskedFor.Where(asked => asked != Assessment.LegalBasis)],
            LastInformationAt = ended.EndedAt,
        };
        return ended.WorkEnds ? changed with { Route = null, Referral = null, NotStaffed = false, Stopped = state.Route is { } route ? new StoppedRoute(route, ended.EndedAt) : null } : changed;
    }

    private static TriageCase Knowing(TriageCase state, CaseRequest own, IReadOnlyList<Told> others)
    {
        var request = others.Aggregate(own, (known, told) => JoinMatter.Together(known, told.Request));
        return state with { Own = own, Others = others, Request = request, DangerSeen = state.DangerSeen && !SaysAnotherDanger(state.Request, request) };
    }

    private static bool SaysAnotherDanger(CaseRequest? before, CaseRequest now) =>
        now.ImmediateDanger && (before is not { ImmediateDanger: true } || before.DangerReportedAt != now.DangerReportedAt);

    private static List<Told> Without(IReadOnlyList<Told> others, Guid left) => [.. others.Where(told => told.CaseId != left)];

    private static TriageCase WithSafety(TriageCase state, SafetyRaised raised) => state.Others.FirstOrDefault(told => told.CaseId == raised.By) is { } by
        ? Knowing(state, state.Own!, [.. state.Others.Select(told => told == by ? by with { Request = Raised(by.Request, raised) } : told)])
        : Knowing(state, Raised(state.Own!, raised), state.Others);

    /// <summary>A danger that no report before it was about.</summary>
    private static bool IsNews(CaseRequest request, SafetyRaised raised) => raised.ImmediateDanger && !(raised.ReportedAt <= request.DangerReportedAt);

    internal static CaseRequest Raised(CaseRequest request, SafetyRaised raised) => request with
    {
        ImmediateDanger = request.ImmediateDanger || raised.ImmediateDanger,
        DangerReportedAt = IsNews(request, raised) ? raised.ReportedAt : request.DangerReportedAt,
        HighRisk = request.HighRisk || raised.HighRisk,
        Urgency = raised.Urgency is { } urgency && urgency > request.Urgency ? urgency : request.Urgency,
    };

    private static CaseRequest With(CaseRequest request, Screening screening) => request with
    {
        HasScreening = true,
        Screenings = [.. (request.Screenings ?? []).Where(other => other.Instrument != screening.Instrument), screening],
    };

    private static CaseRequest With(CaseRequest request, Profile profile) => request with
    {
        Profiles = [.. (request.Profiles ?? []).Where(other => (other.Tool, other.Source) != (profile.Tool, profile.Source)), profile],
    };

    private static IReadOnlyList<Assessor> Of(TriageCase state, Guid invitation, Func<Assessor, Assessor> next) =>
        [.. state.Assessors.Select(assessor => assessor.InvitationId == invitation ? next(assessor) : assessor)];

    private static CaseStatus Waiting(bool held) => held ? CaseStatus.Held : CaseStatus.AwaitingConfirmation;
}
