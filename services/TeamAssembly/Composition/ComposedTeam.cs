namespace OtPlatform.TeamAssembly.Composition;

/// <summary>The team found, what it costs at each level, and why nobody else is in it.</summary>
/// <param name="Members">By expert id.</param>
/// <param name="Unmet">Keys of the needs that nobody meets.</param>
/// <param name="Optimal">No better team exists; otherwise <paramref name="Bound"/> says what none can undercut.</param>
/// <param name="LanguageFallback">Needs that are met in another language, because the search in the request's own failed.</param>
/// <param name="Alternatives">The five nearest experts who were not chosen, nearest first. Around a standing team: who could join as many of it.</param>
/// <param name="Widening">How many could meet at least one need, step by step outwards.</param>
/// <param name="StandingTeamId">The standing team that is in it; null for a team of single experts.</param>
/// <param name="Choices">The other ways to compose it, the nearest first: with each of the other standing teams, and of single experts. Null in what was recorded before there were any.</param>
public sealed record ComposedTeam(
    IReadOnlyList<Member> Members,
    IReadOnlyList<string> Unmet,
    CompositionCost Cost,
    bool Optimal,
    CompositionCost Bound,
    LanguageFallback? LanguageFallback,
    IReadOnlyList<Alternative> Alternatives,
    IReadOnlyList<WideningStep> Widening,
    Guid? StandingTeamId = null,
    IReadOnlyList<StandingTeamChoice>? Choices = null);

/// <summary>Another way to compose the team, with a standing team or without, and why it lost.</summary>
/// <param name="TeamId">Null for a team of single experts.</param>
/// <param name="Cost">What the best team of that way costs; null when none of the standing team's members can meet a need.</param>
public sealed record StandingTeamChoice(Guid? TeamId, CompositionCost? Cost, Loss Lost);

/// <summary>An expert in the team.</summary>
/// <param name="LoadPerMille">Peak weekly committed minutes after joining, against the weekly minutes.</param>
/// <param name="Stays">Accepted earlier and was not chosen anew.</param>
/// <param name="OfStandingTeam">Comes with the standing team.</param>
public sealed record Member(
    Guid ExpertId, IReadOnlyList<MetNeed> Needs, DistanceStep Distance, int LoadPerMille, bool WorkedWithUnitBefore, bool Stays, bool OfStandingTeam = false);

/// <summary>A need that a member meets.</summary>
/// <param name="Through">Code of the topic, method or sector that makes the member competent.</param>
/// <param name="Week">Monday of the week in which a need that is met once is met.</param>
public readonly record struct MetNeed(string Need, string Through, string Language, DateOnly? Week);

/// <summary>How far a member is from the requester.</summary>
public enum DistanceStep
{
    OwnCounty,
    OwnArea,
    LeadArea,
    OtherArea,
    External,
}

/// <summary>
/// What a team costs. Compared level by level in the order of the parameters, less is better, except that more members who
/// worked with the unit before are better.
/// </summary>
/// <param name="InFallbackLanguage">Needs met in the fallback language; always 0 unless the request is in Sámi.</param>
/// <param name="Members">People. Compared is first their number with a standing team as one, then without.</param>
/// <param name="Distance">Sum of the members' distance steps.</param>
/// <param name="SquaredLoad">Sum of the members' squared loads in per mille.</param>
/// <param name="Together">Members of the standing team beyond its first, who do not count because it counts as one.</param>
public sealed record CompositionCost(int Unmet, int InFallbackLanguage, int Members, int Distance, long SquaredLoad, int WorkedWithUnitBefore, int Together = 0)
{
    /// <summary>Below 0 when this team is the better one, 0 when only the expert ids could tell.</summary>
    public int CompareTo(CompositionCost other)
    {
        var order = (Unmet, InFallbackLanguage, Members - Together, Members).CompareTo((other.Unmet, other.InFallbackLanguage, other.Members - other.Together, other.Members));
        return order != 0 ? order : (Distance, SquaredLoad, -WorkedWithUnitBefore).CompareTo((other.Distance, other.SquaredLoad, -other.WorkedWithUnitBefore));
    }
}

/// <summary>Needs that are met in another language than the request's.</summary>
public sealed record LanguageFallback(string From, string To, IReadOnlyList<string> Needs);

/// <summary>How many experts could meet at least one need at a distance.</summary>
public readonly record struct WideningStep(DistanceStep Step, int Candidates);

/// <summary>An expert who was not chosen.</summary>
/// <param name="Needs">What the expert would meet in the best team with the expert in it.</param>
/// <param name="CostWithIn">What that team costs, the hard rules in <paramref name="Lost"/> set aside.</param>
/// <param name="Lost">Every hard rule that kept the expert out, or the one level at which the team with the expert in it is worse.</param>
public sealed record Alternative(Guid ExpertId, IReadOnlyList<string> Needs, CompositionCost CostWithIn, IReadOnlyList<Loss> Lost);

/// <summary>Why an expert is not in the team, and what would have changed that.</summary>
/// <param name="Had">
/// Free minutes for <see cref="LossReason.Hours"/>, the expert's own step for <see cref="LossReason.Distance"/>, own per mille for
/// <see cref="LossReason.Load"/>, the team's figure for the other levels.
/// </param>
/// <param name="Needed">The figure that would have drawn level, the later levels then deciding; below 0 when no figure could.</param>
/// <param name="Need">Key of the need that a language, a channel or the hours of a need met once kept the expert from.</param>
/// <param name="Code">The language or channel that was missing.</param>
/// <param name="Date">Monday of the week without room, or the day the agreement would have to cover.</param>
public sealed record Loss(LossReason Reason, long? Had = null, long? Needed = null, string? Need = null, string? Code = null, DateOnly? Date = null);

/// <summary>First the hard rules, then the levels of the objective.</summary>
public enum LossReason
{
    Suspended,
    ConflictOfInterest,
    DeclinedBefore,
    Excluded,
    Agreement,
    Language,
    Channel,
    Hours,

    /// <summary>None of the standing team's members can meet a need.</summary>
    NobodyOfTeam,
    Unmet,
    FallbackLanguage,

    /// <summary>The matter asks for a standing team first, and this is none.</summary>
    StandingTeamFirst,
    Members,

    /// <summary>As many members with a standing team as one, but more people.</summary>
    People,
    Distance,
    Load,
    WorkedBefore,
    Id,
}
