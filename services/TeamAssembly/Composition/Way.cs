using Kept = OtPlatform.TeamAssembly.Composition.TeamSearch.Kept;

namespace OtPlatform.TeamAssembly.Composition;

/// <summary>
/// A way to compose the team: of single experts, or with one of the standing teams. Each is solved exactly by itself, so the best of them
/// is the best of all.
/// </summary>
internal sealed class Way
{
    private readonly bool _standingTeamFirst;

    private Way(Facts facts, int[] needs, IReadOnlyDictionary<int, Kept> staying, StandingTeamCandidate? team, bool standingTeamFirst)
    {
        TeamId = team?.TeamId;
        Standing = facts.CandidatesOf(team?.Members ?? []).ToHashSet();
        _standingTeamFirst = standingTeamFirst;
        WithoutStanding = Search = new TeamSearch(facts, needs, staying, Standing);
        Table = Search.Run();
        Found = Table.Best();
    }

    /// <summary>Null for a team of single experts.</summary>
    public Guid? TeamId { get; }

    /// <summary>The candidates who come with the standing team.</summary>
    public IReadOnlySet<int> Standing { get; }

    public TeamSearch Search { get; }

    /// <summary>The search in which everybody is a single expert.</summary>
    public TeamSearch WithoutStanding { get; private init; }

    public TeamSearch.Table Table { get; }

    public TeamSearch.Found Found { get; }

    /// <summary>The other ways, the nearest first.</summary>
    public IReadOnlyList<StandingTeamChoice> Others { get; private set; } = [];

    /// <summary>The best way.</summary>
    public static Way Best(Facts facts, int[] needs, IReadOnlyDictionary<int, Kept> staying, IReadOnlyList<StandingTeamCandidate> teams, bool standingTeamFirst)
    {
        var single = new Way(facts, needs, staying, null, standingTeamFirst);
        if (teams.Count == 0)
        {
            return single;
        }

        // An own search for each: so many are kept for a topic in an area only where somebody has defined them, and those are few.
        var all = teams.OrderBy(team => team.TeamId)
            .Select(team => new Way(facts, needs, staying, team, standingTeamFirst) { WithoutStanding = single.Search })
            .Prepend(single)
            .ToList();
        var ways = all.Where(way => way.IsPossible).Order(Comparer<Way>.Create(Compare)).ToList();
        ways[0].Others =
        [
            .. ways.Skip(1).Select(way => new StandingTeamChoice(way.TeamId, way.Cost, way.LostTo(ways[0]))),
            .. all.Where(way => !way.IsPossible).Select(way => new StandingTeamChoice(way.TeamId, null, new Loss(LossReason.NobodyOfTeam))),
        ];
        return ways[0];
    }

    // Nobody of a standing team where nobody may be a member, or can be.
    private bool IsPossible => TeamId is null || (Search.MostOfStanding > 0 && Found.IsTeam);

    private CompositionCost Cost => Weight.Cost(Found.Unmet, Search.Staying.Count + Found.People, Found.Weight, Found.Together);

    private bool IsSecond => _standingTeamFirst && TeamId is null;

    private static int Compare(Way left, Way right)
    {
        var order = left.Found.Unmet.CompareTo(right.Found.Unmet);
        order = order != 0 ? order : Weight.InFallbackLanguage(left.Found.Weight).CompareTo(Weight.InFallbackLanguage(right.Found.Weight));
        order = order != 0 ? order : left.IsSecond.CompareTo(right.IsSecond);
        order = order != 0 ? order : left.Found.CompareTo(right.Found);
        order = order != 0 ? order : left.Members().Zip(right.Members(), (one, other) => one.CompareTo(other)).FirstOrDefault(difference => difference != 0);
        return order != 0 ? order : Nullable.Compare(left.TeamId, right.TeamId);
    }

    private IEnumerable<int> Members() => Search.Team(Found.Link).Select(member => member.Candidate);

    private Loss LostTo(Way best)
    {
        var (had, won) = (Cost, best.Cost);
        (LossReason Reason, long Had, long Won)[] levels =
        [
            (LossReason.Unmet, had.Unmet, won.Unmet),
            (LossReason.FallbackLanguage, had.InFallbackLanguage, won.InFallbackLanguage),
            (LossReason.StandingTeamFirst, IsSecond ? 1 : 0, best.IsSecond ? 1 : 0),
            (LossReason.Members, had.Members - had.Together, won.Members - won.Together),
            (LossReason.People, had.Members, won.Members),
            (LossReason.Distance, had.Distance, won.Distance),
            (LossReason.Load, had.SquaredLoad, won.SquaredLoad),
            (LossReason.WorkedBefore, had.WorkedWithUnitBefore, won.WorkedWithUnitBefore),
        ];
        return levels.Where(level => level.Had != level.Won).Select(level => level.Reason is LossReason.StandingTeamFirst ? new Loss(level.Reason) : new Loss(level.Reason, level.Had, level.Won)).FirstOrDefault()
            ?? new Loss(LossReason.Id);
    }
}
