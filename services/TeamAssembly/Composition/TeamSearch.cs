using System.Numerics;

namespace OtPlatform.TeamAssembly.Composition;

/// <summary>
/// Finds the best team for up to 16 needs by dynamic programming over (members, needs met). Candidates enter from the greatest id to
/// the smallest, each with at most one set of needs, so no expert is in a team twice and the smaller ids come out of equal costs.
/// </summary>
internal sealed class TeamSearch
{
    private const int End = -1;

    private readonly Facts _facts;
    private readonly int[] _needs;
    private readonly ulong _needsMask;
    private readonly int _sets;
    private readonly List<Link> _links = [];
    private readonly List<(int Candidate, int Set, ulong Weight)> _joins;
    private readonly IReadOnlySet<int> _standing;

    /// <param name="needs">The needs to be met, as indices in <paramref name="facts"/>.</param>
    /// <param name="staying">Members in any case, by candidate.</param>
    /// <param name="standing">Candidates who come with a standing team: one of them at least is in the team. Nobody stays then.</param>
    public TeamSearch(Facts facts, int[] needs, IReadOnlyDictionary<int, Kept> staying, IReadOnlySet<int>? standing = null)
    {
        _facts = facts;
        _standing = standing ?? new HashSet<int>();
        _needs = needs;
        _needsMask = needs.Aggregate(0UL, (mask, need) => mask | (1UL << need));
        _sets = 1 << needs.Length;
        Hours = new Hours(facts, needs);
        Staying = staying;
        Groups = Group.Of(facts, needs, Hours, candidate => staying.ContainsKey(candidate) || _standing.Contains(candidate));
        MostJoining = Math.Max(0, Math.Min(facts.MaxMembers - staying.Count, needs.Length));
        MostOfStanding = MostJoining == 0 ? 0 : Math.Min(_standing.Count, needs.Length);
        _joins = BestForEachSet();
    }

    public Hours Hours { get; }

    public int MostJoining { get; }

    /// <summary>How many can come with the standing team.</summary>
    public int MostOfStanding { get; }

    /// <summary>The joining members that the tables go up to; an expert put in by force may come on top.</summary>
    public int MostUseful { get; private set; }

    /// <summary>Those who could join.</summary>
    public IReadOnlyList<Group> Groups { get; }

    public IReadOnlyDictionary<int, Kept> Staying { get; }

    public ulong Needs => _needsMask;

    public int NeedCount => _needs.Length;

    /// <summary>Runs the search.</summary>
    /// <param name="without">A candidate to leave out.</param>
    public Table Run(int without = End)
    {
        var table = new Table(this, MostOfStanding, MostUseful, _sets);
        Stay(table);
        for (var from = 0; from < _joins.Count;)
        {
            var to = from;
            while (to < _joins.Count && _joins[to].Candidate == _joins[from].Candidate)
            {
                to++;
            }

            if (_joins[from].Candidate != without)
            {
                Join(table, from, to);
            }

            from = to;
        }

        return table;
    }

    public ulong Global(int set)
    {
        var needs = 0UL;
        for (var rest = set; rest != 0; rest &= rest - 1)
        {
            needs |= 1UL << _needs[BitOperations.TrailingZeroCount(rest)];
        }

        return needs;
    }

    /// <summary>The part of a member's weight that the hours decide.</summary>
    public ulong LoadWeight(int candidate, int load) => Weight.Of(0, DistanceStep.OwnCounty, load, _facts.Candidates[candidate].WorkedWithUnitBefore);

    public IEnumerable<(int Candidate, int Set)> Team(int link)
    {
        for (; link != End; link = _links[link].Next)
        {
            yield return (_links[link].Candidate, _links[link].Set);
        }
    }

    public bool Holds(int link, int candidate)
    {
        while (link != End && _links[link].Candidate != candidate)
        {
            link = _links[link].Next;
        }

        return link != End;
    }

