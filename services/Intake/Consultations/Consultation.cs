using System.Diagnostics;
using OtPlatform.Contracts;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>Which text on where to turn at once belongs to a consultation.</summary>
public enum EmergencyNotice
{
    None,
    ImmediateDanger,
    OutsideDutyHours,
}

/// <summary>When the next step is due, and when the next accountable level takes over because it did not come.</summary>
public sealed record NextStep(DateTimeOffset DueBy, DateTimeOffset OverdueAt);

/// <summary>Absence from school as the requester gave it (C-41 to C-54).</summary>
/// <param name="Hours">Hours of absence; every kind counts (C-53).</param>
public sealed record SchoolAbsence(decimal Hours, bool MeetingHeld, DateOnly? FollowUpDate, string? FollowUpResponsibleRef);

/// <summary>A screening instrument as the requester filled it in.</summary>
public sealed record Screening(string Instrument, int Version, IReadOnlyDictionary<string, int> Answers, IReadOnlyList<string> ParticipantRoles);

/// <summary>Somebody who works on the matter.</summary>
/// <param name="ExpertId">Null for the requesting side's own worker.</param>
/// <param name="Until">Last day; the access ends with it.</param>
public sealed record Member(Guid? ExpertId, string Role, string? Sector, string? Organisation, string? Profession, string? Channel, DateOnly From, DateOnly Until);

/// <summary>What allows the matter to be shared.</summary>
/// <param name="Type">consent, statutory or anonymous.</param>
/// <param name="ValidUntil">Last day; null when it has none.</param>
/// <param name="Ended">It was withdrawn or has expired, and nothing has come in its place.</param>
public sealed record LegalBasis(string Type, DateOnly? ValidUntil, bool Ended)
{
    public const string Consent = "consent";

    public bool IsConsentInForce => Type == Consent && !Ended;

