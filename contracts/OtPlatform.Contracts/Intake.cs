namespace OtPlatform.Contracts.Intake;

/// <summary>A consultation request was acknowledged. Ids, codes and facts only: its words are in the vault, under <paramref name="TextIds"/>.</summary>
/// <param name="Area">Collaboration area that the county belongs to (areas.json).</param>
/// <param name="Services">Involved services (codes.json); an unknown one arrives as <c>other</c>.</param>
/// <param name="UnknownCodes">Paths of the fields whose value was kept as <c>other</c>.</param>
/// <param name="RequestingUnitId">Keyed hash of partner and unit name, stable for a unit.</param>
/// <param name="ResponsibleWorkerRef">The partner's own reference of the worker, never a name.</param>
/// <param name="TriedCount">How many things the requester has tried (C-01).</param>
/// <param name="MatterKey">Keyed hash of partner and client reference; null without a client reference.</param>
/// <param name="TextIds">Vault ids by the kind of text.</param>
/// <param name="DueBy">When the next step is due at the latest.</param>
public sealed record ConsultationSubmitted(
    Guid ConsultationId,
    string Number,
    DateTimeOffset SubmittedAt,
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
    ScreeningAnswers? Screening,
    string? MatterKey,
    IReadOnlyDictionary<string, Guid> TextIds,
    DateTimeOffset? DueBy = null);

/// <summary>A screening instrument as the requester filled it in; what it means is Triage's to say.</summary>
/// <param name="Answers">Chosen value by item code.</param>
/// <param name="ParticipantRoles">Roles of those who filled it in together (C-26).</param>
public sealed record ScreeningAnswers(string Instrument, int Version, IReadOnlyDictionary<string, int> Answers, IReadOnlyList<string> ParticipantRoles);

/// <summary>The requester added facts or words to an open consultation; null means not touched.</summary>
/// <param name="TriedCount">All things tried so far, counted together with the earlier ones.</param>
/// <param name="HasUnknownCodes">True when one of the services was kept as <c>other</c>.</param>
public sealed record InformationAdded(
    Guid ConsultationId,
    DateTimeOffset AddedAt,
    int TriedCount,
    IReadOnlyList<string>? Topics,
    IReadOnlyList<string>? Marks,
    IReadOnlyList<string>? Services,
    bool HasUnknownCodes,
    string? LegalBasisType,
    DateOnly? LegalBasisValidUntil,
    IReadOnlyDictionary<string, Guid> TextIds,
    DateTimeOffset? DueBy = null);

/// <summary>The requester withdrew the consultation; wins over whatever is under way.</summary>
public sealed record ConsultationWithdrawn(Guid ConsultationId, DateTimeOffset WithdrawnAt);

/// <summary>The requester has what they needed, or the time to object to the answer is over.</summary>
/// <param name="ReasonCode"><c>confirmed</c> or <c>objectionTimeOver</c>.</param>
public sealed record ConsultationClosed(Guid ConsultationId, string ReasonCode, DateTimeOffset ClosedAt);

/// <summary>The consultation's words were destroyed for good. One that was still open has been withdrawn just before.</summary>
/// <param name="CompleteBy">When no backup can bring them back any more.</param>
public sealed record ConsultationErased(Guid ConsultationId, DateTimeOffset ErasedAt, DateTimeOffset CompleteBy);

/// <summary>Somebody is in immediate danger. Travels on a queue of its own, past any backlog.</summary>
/// <param name="Consultation">The whole submission, also when the danger was reported later, so that its case can be opened from here.</param>
public sealed record ImmediateDangerReported(Guid ConsultationId, DateTimeOffset ReportedAt, ConsultationSubmitted? Consultation);

/// <summary>Where the consultation stands now, who answers for its next step and by when (R2). Beside the facts that have events of their own.</summary>
/// <param name="Status">Null when the status stays and only the accountable party or the date has changed.</param>
/// <param name="Responsible">Null when nobody is accountable any more: closed.</param>
public sealed record ConsultationStatusChanged(
    Guid ConsultationId, ConsultationStatus? Status, Accountable? Responsible, DateTimeOffset? DueBy, DateTimeOffset ChangedAt);