    /// <summary>Below 0 when the first of two teams of the same cost has the smaller ids or, with the same ids, gives earlier needs to the smaller id.</summary>
    public int CompareTeams(int left, int right)
    {
        var sets = 0;
        for (; left != right && left != End && right != End; left = _links[left].Next, right = _links[right].Next)
        {
            var ids = _links[left].Candidate.CompareTo(_links[right].Candidate);
            if (ids != 0)
            {
                return ids;
            }

            sets = sets != 0 ? sets : _links[left].Set.CompareTo(_links[right].Set);
        }

        return sets;
    }

    /// <summary>
    /// For each set the candidates that can be in a best team with exactly that set: as many as there can be members beside, plus
    /// one. Any other could be exchanged for one of these that is not in the team, at no greater cost and with a smaller id.
    /// </summary>
    private List<(int Candidate, int Set, ulong Weight)> BestForEachSet()
    {
        var lists = new Shortest(_sets, MostJoining);
        foreach (var group in MostJoining == 0 ? [] : Groups)
        {
            var bySort = new Shortest(group.Sorts, MostJoining);
            for (var place = 0; place < group.Candidates.Length; place++)
            {
                for (var sort = 0; sort < group.Sorts; sort++)
                {
                    if (group.LoadOf(place, sort) is >= 0 and var load)
                    {
                        bySort.Offer(sort, MostJoining, group.Candidates[place], LoadWeight(group.Candidates[place], load));
                    }
                }
            }

            for (var set = group.Able; set != 0; set = (set - 1) & group.Able)
            {
                var most = Math.Min(MostJoining, _needs.Length - BitOperations.PopCount((uint)set) + 1);
                var weight = group.Profile.WeightFor(Global(set));
                foreach (var (candidate, load) in bySort.Of(group.SortOf(set)))
                {
                    if (!lists.Offer(set, most, candidate, weight + load))
                    {
                        break;
                    }
                }
            }
        }

        MostUseful = MostJoining == 0 ? 0 : Enough(lists);
        var joins = new List<(int Candidate, int Set, ulong Weight)>();
        for (var set = 1; set < _sets; set++)
        {
            var list = lists.Of(set);
            foreach (var (candidate, weight) in list[..Math.Min(list.Length, MostUseful)])
            {
                joins.Add((candidate, set, weight));
            }
        }

        joins.AddRange(JoinsOfStanding());
        joins.Sort((left, right) => right.Candidate.CompareTo(left.Candidate));
        return joins;
    }

    /// <summary>All that each member of the standing team can take: who else is in the team does not make any of it superfluous.</summary>
    private IEnumerable<(int Candidate, int Set, ulong Weight)> JoinsOfStanding()
    {
        foreach (var candidate in _standing)
        {
            Hours.Begin(candidate);
            var able = Hours.Local(_facts.Profiles[candidate].Able);
            for (var set = able; set != 0; set = (set - 1) & able)
            {
                if (Hours.Load([], set) is >= 0 and var load)
                {
                    yield return (candidate, set, _facts.Profiles[candidate].WeightFor(Global(set)) + LoadWeight(candidate, load));
                }
            }
        }
    }

    /// <summary>
    /// A number of joining members that a best team does not exceed: a team of so many, found by taking the largest set each time,
    /// leaves only what nobody can meet. Where more members could spare the fallback language this does not hold.
    /// </summary>
    private int Enough(Shortest lists)
    {
        var possible = 0;
        for (var bit = 0; bit < _needs.Length; bit++)
        {
            possible |= lists.Of(1 << bit).IsEmpty ? 0 : 1 << bit;
        }

        if (Staying.Count > 0 || Groups.Any(group => group.Profile.Fallback != 0))
        {
            return MostJoining;
        }

        var taken = new HashSet<int>();
        while (possible != 0 && taken.Count < MostJoining)
        {
            var (largest, by) = (0, End);
            for (var set = possible; set != 0; set = (set - 1) & possible)
            {
                foreach (var (candidate, _) in BitOperations.PopCount((uint)set) > BitOperations.PopCount((uint)largest) ? lists.Of(set) : [])
                {
                    if (!taken.Contains(candidate))
                    {
                        (largest, by) = (set, candidate);
                        break;
                    }
                }
            }

            if (by == End)
            {
                return MostJoining;
            }

            taken.Add(by);
            possible &= ~largest;
        }

        return possible == 0 ? taken.Count : MostJoining;
    }