    /// <summary>The first moment after the last day; null when it has none, as after the last day that there is.</summary>
    public DateTimeOffset? EndsAt => ValidUntil is { } last && last < DateOnly.MaxValue ? new DateTimeOffset(last.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : null;
}

/// <summary>Whose step it was, and until when, before it was hastened.</summary>
public sealed record Interrupted(Accountable Responsible, NextStep Next);

/// <summary>What a consent's end has stopped; an answer to it that was given before may still be on its way.</summary>
/// <param name="Decision">The newest that was known.</param>
public sealed record Stopped(ConsentEnded By, DateTimeOffset? Decision, Route? Route);

/// <param name="TextId">Identifies the message.</param>
public sealed record KnownMessage(Guid TextId, string From);

/// <summary>What the requester wrote and nobody has answered yet.</summary>
/// <param name="TextId">The oldest of such messages.</param>
/// <param name="To">Whose answer it is.</param>
public sealed record UnansweredMessage(Guid TextId, string To, DateTimeOffset AnswerBy);

/// <summary>An expert who may read the case's words.</summary>
/// <param name="InvitationId">The invitation that gave the access; null for a member.</param>
/// <param name="Until">Last day of the membership or of the work asked for.</param>
/// <param name="Assesses">Asked by Triage to assess the matter: what becomes of the search for others does not end it.</param>
public sealed record ExpertAccess(Guid ExpertId, Guid? InvitationId, DateOnly Until, bool Assesses = false);

public abstract record ConsultationEvent
{
    /// <summary>The stream that the event belongs to.</summary>
    public abstract Guid ConsultationId { get; init; }
}

public sealed record ConsultationSubmitted(
    Guid ConsultationId,
    string Number,
    string Organisation,
    string? MatterKey,
    ConsultationKind Kind,
    string Area,
    string County,
    string? Municipality,
    string Language,
    string? AgeBand,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> Marks,
    IReadOnlyList<string> Services,
    IReadOnlyList<string> UnknownCodes,
    string Sector,
    string RequesterRole,
    Guid RequestingUnitId,
    string? ResponsibleWorkerRole,
    string? ResponsibleWorkerRef,
    int TriedCount,
    Urgency Urgency,
    bool ImmediateDanger,
    bool HighRisk,
    bool HasContactWarning,
    IReadOnlyList<string> WishedChannels,
    string LegalBasisType,
    DateOnly? LegalBasisValidUntil,
    Screening? Screening,
    SchoolAbsence? SchoolAbsence,
    EmergencyNotice EmergencyNotice,
    IReadOnlyDictionary<string, Guid> TextIds,
    DateTimeOffset SubmittedAt,
    NextStep Next) : ConsultationEvent;

/// <summary>Carries the submission, because it travels alone and may arrive before it.</summary>
public sealed record ImmediateDangerReported(Guid ConsultationId, ConsultationSubmitted Submission, DateTimeOffset ReportedAt) : ConsultationEvent;

/// <summary>The requester says later how urgent or dangerous it is. It only adds; nothing is taken back by it.</summary>
/// <param name="TextIds">A warning for the contact, and further words.</param>
public sealed record SafetyReported(
    Guid ConsultationId,
    bool ImmediateDanger,
    bool HighRisk,
    Urgency? Urgency,
    EmergencyNotice EmergencyNotice,
    IReadOnlyDictionary<string, Guid> TextIds,
    DateTimeOffset ReportedAt) : ConsultationEvent;

/// <param name="From">requester, coordinator or expert.</param>
/// <param name="To">The accountable kind that acts now, <c>team</c> while one works, or requester.</param>
public sealed record MessageSent(Guid ConsultationId, Guid TextId, string From, string To, DateTimeOffset SentAt, DateTimeOffset? AnswerBy = null) : ConsultationEvent
{
    public const string Requester = "requester";
}

/// <summary>Nobody has answered what the requester wrote by its date: the next level has to, by a new one.</summary>
/// <param name="TextId">The oldest message that waits.</param>
/// <param name="To">areaCoordinators or coordinatingTeam.</param>
public sealed record MessageOverdue(Guid ConsultationId, Guid TextId, string To, DateTimeOffset FoundAt, DateTimeOffset AnswerBy) : ConsultationEvent;

/// <param name="Ref">The partner's own reference of the worker.</param>
public sealed record ResponsibleWorkerChanged(Guid ConsultationId, string Role, string Ref, Guid? UnitTextId, DateTimeOffset ChangedAt) : ConsultationEvent;

/// <summary>Something in the request was wrong; null means not touched.</summary>
public sealed record ConsultationCorrected(
    Guid ConsultationId,
    string? AgeBand,
    IReadOnlyList<string>? Topics,
    IReadOnlyList<string>? Marks,
    IReadOnlyList<string>? Services,
    bool HasUnknownCodes,
    IReadOnlyDictionary<string, Guid> TextIds,
    DateTimeOffset CorrectedAt) : ConsultationEvent;

/// <param name="Score">1 (no help) to 5 (the help that was needed).</param>
public sealed record FeedbackGiven(Guid ConsultationId, int Score, Guid? TextId, DateTimeOffset GivenAt) : ConsultationEvent;

/// <summary>The requester has reached the named holder of knowledge.</summary>
public sealed record ContactConfirmed(Guid ConsultationId, DateTimeOffset ConfirmedAt, NextStep Next) : ConsultationEvent;

/// <summary>Somebody has seen to a hastened step: it is whose it was before.</summary>
public sealed record StepResumed(Guid ConsultationId, Accountable Responsible, DateTimeOffset Since, NextStep Next) : ConsultationEvent;

/// <summary>Somebody has to act sooner than was due; the status stays.</summary>
/// <param name="InDanger">Whoever sees to it lets the step go on as it was; without danger the sooner date holds.</param>
/// <param name="Unread">The same, because the request came when where its matter goes had been decided: a coordinator has to read it.</param>
public sealed record StepHastened(Guid ConsultationId, Accountable Responsible, bool InDanger, DateTimeOffset Since, NextStep Next, bool Unread = false) : ConsultationEvent;

/// <summary>The area lets this request go by way of its key person (avainhenkilö, C-06, C-07).</summary>
/// <param name="Organisation">The key person's.</param>
/// <param name="First">They are accountable until they pass it on; false when they only see it too.</param>
public sealed record KeyPersonAsked(Guid ConsultationId, string Organisation, bool First, DateTimeOffset AskedAt, NextStep Next) : ConsultationEvent;

/// <summary>The key person has passed the request on to the coordinators, as it is.</summary>
public sealed record PassedOn(Guid ConsultationId, DateTimeOffset PassedOnAt, NextStep Next) : ConsultationEvent;

/// <param name="WithKeyPerson">The key person is accountable still.</param>
public sealed record TriageTookOver(Guid ConsultationId, bool Held, DateTimeOffset TookOverAt, NextStep Next, bool WithKeyPerson = false) : ConsultationEvent;

public sealed record TriageResumed(Guid ConsultationId, bool Held, DateTimeOffset ResumedAt, NextStep Next) : ConsultationEvent;

/// <summary>A coordinator has taken the matter, or it is all the area's coordinators' again.</summary>
/// <param name="Responsible">Who has to act now; null when that is somebody else anyway.</param>
/// <param name="Next">As it was; null with <paramref name="Responsible"/>.</param>
public sealed record ClaimFollowed(Guid ConsultationId, bool Claimed, Accountable? Responsible, DateTimeOffset Since, NextStep? Next) : ConsultationEvent;

public sealed record InformationAsked(Guid ConsultationId, IReadOnlyList<string> Asked, DateTimeOffset AskedAt, NextStep Next) : ConsultationEvent;

public sealed record InformationAdded(
    Guid ConsultationId,
    int TriedCount,
    IReadOnlyList<string>? Topics,
    IReadOnlyList<string>? Marks,
    IReadOnlyList<string>? Services,
    bool HasUnknownCodes,
    string? LegalBasisType,
    DateOnly? LegalBasisValidUntil,
    IReadOnlyDictionary<string, Guid> TextIds,
    DateTimeOffset AddedAt,
    NextStep Next) : ConsultationEvent;

/// <param name="ByPolicy">True when the area let the recommendation through without a coordinator.</param>
/// <param name="KnowledgeHolder">Whom the requester is pointed to; null for any other route, and for what came before it was said.</param>
public sealed record RouteFollowed(Guid ConsultationId, Route Route, bool ByPolicy, DateTimeOffset DecidedAt, NextStep Next, Guid? KnowledgeHolder = null) : ConsultationEvent;

/// <summary>The decision arrived after the outcome that it had led to; it only says which route that was.</summary>
/// <param name="KnowledgeHolder">As in <see cref="RouteFollowed"/>.</param>
public sealed record RouteLearned(Guid ConsultationId, Route Route, bool ByPolicy, DateTimeOffset DecidedAt, Guid? KnowledgeHolder = null) : ConsultationEvent;

/// <param name="Until">Last day of the work that the expert was asked for.</param>
/// <param name="Assesses">Asked by Triage to assess the matter; false when asked to do the work.</param>
public sealed record ExpertAdmitted(Guid ConsultationId, Guid ExpertId, Guid InvitationId, DateOnly Until, DateTimeOffset AdmittedAt, bool Assesses = false) : ConsultationEvent;

/// <param name="InvitationId">Null for the access of a member.</param>
public sealed record ExpertAccessEnded(Guid ConsultationId, Guid ExpertId, Guid? InvitationId, DateTimeOffset EndedAt) : ConsultationEvent;

public sealed record ConsultationArranged(Guid ConsultationId, Member Expert, DateTimeOffset ArrangedAt, DateTimeOffset RouteDecidedAt, NextStep Next) : ConsultationEvent;

public sealed record TeamStarted(Guid ConsultationId, IReadOnlyList<Member> Members, bool NetworkCoordinator, DateTimeOffset StartedAt, DateTimeOffset RouteDecidedAt, NextStep Next) : ConsultationEvent;

public sealed record ServiceGapFound(Guid ConsultationId, DateTimeOffset FoundAt, DateTimeOffset RouteDecidedAt, NextStep Next) : ConsultationEvent;

public sealed record HandedToCoordinator(Guid ConsultationId, string ReasonCode, DateTimeOffset HandedAt, DateTimeOffset RouteDecidedAt, NextStep Next) : ConsultationEvent;

/// <param name="Knowledge">Codes of knowledge items.</param>
/// <param name="By">expert or coordinator.</param>
/// <param name="Of">The request whose case was answered, when this one is linked to it; null for the answer to its own.</param>
public sealed record ConsultationAnswered(
    Guid ConsultationId, Guid AnswerTextId, IReadOnlyList<string> Knowledge, string By, DateTimeOffset AnsweredAt, DateTimeOffset RouteDecidedAt, NextStep Next, Guid? Of = null) : ConsultationEvent
{
    public const string ByCoordinator = "coordinator";
}

public sealed record TeamEnded(Guid ConsultationId, string OutcomeCode, DateTimeOffset EndedAt, DateTimeOffset RouteDecidedAt, NextStep Next) : ConsultationEvent;

/// <param name="Receiver">Code of the receiving unit.</param>
public sealed record ReferralProposed(Guid ConsultationId, string Receiver, DateTimeOffset ProposedAt, NextStep Next) : ConsultationEvent;

public sealed record ReferralAccepted(Guid ConsultationId, string Receiver, DateTimeOffset AcceptedAt, NextStep Next) : ConsultationEvent;

public sealed record ReferralReturned(Guid ConsultationId, string Receiver, string ReasonCode, DateTimeOffset ReturnedAt, NextStep Next) : ConsultationEvent;

/// <summary>The return arrived after a later route had led to something; it only counts.</summary>
public sealed record ReturnLearned(Guid ConsultationId, string Receiver, string ReasonCode, DateTimeOffset ReturnedAt) : ConsultationEvent;

/// <summary>A step of a transfer to another area; with its acceptance the request is that area's.</summary>
/// <param name="ToArea">Code of the other area.</param>
/// <param name="Transfers">How many times another area has been asked, and has answered or let its time pass; 0 while one is asked.</param>
/// <param name="Next">Null when the request has gone on already: then only where it is changes.</param>
public sealed record TransferFollowed(Guid ConsultationId, TransferStep Step, string ToArea, int Transfers, DateTimeOffset At, NextStep? Next) : ConsultationEvent;

public sealed record AnswerObjected(Guid ConsultationId, Guid? ReasonTextId, DateTimeOffset ObjectedAt) : ConsultationEvent;

/// <summary>Until Triage has taken the matter over again.</summary>
/// <param name="ForObjection">False when another event beside it says why.</param>
public sealed record TriageAwaited(Guid ConsultationId, DateTimeOffset Since, NextStep Next, bool ForObjection = true) : ConsultationEvent;

public sealed record ConsultationReopened(Guid ConsultationId, Guid ReasonTextId, DateTimeOffset ReopenedAt) : ConsultationEvent;

public sealed record ConsentRecorded(Guid ConsultationId, DateOnly? ValidUntil, Guid? ReferenceTextId, DateTimeOffset RecordedAt) : ConsultationEvent;

/// <param name="ReasonCode">withdrawn or expired.</param>
/// <param name="WorkEnds">Whatever was under way on the ground of the consent ends; false when there is nothing that could.</param>
public sealed record ConsentEnded(Guid ConsultationId, string ReasonCode, bool WorkEnds, Guid? ReasonTextId, DateTimeOffset EndedAt) : ConsultationEvent
{
    public const string Withdrawn = "withdrawn";
    public const string Expired = "expired";
}

/// <summary>Until the requester has given a legal basis anew.</summary>
public sealed record LegalBasisAwaited(Guid ConsultationId, DateTimeOffset Since, NextStep Next) : ConsultationEvent;

/// <summary>Two requests are about one matter, which one case carries (C-34).</summary>
/// <param name="With">The other request.</param>
/// <param name="Carries">This request's own case is the one that carries the matter.</param>
public sealed record RequestLinked(Guid ConsultationId, Guid With, bool Carries, DateTimeOffset LinkedAt) : ConsultationEvent;

/// <param name="From">The other request.</param>
/// <param name="Next">For the coordinators, when where it goes is to be decided anew; null when nothing else changes.</param>
/// <param name="TakenBack">A coordinator found that it is another matter: what the other was answered was never for this one.</param>
public sealed record RequestUnlinked(Guid ConsultationId, Guid From, DateTimeOffset UnlinkedAt, NextStep? Next, bool TakenBack = false) : ConsultationEvent;

/// <param name="ReasonCode">confirmed or objectionTimeOver.</param>
public sealed record ConsultationClosed(Guid ConsultationId, string ReasonCode, DateTimeOffset ClosedAt) : ConsultationEvent;

public sealed record NextStepOverdue(Guid ConsultationId, Accountable NowAccountable, DateTimeOffset FoundAt, NextStep Next) : ConsultationEvent;

public sealed record ConsultationWithdrawn(Guid ConsultationId, DateTimeOffset WithdrawnAt) : ConsultationEvent;

/// <param name="CompleteBy">When no backup can bring the words back any more.</param>
public sealed record ConsultationErased(Guid ConsultationId, DateTimeOffset ErasedAt, DateTimeOffset CompleteBy) : ConsultationEvent;

/// <summary>
/// Triage and the assembly of a team speak over two queues without a common order. Each of the assembly's words belongs to one of
/// Triage's decisions, and the time of that decision tells which word is the newer one.
/// </summary>
/// <param name="Decision">The decision that was followed or learned last.</param>
/// <param name="Triage">Newest word of Triage that was followed.</param>
/// <param name="Assembly">Newest decision that the assembly has said anything about.</param>
/// <param name="Outcome">Newest decision whose outcome the status comes from.</param>
/// <param name="Objected">The decision to whose outcome the requester objected; nothing more of it counts.</param>
public sealed record WordOrder(DateTimeOffset? Decision, DateTimeOffset? Triage, DateTimeOffset? Assembly, DateTimeOffset? Outcome, DateTimeOffset? Objected)
{
    public static readonly WordOrder Nothing = new(null, null, null, null, null);

