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

/// <summary>An expert who may read the case's words.</summary>
/// <param name="InvitationId">The invitation that gave the access; null for a member.</param>
/// <param name="Until">Last day of the membership or of the work asked for.</param>
public sealed record ExpertAccess(Guid ExpertId, Guid? InvitationId, DateOnly Until);

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

public sealed record TriageTookOver(Guid ConsultationId, bool Held, DateTimeOffset TookOverAt, NextStep Next) : ConsultationEvent;

public sealed record TriageResumed(Guid ConsultationId, bool Held, DateTimeOffset ResumedAt, NextStep Next) : ConsultationEvent;

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
public sealed record RouteFollowed(Guid ConsultationId, Route Route, bool ByPolicy, DateTimeOffset DecidedAt, NextStep Next) : ConsultationEvent;

/// <summary>The decision arrived after the outcome that it had led to; it only says which route that was.</summary>
public sealed record RouteLearned(Guid ConsultationId, Route Route, bool ByPolicy, DateTimeOffset DecidedAt) : ConsultationEvent;

/// <param name="Until">Last day of the work that the expert was asked for.</param>
public sealed record ExpertAdmitted(Guid ConsultationId, Guid ExpertId, Guid InvitationId, DateOnly Until, DateTimeOffset AdmittedAt) : ConsultationEvent;

/// <param name="InvitationId">Null for the access of a member.</param>
public sealed record ExpertAccessEnded(Guid ConsultationId, Guid ExpertId, Guid? InvitationId, DateTimeOffset EndedAt) : ConsultationEvent;

public sealed record ConsultationArranged(Guid ConsultationId, Member Expert, DateTimeOffset ArrangedAt, DateTimeOffset RouteDecidedAt, NextStep Next) : ConsultationEvent;

public sealed record TeamStarted(Guid ConsultationId, IReadOnlyList<Member> Members, bool NetworkCoordinator, DateTimeOffset StartedAt, DateTimeOffset RouteDecidedAt, NextStep Next) : ConsultationEvent;

public sealed record ServiceGapFound(Guid ConsultationId, DateTimeOffset FoundAt, DateTimeOffset RouteDecidedAt, NextStep Next) : ConsultationEvent;

public sealed record HandedToCoordinator(Guid ConsultationId, string ReasonCode, DateTimeOffset HandedAt, DateTimeOffset RouteDecidedAt, NextStep Next) : ConsultationEvent;

/// <param name="Knowledge">Codes of knowledge items.</param>
/// <param name="By">expert or coordinator.</param>
public sealed record ConsultationAnswered(
    Guid ConsultationId, Guid AnswerTextId, IReadOnlyList<string> Knowledge, string By, DateTimeOffset AnsweredAt, DateTimeOffset RouteDecidedAt, NextStep Next) : ConsultationEvent;

public sealed record TeamEnded(Guid ConsultationId, string OutcomeCode, DateTimeOffset EndedAt, DateTimeOffset RouteDecidedAt, NextStep Next) : ConsultationEvent;

/// <param name="Receiver">Code of the receiving unit.</param>
public sealed record ReferralProposed(Guid ConsultationId, string Receiver, DateTimeOffset ProposedAt, NextStep Next) : ConsultationEvent;

public sealed record ReferralAccepted(Guid ConsultationId, string Receiver, DateTimeOffset AcceptedAt, NextStep Next) : ConsultationEvent;

public sealed record ReferralReturned(Guid ConsultationId, string Receiver, string ReasonCode, DateTimeOffset ReturnedAt, NextStep Next) : ConsultationEvent;

/// <summary>The return arrived after a later route had led to something; it only counts.</summary>
public sealed record ReturnLearned(Guid ConsultationId, string Receiver, string ReasonCode, DateTimeOffset ReturnedAt) : ConsultationEvent;

public sealed record AnswerObjected(Guid ConsultationId, Guid? ReasonTextId, DateTimeOffset ObjectedAt) : ConsultationEvent;

/// <summary>Until Triage has taken the matter over again.</summary>
public sealed record TriageAwaited(Guid ConsultationId, DateTimeOffset Since, NextStep Next) : ConsultationEvent;

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

    internal WordOrder Said(DateTimeOffset at) => this with { Triage = at };

    internal WordOrder Decided(DateTimeOffset at) => this with { Decision = at, Triage = at };

    internal WordOrder Acted(DateTimeOffset decision) => this with { Assembly = decision, Outcome = decision };
}

