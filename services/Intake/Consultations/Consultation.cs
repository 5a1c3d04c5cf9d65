using System.Diagnostics;
using OtPlatform.Contracts;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>Where a consultation stands, as its requester sees it. There is no rejected state (R1).</summary>
public enum ConsultationStatus
{
    NotSubmitted,
    Received,
    NeedsInformation,
    InTriage,
    TeamBeingAssembled,
    ReferralProposed,
    PointedToKnowledgeHolder,
    GapBeingSolved,
    Withdrawn,
}

/// <summary>Who answers for the next step (R2).</summary>
public enum Accountable
{
    AreaCoordinators,
    Requester,
    Coordinator,
    CoordinatingTeam,
}

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

public abstract record ConsultationEvent;

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

public sealed record NextStepOverdue(Guid ConsultationId, Accountable NowAccountable, DateTimeOffset FoundAt, NextStep Next) : ConsultationEvent;

public sealed record ConsultationWithdrawn(Guid ConsultationId, DateTimeOffset WithdrawnAt) : ConsultationEvent;

/// <summary>A professional's request for help, followed from their side (konsultaatiopyyntö).</summary>
public sealed record Consultation(Guid Id, ConsultationStatus Status, Accountable? Responsible, NextStep? Next, Route? Route, bool TakenOver, int TriedCount, DateTimeOffset? LastInformationAt)
{
    public static readonly Consultation Initial = new(Guid.Empty, ConsultationStatus.NotSubmitted, null, null, null, false, 0, null);

    public static readonly Aggregate<Consultation, ConsultationEvent> Aggregate = new("consultation", Initial, Evolve)
    {
        Deadlines = state => state.Next is { } next ? [new WantedDeadline("next-step", next.OverdueAt)] : [],
        View = (happened, version) => ViewDocument.Of(RequestersView.Fold(happened, version)),
    };

    public static readonly Rejection NotSubmitted = new("intake.consultation-unknown", "There is no such consultation.", RejectionKind.NotFound);
    public static readonly Rejection AlreadyWithdrawn = new("intake.consultation-withdrawn", "The consultation has been withdrawn.");
    public static readonly Rejection AlreadyRouted = new("intake.consultation-routed", "The route has been decided; information can no longer change it.");

    public bool IsOpen => Status is not (ConsultationStatus.NotSubmitted or ConsultationStatus.Withdrawn);

    /// <summary>What the requester may do now (PRODUCT: allowedActions).</summary>
    public IReadOnlyList<string> AllowedActions => this switch
    {
        { IsOpen: false } => [],
        { Route: null } => ["information", "withdrawal"],
        _ => ["withdrawal"],
    };

    public static Consultation Evolve(Consultation state, ConsultationEvent happened) => happened switch
    {
        ConsultationSubmitted e => new(e.ConsultationId, ConsultationStatus.Received, Accountable.AreaCoordinators, e.Next, null, false, e.TriedCount, null),
        ImmediateDangerReported => state,
        TriageTookOver e => state with { Status = ConsultationStatus.InTriage, Responsible = Accountable.AreaCoordinators, Next = e.Next, TakenOver = true },
        TriageResumed e => state with { Status = ConsultationStatus.InTriage, Responsible = Accountable.AreaCoordinators, Next = e.Next },
        InformationAsked e => state with { Status = ConsultationStatus.NeedsInformation, Responsible = Accountable.Requester, Next = e.Next },
        InformationAdded e => state with { Status = ConsultationStatus.InTriage, Responsible = Accountable.AreaCoordinators, Next = e.Next, TriedCount = e.TriedCount, LastInformationAt = e.AddedAt },
        RouteFollowed e => state with { Status = AfterRoute.Status(e.Route), Responsible = AfterRoute.Responsible(e.Route), Next = e.Next, Route = e.Route },
        NextStepOverdue e => state with { Responsible = e.NowAccountable, Next = e.Next },
        ConsultationWithdrawn => state with { Status = ConsultationStatus.Withdrawn, Responsible = null, Next = null },
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };
}

/// <summary>Where a decided route leaves the consultation until somebody has acted on it.</summary>
internal static class AfterRoute
{
    // A consultation is arranged, or guidance answered, only when an expert or an answer is there; until then it is a coordinator's.
    public static ConsultationStatus Status(Route route) => route switch
    {
        Route.HybridTeam or Route.StandingTeam => ConsultationStatus.TeamBeingAssembled,
        Route.SpecialLevel => ConsultationStatus.ReferralProposed,
        Route.KnowledgeHolder => ConsultationStatus.PointedToKnowledgeHolder,
        Route.ServiceGap => ConsultationStatus.GapBeingSolved,
        _ => ConsultationStatus.InTriage,
    };

    public static Accountable Responsible(Route route) => route is Route.ServiceGap ? Accountable.CoordinatingTeam : Accountable.Coordinator;
}