    /// <summary>Triage has spoken since, or the requester has objected: what the assembly did for <paramref name="decision"/> is over.</summary>
    public bool IsOverruled(DateTimeOffset decision) => decision < Triage || decision <= Objected;

    /// <summary>The assembly has acted on this or a later decision already: what Triage said at <paramref name="saidAt"/> arrives late.</summary>
    public bool IsOvertaken(DateTimeOffset saidAt) => saidAt <= Assembly;

    /// <summary>The requester has ended all that is known so far; nothing more of it counts.</summary>
    internal WordOrder Over() => this with { Objected = new[] { Objected, Outcome, Decision, Assembly }.Max() };

    internal WordOrder Said(DateTimeOffset at) => this with { Triage = at };

    internal WordOrder Decided(DateTimeOffset at) => this with { Decision = at, Triage = at };

    internal WordOrder Acted(DateTimeOffset decision) => this with { Assembly = decision, Outcome = decision };
}

/// <summary>A professional's request for help, followed from their side (konsultaatiopyyntö).</summary>
/// <param name="Status">Null before the submission.</param>
/// <param name="Submission">What travels with danger that is reported later, because that may arrive first.</param>
/// <param name="Interrupted">What goes on when somebody has seen to a hastened step; null when none is.</param>
/// <param name="Messages">From either side.</param>
/// <param name="HasFeedback">What came of it has been judged by the requester.</param>
/// <param name="LastWordAt">When the requester said the newest of their later words; identifies it.</param>
public sealed record Consultation(
    Guid Id,
    ConsultationStatus? Status,
    Accountable? Responsible,
    NextStep? Next,
    Route? Route,
    bool TakenOver,
    int TriedCount,
    DateTimeOffset? LastInformationAt,
    WordOrder Order,
    IReadOnlyList<ExpertAccess> Access,
    LegalBasis? Basis,
    bool Danger,
    ConsultationSubmitted? Submission,
    Interrupted? Interrupted,
    IReadOnlyList<KnownMessage> Messages,
    bool HasFeedback,
    DateTimeOffset? LastWordAt)
{
    public const string NextStepDeadline = "next-step";
    public const string ObjectionDeadline = "objection";
    public const string ConsentDeadline = "consent";
    public const string MessageDeadline = "message";
    public const int MostMessages = 200;

    public static readonly Consultation Initial = new(Guid.Empty, null, null, null, null, false, 0, null, WordOrder.Nothing, [], null, false, null, null, [], false, null);

    public static readonly Aggregate<Consultation, ConsultationEvent> Aggregate = new("consultation", Initial, Evolve)
    {
        Deadlines = DeadlinesOf,
        View = (happened, version) => ViewDocument.Of(RequestersView.Fold(happened, version)),
    };

    public static readonly Rejection NotSubmitted = new("intake.consultation-unknown", "There is no such consultation.", RejectionKind.NotFound);
    public static readonly Rejection AlreadyWithdrawn = new("intake.consultation-withdrawn", "The consultation has been withdrawn.");
    public static readonly Rejection AlreadyClosed = new("intake.consultation-closed", "The consultation is closed.");
    public static readonly Rejection AlreadyErased = new("intake.consultation-erased", "The consultation has been erased.");
    public static readonly Rejection AlreadyRouted = new("intake.consultation-routed", "The route has been decided; information can no longer change it.");
    public static readonly Rejection NotAnswered = new("intake.consultation-not-answered", "There is nothing to confirm or to object to yet.");

    public static readonly Rejection NotOver = new("intake.consultation-not-over", "Only what is withdrawn, closed or with a receiver can be reopened.");
    /// <summary>Also what a reader gets who is not of the requesting side.</summary>
    public static readonly Rejection WordsClosed = new("intake.words-closed", "The client's consent has ended: only the requesting side reads the words, until another legal basis is recorded.");
    public static readonly Rejection NoConsent = new("intake.no-consent", "No consent is in force that could be withdrawn.");

    public static readonly Rejection NotWithKeyPerson = new("intake.not-with-key-person", "Only the area's key person passes a request on, and only while it is with them.");
    public static readonly Rejection TooManyMessages = new("intake.too-many-messages", "The consultation has as many messages as it can hold.");
    public static readonly Rejection NoFeedback = new("intake.nothing-to-judge", "There is nothing to judge yet, or it has been judged already.");

    /// <summary>Whom the newest route points to; null when it points to nobody.</summary>
    public Guid? KnowledgeHolder { get; init; }

    /// <summary>When danger was reported last.</summary>
    public DateTimeOffset? DangerAt { get; init; }

    /// <summary>When the key person has passed it on.</summary>
    public DateTimeOffset? PassedOnAt { get; init; }

    /// <summary>The request whose case carries the matter; null while its own does.</summary>
    public Guid? Lead { get; init; }

    /// <summary>The requests whose matter its own case carries too: whatever is said about the case is for them as well.</summary>
    public IReadOnlyList<Guid> Followers { get; init; } = [];

    /// <summary>The requester's oldest message that waits for an answer; null when none does.</summary>
    public UnansweredMessage? Unanswered { get; init; }

    /// <summary>The newest step of a transfer to another area; null when there was none.</summary>
    public TransferFollowed? Transfer { get; init; }

    /// <summary>A coordinator has it: what the area's coordinators have to do is theirs.</summary>
    public bool Claimed { get; init; }

    /// <summary>Its words are gone for good; it only lists.</summary>
    public bool Erased { get; init; }

    /// <summary>When the newest danger was reported that nobody has seen to yet; null when there is none.</summary>
    public DateTimeOffset? AlarmedAt { get; init; }

    /// <summary>When it was linked to a matter that had been decided without it, and no coordinator has read it yet; null when that is not so.</summary>
    public DateTimeOffset? UnreadSince { get; init; }

    /// <summary>Null unless a consent's end has stopped something, and nothing has come of it since.</summary>
    public Stopped? Stopped { get; init; }

    /// <summary>There is an answer that the end of the consent did not stop, so that nothing which triage asks because of that end is needed.</summary>
    public bool IsAnsweredBeforeConsentEnded => Status is ConsultationStatus.Answered && ConsentHasEnded;

    /// <summary>The step that goes on once nobody has to hurry any more.</summary>
    public NextStep? OrdinaryNext => Interrupted?.Next ?? Next;

    public bool IsOpen => Ended is null;

    /// <summary>Why nothing can happen to it any more, or not yet; null while it is open.</summary>
    public Rejection? Ended => Status switch
    {
        null => NotSubmitted,
        _ when Erased => AlreadyErased,
        ConsultationStatus.Withdrawn => AlreadyWithdrawn,
        ConsultationStatus.Closed => AlreadyClosed,
        _ => null,
    };

    /// <summary>New facts can still change where the matter goes.</summary>
    public bool TakesInformation => Route is null && Status is ConsultationStatus.Received or ConsultationStatus.NeedsInformation or ConsultationStatus.InTriage;

    /// <summary>The requester can say that they have what they need.</summary>
    public bool TakesConfirmation => Status is ConsultationStatus.Answered or ConsultationStatus.ReferralAccepted or ConsultationStatus.PointedToKnowledgeHolder;

    /// <summary>The requester can say that it does not help.</summary>
    public bool TakesObjection => Status is ConsultationStatus.Answered or ConsultationStatus.PointedToKnowledgeHolder;

    /// <summary>The requester can say how much it has helped.</summary>
    public bool TakesFeedback => !Erased && !HasFeedback && (Status is ConsultationStatus.Answered or ConsultationStatus.Closed or ConsultationStatus.ReferralAccepted);

    public bool TakesMessages => IsOpen && Messages.Count(message => message.From == MessageSent.Requester) < MostMessages;

    /// <summary>The requester can ask for the matter to be taken up again.</summary>
    public bool TakesReopening => !Erased && (Status is ConsultationStatus.Withdrawn or ConsultationStatus.Closed or ConsultationStatus.ReferralAccepted);

    /// <summary>A consent can be withdrawn, and ends by itself on its last day: also when the request is over, as long as anything of it is there.</summary>
    public bool HasConsent => Status is not null && !Erased && Basis is { IsConsentInForce: true };

    /// <summary>The consent on which the matter was shared is no more: nobody new gets to know of it.</summary>
    public bool ConsentHasEnded => Basis is { Ended: true };

    /// <summary>
    /// Nobody but the requesting side reads the words any more: the consent on which they were shared is no more. Only who has to act at once
    /// in danger reads on, while nothing has come of it yet.
    /// </summary>
    public bool IsClosedToOthers => ConsentHasEnded && !(Danger && IsOpen && Status is not (ConsultationStatus.Answered or ConsultationStatus.ReferralAccepted));

    /// <summary>What the requester may do now (PRODUCT: allowedActions).</summary>
    public IReadOnlyList<string> AllowedActions =>
    [
        .. TakesInformation ? ["information"] : Array.Empty<string>(),
        .. TakesConfirmation ? ["confirmation"] : Array.Empty<string>(),
        .. TakesObjection ? ["objection"] : Array.Empty<string>(),
        .. IsOpen ? ["withdrawal"] : Array.Empty<string>(),
        .. TakesReopening ? ["reopening"] : Array.Empty<string>(),
        .. TakesMessages ? ["messages"] : Array.Empty<string>(),
        .. IsOpen ? ["safety", "responsible-worker", "correction"] : Array.Empty<string>(),
        .. TakesFeedback ? ["feedback"] : Array.Empty<string>(),
        .. IsOpen ? ["consent"] : Array.Empty<string>(),
        .. HasConsent ? ["consent/withdrawal"] : Array.Empty<string>(),
        .. Status is not null && !Erased ? ["erasure"] : Array.Empty<string>(),
    ];

    /// <summary>What happened by itself. While nobody has seen to a danger or read the request, it becomes what goes on afterwards, and the hastened step stays.</summary>
    internal Decision<ConsultationEvent> WithAlarmKept(ConsultationEvent happened, DateTimeOffset at) =>
        AlarmedAt is not null ? new[] { happened, new StepHastened(Id, Responsible!.Value, InDanger: true, at, Next!) }
        : Apply(this, happened).UnreadSince is { } since ? new[] { happened, new StepHastened(Id, Responsible!.Value, InDanger: false, since, Next!, Unread: true) }
        : happened;

    /// <summary>What the area's coordinators have to do after <paramref name="decided"/> is the one's who has the matter.</summary>
    internal Decision<ConsultationEvent> WithClaimKept(Decision<ConsultationEvent> decided) =>
        decided.Events.Aggregate(this, Evolve) is { Claimed: true, WaitsToBeSeen: false, Route: null, Responsible: Accountable.AreaCoordinators, Next: { } next }
            ? new List<ConsultationEvent>([.. decided.Events, new ClaimFollowed(Id, true, Accountable.Coordinator, Standing.After(decided.Events[^1])!.Since, next)])
            : decided;

    /// <summary>Nobody has seen to a danger, or read the request, yet.</summary>
    internal bool WaitsToBeSeen => AlarmedAt is not null || UnreadSince is not null;

    /// <summary>Somebody has decided at <paramref name="at"/>, after the danger was reported and the request was there to be read.</summary>
    internal bool IsSeenToBy(DateTimeOffset at) => !(at < AlarmedAt) && !(at < UnreadSince);

    public static Consultation Evolve(Consultation state, ConsultationEvent happened)
    {
        var next = Apply(state, happened) with { Unanswered = EscalateUnansweredMessage.After(state, happened) };
        return Standing.After(happened) is { } standing
            ? next with
            {
                Status = standing.Status ?? next.Status,
                Responsible = standing.Responsible,
                Next = standing.Next,
                Interrupted = happened switch
                {
                    StepHastened { InDanger: true } or StepHastened { Unread: true } => state.Interrupted ?? new Interrupted(state.Responsible!.Value, state.Next!),
                    StepHastened or NextStepOverdue => state.Interrupted,
                    ClaimFollowed => next.Interrupted,
                    _ => null,
                },
                Claimed = happened is StepHastened or NextStepOverdue or InformationAsked or InformationAdded or PassedOn or TriageResumed ? state.Claimed : next.Claimed && happened is ClaimFollowed,
            }
            : next;
    }

    private static Consultation Apply(Consultation state, ConsultationEvent happened) => happened switch
    {
        ConsultationSubmitted e => Initial with
        {
            Id = e.ConsultationId,
            TriedCount = e.TriedCount,
            Basis = new LegalBasis(e.LegalBasisType, e.LegalBasisValidUntil, Ended: false),
            Danger = e.ImmediateDanger,
            DangerAt = e.ImmediateDanger ? e.SubmittedAt : null,
            Submission = e,
        },
        SafetyReported e => state with { Danger = state.Danger || e.ImmediateDanger, AlarmedAt = e.ImmediateDanger ? e.ReportedAt : state.AlarmedAt, DangerAt = e.ImmediateDanger ? e.ReportedAt : state.DangerAt, LastWordAt = e.ReportedAt },
        MessageSent e => state with { Messages = [.. state.Messages, new KnownMessage(e.TextId, e.From)], LastWordAt = e.From == MessageSent.Requester ? e.SentAt : state.LastWordAt },
        MessageOverdue => state,
        ResponsibleWorkerChanged e => state with { LastWordAt = e.ChangedAt },
        ConsultationCorrected e => state with { LastWordAt = e.CorrectedAt },
        FeedbackGiven e => state with { HasFeedback = true, LastWordAt = e.GivenAt },
        ContactConfirmed e => state with { HasFeedback = false, Order = state.Order with { Outcome = state.Order.Decision }, LastWordAt = e.ConfirmedAt },
        ClaimFollowed { Claimed: false } when state is { Route: null, Interrupted: { Responsible: Accountable.Coordinator } interrupted } =>
            state with { Claimed = false, Interrupted = interrupted with { Responsible = Accountable.AreaCoordinators } },
        ClaimFollowed e => state with { Claimed = e.Claimed },
        PassedOn e => state with { PassedOnAt = e.PassedOnAt },
        StepResumed => state with { AlarmedAt = null, UnreadSince = null },
        StepHastened { Unread: true } e => state with { UnreadSince = state.UnreadSince ?? e.Since },
        StepHastened { InDanger: true } e => state with { AlarmedAt = state.AlarmedAt ?? e.Since },
        // Whoever decides where it goes reads it.
        TriageAwaited or LegalBasisAwaited => state with { UnreadSince = null },
        ImmediateDangerReported or KeyPersonAsked or StepHastened or NextStepOverdue => state,
        TriageTookOver e => state with { TakenOver = true, UnreadSince = null, AlarmedAt = e.Held ? null : state.AlarmedAt, Order = state.Order.Said(e.TookOverAt) },
        TriageResumed e => state with { Route = null, UnreadSince = Later(state.UnreadSince, e.ResumedAt), AlarmedAt = e.Held ? null : state.AlarmedAt, Order = state.Order.Said(e.ResumedAt) },
        InformationAsked e => state with { UnreadSince = Later(state.UnreadSince, e.AskedAt), Order = state.Order.Said(e.AskedAt) },
        InformationAdded e => state with
        {
            TriedCount = e.TriedCount,
            LastInformationAt = e.AddedAt,
            Basis = e.LegalBasisType is { } type ? new LegalBasis(type, e.LegalBasisValidUntil, Ended: false) : state.Basis,
        },
        RouteFollowed e => state with { Route = e.Route, KnowledgeHolder = e.KnowledgeHolder, UnreadSince = Later(state.UnreadSince, e.DecidedAt), AlarmedAt = AfterDecision(state, e.ByPolicy, e.DecidedAt), Order = state.Order.Decided(e.DecidedAt) },
        RouteLearned e => state with { Claimed = false, Route = e.Route, KnowledgeHolder = e.KnowledgeHolder, UnreadSince = Later(state.UnreadSince, e.DecidedAt), AlarmedAt = AfterDecision(state, e.ByPolicy, e.DecidedAt), Order = state.Order.Decided(e.DecidedAt) },
        ExpertAdmitted e => state with { Access = [.. state.Access, new ExpertAccess(e.ExpertId, e.InvitationId, e.Until, e.Assesses)] },
        ExpertAccessEnded e => state with { Access = [.. state.Access.Where(access => (access.ExpertId, access.InvitationId) != (e.ExpertId, e.InvitationId))] },
        ConsultationArranged e => state with { Access = Of([e.Expert]), Order = state.Order.Acted(e.RouteDecidedAt) },
        TeamStarted e => state with { Access = Of(e.Members), Order = state.Order.Acted(e.RouteDecidedAt) },
        ServiceGapFound e => state with { Access = [.. state.Access.Where(access => access.Assesses)], Order = state.Order.Acted(e.RouteDecidedAt) },
        HandedToCoordinator e => state with { Order = state.Order with { Assembly = e.RouteDecidedAt } },
        ConsultationAnswered e => state with { Access = [], HasFeedback = false, UnreadSince = e.By == ConsultationAnswered.ByCoordinator ? Later(state.UnreadSince, e.AnsweredAt) : state.UnreadSince, AlarmedAt = AfterDecision(state, e.By != ConsultationAnswered.ByCoordinator, e.AnsweredAt), Order = state.Order.Acted(e.RouteDecidedAt) },
        TeamEnded e => state with { Access = [], HasFeedback = false, Order = state.Order.Acted(e.RouteDecidedAt) },
        TransferFollowed { Next: null } e => state with { Transfer = e },
        TransferFollowed e => state with { Transfer = e, Order = state.Order.Said(e.At) },
        ReferralProposed e => state with { Order = state.Order.Said(e.ProposedAt) },
        ReferralAccepted e => state with { HasFeedback = false, Order = state.Order.Said(e.AcceptedAt) },
        ReferralReturned e => state with { Route = null, UnreadSince = null, Order = state.Order.Said(e.ReturnedAt) },
        ReturnLearned e => state with { Order = state.Order.Said(e.ReturnedAt) },
        AnswerObjected => state with { Route = null, Order = state.Order with { Objected = state.Order.Outcome } },
        ConsultationReopened e => state with { Route = null, Order = state.Order.Over(), LastWordAt = e.ReopenedAt },
        ConsentRecorded e => state with { Basis = new LegalBasis(LegalBasis.Consent, e.ValidUntil, Ended: false), LastWordAt = e.RecordedAt },
        ConsentEnded e => state with
        {
            Access = [],
            Basis = state.Basis! with { Ended = true },
            Route = e.WorkEnds ? null : state.Stopped?.Route ?? state.Route,
            Stopped = e.WorkEnds ? new Stopped(e, new[] { state.Order.Decision, state.Order.Assembly }.Max(), state.Route) : null,
            Order = e.WorkEnds ? state.Order.Over() : state.Order,
        },
        RequestLinked { Carries: true } e => state with { Followers = [.. state.Followers.Append(e.With).Distinct()] },
        RequestLinked e => state with { Lead = e.With },
        RequestUnlinked e => Unlinked(state, e),
        ConsultationClosed or ConsultationWithdrawn => state with { Access = [], AlarmedAt = null, UnreadSince = null },
        ConsultationErased => state with { Access = [], Erased = true },
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };

    // What was decided for the other's case counts no more, from when on it is to be decided anew.
    private static Consultation Unlinked(Consultation state, RequestUnlinked e) => (state with
    {
        Lead = state.Lead == e.From ? null : state.Lead,
        UnreadSince = state.Lead == e.From ? null : state.UnreadSince,
        KnowledgeHolder = state.Lead == e.From && e.TakenBack ? null : state.KnowledgeHolder,
        Followers = [.. state.Followers.Where(follower => follower != e.From)],
    }) switch
    {
        var alone when e.Next is not null => alone with { Route = null, Access = [], Order = WordOrder.Nothing with { Objected = e.UnlinkedAt } },
        var alone => alone,
    };

    // What no person has said was said without knowing of the danger.
    private static DateTimeOffset? AfterDecision(Consultation state, bool byItself, DateTimeOffset at) => !byItself && state.IsSeenToBy(at) ? null : state.AlarmedAt;

    private static DateTimeOffset? Later(DateTimeOffset? unread, DateTimeOffset decided) => decided < unread ? unread : null;

    private static List<WantedDeadline> DeadlinesOf(Consultation state)
    {
        var wanted = new List<WantedDeadline>();
        if (state.Next is { } next)
        {
            wanted.Add(new WantedDeadline(state is { Status: ConsultationStatus.Answered, Interrupted: null } ? ObjectionDeadline : NextStepDeadline, next.OverdueAt));
        }

        if (state is { HasConsent: true, Basis.EndsAt: { } end })
        {
            wanted.Add(new WantedDeadline(ConsentDeadline, end));
        }

        if (state.Unanswered is { } message)
        {
            wanted.Add(new WantedDeadline(MessageDeadline, message.AnswerBy));
        }

        return wanted;
    }

    private static IReadOnlyList<ExpertAccess> Of(IReadOnlyList<Member> members) =>
        [.. members.Where(member => member.ExpertId is not null).Select(member => new ExpertAccess(member.ExpertId!.Value, null, member.Until))];
}
