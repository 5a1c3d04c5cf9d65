namespace OtPlatform.Intake.Consultations;

/// <summary>The request body of a submission (PRODUCT, Partner API v1). Everything may be missing here; <see cref="SubmissionRules"/> says what may not.</summary>
public sealed record SubmissionBody
{
    /// <summary>Code of the list kinds.</summary>
    public string? Kind { get; init; }

    /// <summary>The partner's pseudonymous case key; never an identity code or a name.</summary>
    public string? ClientRef { get; init; }

    /// <summary>Code of the list ageBands; required for client work.</summary>
    public string? AgeBand { get; init; }

    /// <summary>Code of the county; a partner's own.</summary>
    public string? County { get; init; }

    /// <summary>Name of the municipality.</summary>
    public string? Municipality { get; init; }

    /// <summary>Language of the answers; code of the list languages.</summary>
    public string? Language { get; init; }

    /// <summary>Who asks.</summary>
    public RequesterBody? Requester { get; init; }

    /// <summary>The own worker; required for client work.</summary>
    public ResponsibleWorkerBody? ResponsibleWorker { get; init; }

    /// <summary>Codes of the list topics; empty when nobody knows yet.</summary>
    public IReadOnlyList<string?>? Topics { get; init; }

    /// <summary>Codes of the list marks: what makes the matter demanding.</summary>
    public IReadOnlyList<string?>? Marks { get; init; }

    /// <summary>What is asked, in the requester's own words.</summary>
    public string? Question { get; init; }

    /// <summary>What has been tried; a request without it is asked for it.</summary>
    public IReadOnlyList<TriedBody?>? TriedSoFar { get; init; }

    /// <summary>What is going well.</summary>
    public string? Strengths { get; init; }

    /// <summary>What the child or young person says.</summary>
    public string? ChildsView { get; init; }

    /// <summary>Codes of the list services; an unknown one is kept as other.</summary>
    public IReadOnlyList<string?>? InvolvedServices { get; init; }

    /// <summary>Codes of the list channels.</summary>
    public IReadOnlyList<string?>? WishedChannels { get; init; }

    /// <summary>Code of the list urgencies; routine when left out.</summary>
    public string? Urgency { get; init; }

    /// <summary>What makes the matter dangerous.</summary>
    public SafetyBody? Safety { get; init; }

    /// <summary>Why the request may be handled.</summary>
    public LegalBasisBody? LegalBasis { get; init; }

    /// <summary>Answers of a screening instrument.</summary>
    public ScreeningBody? Screening { get; init; }

    /// <summary>Absence from school.</summary>
    public SchoolAbsenceBody? SchoolAbsence { get; init; }
}

/// <summary>Who asks.</summary>
/// <param name="Role">Code of the list requesterRoles; an unknown one is kept as other.</param>
/// <param name="Sector">Code of the list sectors.</param>
/// <param name="Unit">Name of the unit.</param>
/// <param name="Email">Where an answer may be sent.</param>
/// <param name="Phone">Where coordinators may call.</param>
public sealed record RequesterBody(string? Role, string? Sector, string? Unit, string? Email, string? Phone);

/// <summary>The requesting side's own worker, who stays in every team.</summary>
/// <param name="Role">Code of the list workerRoles.</param>
/// <param name="Unit">Name of the unit.</param>
/// <param name="Ref">The partner's own reference of the worker.</param>
public sealed record ResponsibleWorkerBody(string? Role, string? Unit, string? Ref);

/// <summary>One thing that has been tried.</summary>
/// <param name="What">What was tried.</param>
/// <param name="With">With whom.</param>
/// <param name="Result">What came of it.</param>
public sealed record TriedBody(string? What, string? With, string? Result);

/// <summary>What makes the matter dangerous.</summary>
/// <param name="ImmediateDanger">Somebody is in danger now; the request goes first.</param>
/// <param name="HighRisk">The risk is high.</param>
/// <param name="ContactWarning">What whoever meets the family should know.</param>
public sealed record SafetyBody(bool? ImmediateDanger, bool? HighRisk, string? ContactWarning);

/// <summary>Why the request may be handled.</summary>
/// <param name="Type">consent, statutory or anonymous.</param>
/// <param name="Reference">Where the requesting side keeps the consent or the decision.</param>
/// <param name="ValidUntil">Last day of a consent; null when it has none.</param>
public sealed record LegalBasisBody(string? Type, string? Reference, DateOnly? ValidUntil);

/// <summary>Answers of a screening instrument.</summary>
/// <param name="Instrument">Code of the instrument.</param>
/// <param name="Version">Its version, 1 or more.</param>
/// <param name="Answers">Points by item.</param>
/// <param name="Participants">Codes of the list requesterRoles of those who answered together.</param>
public sealed record ScreeningBody(string? Instrument, int? Version, IReadOnlyDictionary<string, int>? Answers, IReadOnlyList<string?>? Participants);

/// <summary>Absence from school.</summary>
/// <param name="Hours">Hours of absence in the counting period.</param>
/// <param name="MeetingHeld">A meeting has been held about it.</param>
/// <param name="FollowUp">The agreed follow-up.</param>
public sealed record SchoolAbsenceBody(decimal? Hours, bool? MeetingHeld, FollowUpBody? FollowUp);

/// <summary>When the absence is looked at again.</summary>
/// <param name="Date">The day.</param>
/// <param name="Responsible">The partner's own reference of who sees to it.</param>
public sealed record FollowUpBody(DateOnly? Date, string? Responsible);
