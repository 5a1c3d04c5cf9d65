namespace OtPlatform.Contracts.Triage;

/// <summary>Triage took over a consultation and is accountable for its next step.</summary>
/// <param name="CaseId">The same id as the consultation's.</param>
/// <param name="Held">True when only a coordinator may decide (danger).</param>
/// <param name="DueBy">When the next step is due at the latest.</param>
public sealed record CaseOpened(Guid CaseId, Guid ConsultationId, string Area, bool Held, string PolicyVersion, DateTimeOffset OpenedAt, DateTimeOffset DueBy);

/// <summary>The case was assessed anew after new facts and waits for a coordinator.</summary>
public sealed record CaseReassessed(Guid CaseId, Guid ConsultationId, string Area, bool Held, string PolicyVersion, DateTimeOffset ReassessedAt, DateTimeOffset DueBy);

/// <summary>The requester has to add something before the case can go on (C-01).</summary>
/// <param name="Asked">Codes of what is missing: <c>triedSoFar</c>, <c>legalBasis</c>.</param>
public sealed record InformationRequested(Guid CaseId, Guid ConsultationId, string Area, IReadOnlyList<string> Asked, DateTimeOffset RequestedAt, DateTimeOffset DueBy);

/// <summary>One thing that somebody has to be able to do for the matter: competence in a topic, or a sector's view.</summary>
/// <param name="Kind"><c>topic</c> or <c>sector</c>.</param>
/// <param name="Code">Topic or sector code.</param>
/// <param name="WeeklyHours">Hours in each calendar week of the period.</param>
/// <param name="Weeks">Length of the period in weeks.</param>
/// <param name="Once">True for a single consultation: the hours are needed once within the period, not every week.</param>
public sealed record Need(string Kind, string Code, decimal WeeklyHours, int Weeks, bool Once, string? Channel, string Language);

/// <summary>Where the matter goes. Repeats what the next service needs.</summary>
/// <param name="DecidedBy">Subject of the coordinator's token; <c>policy</c> when the area lets clear cases through.</param>
/// <param name="ReasonCode">Why the recommendation was not followed; null when it was.</param>
/// <param name="StandingTeamFirst">The area's standing team for the topic, where there is one, goes before a team assembled anew.</param>
/// <param name="NetworkCoordinator">Whether a network coordinator is needed (E-13).</param>
/// <param name="DueBy">When the next step is due at the latest.</param>
public sealed record RouteDecided(
    Guid CaseId,
    Guid ConsultationId,
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
    DateTimeOffset DueBy)
{
    /// <summary>Stands in <see cref="DecidedBy"/> when the area lets a clear case through.</summary>
    public const string ByPolicy = "policy";
}