/// <summary>The requester does not have what they need from the answer: the matter is in triage again.</summary>
public sealed record AnswerObjected(Guid ConsultationId, Guid? ReasonTextId, DateTimeOffset ObjectedAt);

/// <summary>What was withdrawn, closed or taken over by a receiver is to be taken up again: the matter is in triage.</summary>
public sealed record ConsultationReopened(Guid ConsultationId, Guid ReasonTextId, DateTimeOffset ReopenedAt);

/// <summary>The client has given consent, or gives it for longer; it is the legal basis from now on.</summary>
/// <param name="ValidUntil">Last day; null when it has none.</param>
public sealed record ConsentRecorded(Guid ConsultationId, DateOnly? ValidUntil, DateTimeOffset RecordedAt);

/// <summary>The client's consent is no more: whoever had access by it has none from now on.</summary>
/// <param name="ReasonCode"><c>withdrawn</c> or <c>expired</c>.</param>
/// <param name="WorkEnds">Whatever was under way ends, and the requester is asked for another legal basis; false when the matter is answered or a receiver's. The same end comes once more, with false, when an answer of before it was on its way.</param>
public sealed record ConsentEnded(Guid ConsultationId, string ReasonCode, bool WorkEnds, DateTimeOffset EndedAt);

/// <summary>The requester reported later how urgent or dangerous it is. It only adds. Immediate danger travels by <see cref="ImmediateDangerReported"/> too, ahead of this.</summary>
/// <param name="Urgency">Null when it was not said; the higher one counts.</param>
/// <param name="TextIds">Vault ids by the kind of text.</param>
public sealed record SafetyReported(
    Guid ConsultationId, bool ImmediateDanger, bool HighRisk, Urgency? Urgency, IReadOnlyDictionary<string, Guid> TextIds, DateTimeOffset ReportedAt);

/// <summary>The requester and whoever acts now have written to each other; the words are in the vault.</summary>
/// <param name="From"><c>requester</c>, <c>coordinator</c> or <c>expert</c>.</param>
/// <param name="To"><c>requester</c>, an accountable kind, or <c>team</c>.</param>
/// <param name="AnswerBy">When the requester's message has to have been answered; null for what is written to them.</param>
public sealed record MessageSent(Guid ConsultationId, Guid TextId, string From, string To, DateTimeOffset SentAt, DateTimeOffset? AnswerBy = null);

/// <summary>Nobody has answered what the requester wrote by its date: the next level has to.</summary>
/// <param name="TextId">The oldest message that waits.</param>
/// <param name="To"><c>areaCoordinators</c> or <c>coordinatingTeam</c>.</param>
/// <param name="AnswerBy">The new date.</param>
public sealed record MessageOverdue(Guid ConsultationId, Guid TextId, string To, DateTimeOffset FoundAt, DateTimeOffset AnswerBy);

/// <summary>The requesting side's responsible worker is another (C-60).</summary>
/// <param name="Role">codes.json, workerRoles.</param>
/// <param name="Ref">The partner's own reference of the worker, never a name.</param>
public sealed record ResponsibleWorkerChanged(Guid ConsultationId, string Role, string Ref, DateTimeOffset ChangedAt);

/// <summary>Something in the request was wrong; null means not touched.</summary>
/// <param name="HasUnknownCodes">True when one of the services was kept as <c>other</c>.</param>
/// <param name="TextIds">Vault ids by the kind of text.</param>
public sealed record ConsultationCorrected(
    Guid ConsultationId,
    string? AgeBand,
    IReadOnlyList<string>? Topics,
    IReadOnlyList<string>? Marks,
    IReadOnlyList<string>? Services,
    bool HasUnknownCodes,
    IReadOnlyDictionary<string, Guid> TextIds,
    DateTimeOffset CorrectedAt);

/// <summary>The requester has said how much it has helped.</summary>
/// <param name="Score">1 (no help) to 5 (the help that was needed).</param>
public sealed record FeedbackGiven(Guid ConsultationId, int Score, Guid? TextId, DateTimeOffset GivenAt);