    private void Stay(Table table)
    {
        table.Weights[0][0] = 0;
        foreach (var (candidate, kept) in Staying.OrderByDescending(member => member.Key))
        {
            Hours.Begin(candidate);
            var able = Hours.Local(_facts.Profiles[candidate].Able & ~kept.Needs);
            var (weights, links) = (table.Weights[0], table.Links[0]);
            var (nextWeights, nextLinks) = (Table.Empty(_sets), new int[_sets]);
            for (var further = able; ; further = (further - 1) & able)
            {
                var load = further == 0 ? _facts.Load(candidate, kept.Minutes) : Hours.Load(kept.Minutes, further);
                var weight = _facts.Profiles[candidate].WeightFor(kept.Needs | Global(further)) + LoadWeight(candidate, Math.Max(0, load));
                for (var met = 0; load >= 0 && met < _sets; met++)
                {
                    if ((met & further) == 0 && weights[met] != Weight.None)
                    {
                        Offer(nextWeights, nextLinks, met | further, weights[met] + weight, candidate, further, links[met]);
                    }
                }

                if (further == 0)
                {
                    break;
                }
            }

            (table.Weights[0], table.Links[0]) = (nextWeights, nextLinks);
        }
    }

    private void Join(Table table, int from, int to)
    {
        // The place before has to be without the candidate yet: from the most members to the fewest.
        var isOfStanding = _standing.Contains(_joins[from].Candidate);
        var step = isOfStanding ? MostUseful + 1 : 1;
        for (var place = table.Weights.Length - 1; place >= step; place--)
        {
            if (isOfStanding || place % (MostUseful + 1) > 0)
            {
                Join(from, to, (table.Weights[place - step], table.Links[place - step]), (table.Weights[place], table.Links[place]));
            }
        }
    }

    private void Join(int from, int to, (ulong[] Weights, int[] Links) before, (ulong[] Weights, int[] Links) after)
    {
        for (var join = from; after.Weights.Length > 0 && join < to; join++)
        {
            var (candidate, set, weight) = _joins[join];
            var others = (_sets - 1) & ~set;
            for (var met = others; ; met = (met - 1) & others)
            {
                if (before.Weights[met] != Weight.None && before.Weights[met] + weight <= after.Weights[met | set])
                {
                    Offer(after.Weights, after.Links, met | set, before.Weights[met] + weight, candidate, set, before.Links[met]);
                }

                if (met == 0)
                {
                    break;
                }
            }
        }
    }

    private void Offer(ulong[] weights, int[] links, int met, ulong weight, int candidate, int set, int next)
    {
        if (weight > weights[met])
        {
            return;
        }

        _links.Add(new Link(candidate, set, next));
        if (weight == weights[met] && CompareTeams(_links.Count - 1, links[met]) >= 0)
        {
            _links.RemoveAt(_links.Count - 1);
            return;
        }

        (weights[met], links[met]) = (weight, _links.Count - 1);
    }

    /// <summary>Needs kept by a staying member, with the minutes they take in each week.</summary>
    public sealed record Kept(ulong Needs, int[] Minutes, IReadOnlyDictionary<int, int> Weeks);

    private readonly record struct Link(int Candidate, int Set, int Next);

    /// <summary>Per key the candidates of the least weight, the smaller id first where it is the same.</summary>
    private sealed class Shortest(int keys, int most)
    {
        private readonly (int Candidate, ulong Weight)[] _entries = new (int Candidate, ulong Weight)[keys * most];
        private readonly int[] _counts = new int[keys];

        public ReadOnlySpan<(int Candidate, ulong Weight)> Of(int key) => _entries.AsSpan(key * most, _counts[key]);