/// <summary>A professional's request for help, followed from their side (konsultaatiopyyntö).</summary>
/// <param name="Status">Null before the submission.</param>
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
    IReadOnlyList<ExpertAccess> Access)
{
    public const string NextStepDeadline = "next-step";
    public const string ObjectionDeadline = "objection";

    public static readonly Consultation Initial = new(Guid.Empty, null, null, null, null, false, 0, null, WordOrder.Nothing, []);

    public static readonly Aggregate<Consultation, ConsultationEvent> Aggregate = new("consultation", Initial, Evolve)
    {
        Deadlines = state => state.Next is { } next
            ? [new WantedDeadline(state.Status is ConsultationStatus.Answered ? ObjectionDeadline : NextStepDeadline, next.OverdueAt)]
            : [],
        View = (happened, version) => ViewDocument.Of(RequestersView.Fold(happened, version)),
    };

    public static readonly Rejection NotSubmitted = new("intake.consultation-unknown", "There is no such consultation.", RejectionKind.NotFound);
    public static readonly Rejection AlreadyWithdrawn = new("intake.consultation-withdrawn", "The consultation has been withdrawn.");
    public static readonly Rejection AlreadyClosed = new("intake.consultation-closed", "The consultation is closed.");
    public static readonly Rejection AlreadyErased = new("intake.consultation-erased", "The consultation has been erased.");
    public static readonly Rejection AlreadyRouted = new("intake.consultation-routed", "The route has been decided; information can no longer change it.");
    public static readonly Rejection NotAnswered = new("intake.consultation-not-answered", "There is nothing to confirm or to object to yet.");

    /// <summary>Its words are gone for good; it only lists.</summary>
    public bool Erased { get; init; }

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
    public bool TakesConfirmation => Status is ConsultationStatus.Answered or ConsultationStatus.ReferralAccepted;

    /// <summary>What the requester may do now (PRODUCT: allowedActions).</summary>
    public IReadOnlyList<string> AllowedActions =>
    [
        .. TakesInformation ? ["information"] : Array.Empty<string>(),
        .. TakesConfirmation ? ["confirmation"] : Array.Empty<string>(),
        .. Status is ConsultationStatus.Answered ? ["objection"] : Array.Empty<string>(),
        .. IsOpen ? ["withdrawal"] : Array.Empty<string>(),
        .. Status is not null && !Erased ? ["erasure"] : Array.Empty<string>(),
    ];

    public static Consultation Evolve(Consultation state, ConsultationEvent happened)
    {
        var next = Apply(state, happened);
        return Standing.After(happened) is { } standing
            ? next with { Status = standing.Status ?? next.Status, Responsible = standing.Responsible, Next = standing.Next }
            : next;
    }

    private static Consultation Apply(Consultation state, ConsultationEvent happened) => happened switch
    {
        ConsultationSubmitted e => Initial with { Id = e.ConsultationId, TriedCount = e.TriedCount },
        ImmediateDangerReported or TriageAwaited or NextStepOverdue => state,
        TriageTookOver e => state with { TakenOver = true, Order = state.Order.Said(e.TookOverAt) },
        TriageResumed e => state with { Route = null, Order = state.Order.Said(e.ResumedAt) },
        InformationAsked e => state with { Order = state.Order.Said(e.AskedAt) },
        InformationAdded e => state with { TriedCount = e.TriedCount, LastInformationAt = e.AddedAt },
        RouteFollowed e => state with { Route = e.Route, Order = state.Order.Decided(e.DecidedAt) },
        RouteLearned e => state with { Route = e.Route, Order = state.Order.Decided(e.DecidedAt) },
        ExpertAdmitted e => state with { Access = [.. state.Access, new ExpertAccess(e.ExpertId, e.InvitationId, e.Until)] },
        ExpertAccessEnded e => state with { Access = [.. state.Access.Where(access => (access.ExpertId, access.InvitationId) != (e.ExpertId, e.InvitationId))] },
        ConsultationArranged e => state with { Access = Of([e.Expert]), Order = state.Order.Acted(e.RouteDecidedAt) },
        TeamStarted e => state with { Access = Of(e.Members), Order = state.Order.Acted(e.RouteDecidedAt) },
        ServiceGapFound e => state with { Access = [], Order = state.Order.Acted(e.RouteDecidedAt) },
        HandedToCoordinator e => state with { Order = state.Order with { Assembly = e.RouteDecidedAt } },
        ConsultationAnswered e => state with { Access = [], Order = state.Order.Acted(e.RouteDecidedAt) },
        TeamEnded e => state with { Access = [], Order = state.Order.Acted(e.RouteDecidedAt) },
        ReferralProposed e => state with { Order = state.Order.Said(e.ProposedAt) },
        ReferralAccepted e => state with { Order = state.Order.Said(e.AcceptedAt) },
        ReferralReturned e => state with { Route = null, Order = state.Order.Said(e.ReturnedAt) },
        ReturnLearned e => state with { Order = state.Order.Said(e.ReturnedAt) },
        AnswerObjected => state with { Route = null, Order = state.Order with { Objected = state.Order.Outcome } },
        ConsultationClosed or ConsultationWithdrawn => state with { Access = [] },
        ConsultationErased => state with { Access = [], Erased = true },
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };

    private static IReadOnlyList<ExpertAccess> Of(IReadOnlyList<Member> members) =>
        [.. members.Where(member => member.ExpertId is not null).Select(member => new ExpertAccess(member.ExpertId!.Value, null, member.Until))];
}
