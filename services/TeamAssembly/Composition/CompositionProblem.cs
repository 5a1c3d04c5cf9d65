namespace OtPlatform.TeamAssembly.Composition;

/// <summary>
/// Who can be asked, and for what: everything the choice of a team may depend on. An expert's level and title are not here,
/// so they cannot count (C-69, C-70). Hours are whole minutes per calendar week.
/// </summary>
/// <param name="FirstWeek">Monday of the week that index 0 of every weekly list stands for.</param>
/// <param name="RequestCounty">The requester's county: step 0 of the distance.</param>
/// <param name="Area">The requester's collaboration area: step 1.</param>
/// <param name="MaxMembers">Greatest number of members, the own worker and the network coordinator not counted, a standing team as one.</param>
/// <param name="StandingTeams">Those that may be asked for the matter; null for none.</param>
/// <param name="StandingTeamFirst">Where it leaves no more needs unmet, a team with a standing team in it goes before one without.</param>
public sealed record CompositionProblem(
    DateOnly FirstWeek,
    string RequestCounty,
    string Area,
    int MaxMembers,
    IReadOnlyList<Need> Needs,
    IReadOnlyList<Candidate> Candidates,
    IReadOnlyList<StandingTeamCandidate>? StandingTeams = null,
    bool StandingTeamFirst = false);

/// <summary>
/// A team that stays together (pysyvä tiimi, C-74), as one candidate: it covers what its members cover, has their hours, and counts as one
/// member. Only those of it who meet a need are asked, and there is one standing team in a team at most.
/// </summary>
/// <param name="Members">Experts; those who are no candidates are away.</param>
public sealed record StandingTeamCandidate(Guid TeamId, IReadOnlyList<Guid> Members);

/// <summary>What a need asks for.</summary>
public enum NeedKind
{
    Topic,
    Sector,
}

/// <summary>One thing that somebody has to be able to do for the matter.</summary>
/// <param name="Key">Names the need within the problem; needs are ordered by it where nothing else decides.</param>
/// <param name="Code">Topic or sector code.</param>
/// <param name="Minutes">Minutes in each week from the problem's first; 0 where the need asks for nothing.</param>
/// <param name="Once">The minutes are needed in one of these weeks, not in each: the earliest with room is taken.</param>
/// <param name="Channel">The channel the member has to be able to use; null when any will do.</param>
/// <param name="Language">The request's language. Sámi falls back to Finnish where nobody who speaks it can be had.</param>
/// <param name="LeadArea">The area that leads the topic in the country: step 2 of the distance.</param>
public sealed record Need(
    string Key,
    NeedKind Kind,
    string Code,
    IReadOnlyList<int> Minutes,
    bool Once,
    string? Channel,
    string Language,
    string? LeadArea);

/// <summary>An expert who might be asked.</summary>
/// <param name="Competences">The needs the expert is competent for, and through what.</param>
/// <param name="External">From outside the collaboration areas, a university for instance: the last step of the distance.</param>
/// <param name="FreeMinutes">Still free in each week from the problem's first, at least as many weeks as the needs span.</param>
/// <param name="CommittedMinutes">Already given away in each of these weeks.</param>
/// <param name="WeeklyMinutes">What the agreement gives a week: the load is measured against it.</param>
/// <param name="WorkedWithUnitBefore">Was in a team with the requesting unit before.</param>
/// <param name="AgreementFrom">First day of the agreement; null when it began long ago.</param>
/// <param name="AgreementUntil">Last day of the agreement; null when it has no end.</param>
/// <param name="Exclusion">Why the expert may not be asked at all.</param>
public sealed record Candidate(
    Guid ExpertId,
    IReadOnlyList<Competence> Competences,
    string County,
    string Area,
    bool External,
    IReadOnlyList<int> FreeMinutes,
    IReadOnlyList<int> CommittedMinutes,
    int WeeklyMinutes,
    IReadOnlyList<string> Languages,
    IReadOnlyList<string> Channels,
    bool WorkedWithUnitBefore,
    DateOnly? AgreementFrom = null,
    DateOnly? AgreementUntil = null,
    Exclusion? Exclusion = null);

/// <summary>That an expert can meet a need.</summary>
/// <param name="Need">Key of the need.</param>
/// <param name="Through">Code of the topic, method or sector that makes the expert competent.</param>
public readonly record struct Competence(string Need, string Through);

/// <summary>Why an expert may not be asked, whatever the hours.</summary>
public enum Exclusion
{
    Suspended,
    ConflictOfInterest,
    DeclinedBefore,
    Excluded,
}

/// <summary>A member who accepted: stays with the needs accepted, whoever else joins.</summary>
public sealed record StayingMember(Guid ExpertId, IReadOnlyList<KeptNeed> Needs);

/// <summary>A need that a staying member accepted.</summary>
/// <param name="Week">Monday of the week accepted for a need that is met once; null for one that is met every week.</param>
public readonly record struct KeptNeed(string Need, DateOnly? Week = null);