        public bool Offer(int key, int atMost, int candidate, ulong weight)
        {
            var entries = _entries.AsSpan(key * most, atMost);
            var place = _counts[key];
            if (place == atMost)
            {
                if (!Precedes(candidate, weight, entries[--place]))
                {
                    return false;
                }
            }
            else
            {
                _counts[key]++;
            }

            for (; place > 0 && Precedes(candidate, weight, entries[place - 1]); place--)
            {
                entries[place] = entries[place - 1];
            }

            entries[place] = (candidate, weight);
            return true;
        }

        private static bool Precedes(int candidate, ulong weight, (int Candidate, ulong Weight) other) =>
            weight < other.Weight || (weight == other.Weight && candidate < other.Candidate);
    }

    /// <summary>
    /// For each number of members of a standing team, of others who join, and each set of needs met by exactly these: the best team. The
    /// numbers of those who join lie beside each other; where there would be too many members, the standing team as one, there is nothing.
    /// </summary>
    public sealed class Table
    {
        private readonly TeamSearch _search;
        private readonly int _joining;

        public Table(TeamSearch search, int mostOfStanding, int mostJoining, int sets)
        {
            (_search, _joining) = (search, mostJoining + 1);
            Weights = new ulong[(mostOfStanding + 1) * _joining][];
            Links = new int[Weights.Length][];
            for (var place = 0; place < Weights.Length; place++)
            {
                var size = Math.Min(1, place / _joining) + (place % _joining) <= search.MostJoining ? sets : 0;
                Weights[place] = Empty(size);
                Links[place] = new int[size];
                Array.Fill(Links[place], End);
            }
        }

        private Table(TeamSearch search, ulong[][] weights, int[][] links) => (_search, _joining, Weights, Links) = (search, weights.Length, weights, links);

        public ulong[][] Weights { get; }

        public int[][] Links { get; }

        /// <summary>The teams with so many of the standing team, by the number of those who join.</summary>
        public Table Around(int ofStanding) => new(_search, Weights[(ofStanding * _joining)..((ofStanding + 1) * _joining)], Links[(ofStanding * _joining)..((ofStanding + 1) * _joining)]);

        /// <summary>The best of all, with the standing team in it where there is one; <see cref="Found.IsTeam"/> is false when none of it can meet a need.</summary>
        public Found Best()
        {
            var best = new Found(int.MaxValue, 0, 0, Weight.None, End);
            for (var place = _search.MostOfStanding > 0 ? _joining : 0; place < Weights.Length; place++)
            {
                for (var met = 0; met < Weights[place].Length; met++)
                {
                    if (Weights[place][met] == Weight.None)
                    {
                        continue;
                    }

                    var found = new Found(_search.NeedCount - BitOperations.PopCount((uint)met), place / _joining, place % _joining, Weights[place][met], Links[place][met]);
                    var order = found.CompareTo(best);
                    if (order < 0 || (order == 0 && _search.CompareTeams(found.Link, best.Link) < 0))
                    {
                        best = found;
                    }
                }
            }

            return best;
        }

        public static ulong[] Empty(int sets)
        {
            var weights = new ulong[sets];
            Array.Fill(weights, Weight.None);
            return weights;
        }
    }

    /// <summary>A team: its unmet needs among those searched for, those who come with the standing team, those who join, its weight, and where its members are listed.</summary>
    public readonly record struct Found(int Unmet, int OfStanding, int Joining, ulong Weight, int Link)
    {
        private const int MorePeopleThanEver = 100;

        public bool IsTeam => Weight != Composition.Weight.None;

        public int People => OfStanding + Joining;

        /// <summary>1 when a standing team is in it, which counts as one member.</summary>
        public int StandingTeams => Math.Min(1, OfStanding);

        /// <summary>Members of the standing team beyond its first.</summary>
        public int Together => Math.Max(0, OfStanding - 1);

        // The number of members with the standing team as one, then that of people.
        private int Members => ((People - Together) * MorePeopleThanEver) + People;

        /// <summary>As the objective orders them; 0 when only the expert ids can tell.</summary>
        public int CompareTo(Found other) => Composition.Weight.Compare(Unmet, Members, Weight, other.Unmet, other.Members, other.Weight);
    }
}
