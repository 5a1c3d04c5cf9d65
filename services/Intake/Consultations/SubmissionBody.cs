namespace OtPlatform.Intake.Consultations;

/// <summary>The request body of a submission (PRODUCT, Partner API v1). Everything may be missing here; <see cref="SubmissionRules"/> says what may not.</summary>
public sealed record SubmissionBody
{
    public string? Kind { get; init; }

    /// <summary>The partner's pseudonymous case key; never an identity code or a name.</summary>
    public string? ClientRef { get; init; }

    public string? AgeBand { get; init; }

    public string? County { get; init; }

    public string? Municipality { get; init; }

    public string? Language { get; init; }

    public RequesterBody? Requester { get; init; }

    public ResponsibleWorkerBody? ResponsibleWorker { get; init; }

    public IReadOnlyList<string?>? Topics { get; init; }

    public IReadOnlyList<string?>? Marks { get; init; }

    public string? Question { get; init; }

    public IReadOnlyList<TriedBody?>? TriedSoFar { get; init; }

    public string? Strengths { get; init; }

    public string? ChildsView { get; init; }

    public IReadOnlyList<string?>? InvolvedServices { get; init; }

    public IReadOnlyList<string?>? WishedChannels { get; init; }

    public string? Urgency { get; init; }

    public SafetyBody? Safety { get; init; }

    public LegalBasisBody? LegalBasis { get; init; }

    public ScreeningBody? Screening { get; init; }

    public SchoolAbsenceBody? SchoolAbsence { get; init; }
}

public sealed record RequesterBody(string? Role, string? Sector, string? Unit, string? Email, string? Phone);

/// <param name="Ref">The partner's own reference of the worker.</param>
public sealed record ResponsibleWorkerBody(string? Role, string? Unit, string? Ref);

public sealed record TriedBody(string? What, string? With, string? Result);

public sealed record SafetyBody(bool? ImmediateDanger, bool? HighRisk, string? ContactWarning);

/// <param name="Type">consent, statutory or anonymous.</param>
public sealed record LegalBasisBody(string? Type, string? Reference, DateOnly? ValidUntil);

public sealed record ScreeningBody(string? Instrument, int? Version, IReadOnlyDictionary<string, int>? Answers, IReadOnlyList<string?>? Participants);

/// <param name="Hours">Hours of absence in the counting period.</param>
public sealed record SchoolAbsenceBody(decimal? Hours, bool? MeetingHeld, FollowUpBody? FollowUp);

public sealed record FollowUpBody(DateOnly? Date, string? Responsible);
