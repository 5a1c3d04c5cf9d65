using System.Diagnostics;
using OtPlatform.Contracts;
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
}

public abstract record TriageEvent;

/// <param name="Held">Only a coordinator may decide.</param>
public sealed record CaseOpened(
    Guid CaseId, Guid ConsultationId, string Number, string Area, CaseRequest Request, bool Held, string PolicyVersion, DateTimeOffset OpenedAt, DateTimeOffset DueBy) : TriageEvent;

public sealed record CaseAssessed(Guid CaseId, Assessment Assessment, DateTimeOffset AssessedAt) : TriageEvent;

public sealed record PhenomenonSignalled(Guid CaseId, string Area, string County, IReadOnlyList<string> Topics, IReadOnlyList<string> Marks, DateTimeOffset SignalledAt) : TriageEvent;

public sealed record ServiceGapRecorded(Guid CaseId, string Area, string County, IReadOnlyList<string> Topics, IReadOnlyList<string> Services, DateTimeOffset RecordedAt) : TriageEvent;

public sealed record InformationRequested(Guid CaseId, string Area, IReadOnlyList<string> Asked, DateTimeOffset RequestedAt, DateTimeOffset DueBy) : TriageEvent;

/// <param name="AddedAt">When the requester added it; identifies the addition.</param>
public sealed record InformationReceived(Guid CaseId, CaseRequest Request, DateTimeOffset AddedAt) : TriageEvent;

public sealed record ConfirmationAwaited(Guid CaseId, string Area, bool Held, string PolicyVersion, DateTimeOffset Since, DateTimeOffset DueBy) : TriageEvent;

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
    DateTimeOffset DueBy) : TriageEvent;

public sealed record CaseClosed(Guid CaseId, string ReasonCode, DateTimeOffset ClosedAt) : TriageEvent;

/// <summary>The multi-actor judgement on where a consultation belongs (arviointi, ohjautuminen).</summary>
/// <param name="AskedFor">Codes of what the requester has been asked for so far.</param>
/// <param name="SignalLeft">A phenomenon has been signalled already; it counts once.</param>
/// <param name="GapLeft">A service gap has been recorded already; it counts once.</param>
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
    Route? Route)
{
    public static readonly TriageCase Initial = new(Guid.Empty, CaseStatus.NotOpened, string.Empty, null, null, [], null, false, false, null);

    public static readonly Aggregate<TriageCase, TriageEvent> Aggregate = new("triage-case", Initial, Evolve)
    {
        View = (happened, version) => ViewDocument.Of(RoutingQueueEntry.Fold(happened, version)),
    };

    public static readonly Rejection NotOpened = new("triage.case-not-opened", "The case has not been opened.", RejectionKind.NotFound);
    public static readonly Rejection AlreadyClosed = new("triage.case-closed", "The case is closed.");
    public static readonly Rejection AlreadyDecided = new("triage.route-decided", "The route has been decided.");

    public static TriageCase Evolve(TriageCase state, TriageEvent happened) => happened switch
    {
        CaseOpened e => Initial with { Id = e.CaseId, Status = Waiting(e.Held), Area = e.Area, Request = e.Request },
        CaseAssessed e => state with { Assessment = e.Assessment },
        PhenomenonSignalled => state with { SignalLeft = true },
        ServiceGapRecorded => state with { GapLeft = true },
        InformationRequested e => state with { Status = CaseStatus.AwaitingInformation, AskedFor = [.. state.AskedFor, .. e.Asked] },
        InformationReceived e => state with { Request = e.Request, LastInformationAt = e.AddedAt },
        ConfirmationAwaited e => state with { Status = Waiting(e.Held) },
        RouteDecided e => state with { Status = CaseStatus.RouteDecided, Route = e.Route },
        CaseClosed => state with { Status = CaseStatus.Closed },
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };

    private static CaseStatus Waiting(bool held) => held ? CaseStatus.Held : CaseStatus.AwaitingConfirmation;
}
