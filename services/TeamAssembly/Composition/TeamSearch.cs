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
    private readonly Hours _hours;
    private readonly int _sets;
    private readonly List<Link> _links = [];
    private readonly List<(int Candidate, int Set, ulong Weight)> _joins;

    /// <param name="needs">The needs to be met, as indices in <paramref name="facts"/>.</param>
    /// <param name="staying">Members in any case, by candidate.</param>
    public TeamSearch(Facts facts, int[] needs, IReadOnlyDictionary<int, Kept> staying)
    {
        _facts = facts;
        _needs = needs;
        _needsMask = needs.Aggregate(0UL, (mask, need) => mask | (1UL << need));
        _sets = 1 << needs.Length;
        _hours = new Hours(facts, needs);
        Staying = staying;
        MostJoining = Math.Max(0, Math.Min(facts.MaxMembers - staying.Count, needs.Length));
        _joins = BestForEachSet();
    }

    public Hours Hours => _hours;

    public int MostJoining { get; }

    public IReadOnlyDictionary<int, Kept> Staying { get; }

    public int NeedCount => _needs.Length;

    public int NeedOf(int bit) => _needs[bit];

    /// <summary>Runs the search.</summary>
    /// <param name="without">A candidate to leave out.</param>
    public Table Run(int without = End)
    {
        var table = new Table(this, MostJoining, _sets);
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

    /// <summary>The needs of a candidate as a set of this search.</summary>
    public int Local(ulong needs)
    {
        if (needs == 0)
        {
            return 0;
        }

        var set = 0;
        for (var bit = 0; bit < _needs.Length; bit++)
        {
            set |= (int)((needs >> _needs[bit]) & 1) << bit;
        }

        return set;
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

    /// <summary>What the member adds to the cost with this set, or <see cref="Weight.None"/> without room for it.</summary>
    public ulong WeightOf(int candidate, int set)
    {
        var kept = Staying.GetValueOrDefault(candidate);
        var load = _hours.Load(candidate, kept?.Minutes, set);
        return load < 0 ? Weight.None : WeightWith(candidate, (kept?.Needs ?? 0) | Global(set), load);
    }

    public ulong WeightWith(int candidate, ulong needs, int load) => Weight.Of(
        _facts.InFallbackLanguage(candidate, needs),
        _facts.Distance(candidate, needs),
        load,
        _facts.Candidates[candidate].WorkedWithUnitBefore);

    public IEnumerable<(int Candidate, int Set)> Team(int link)
    {
        for (; link != End; link = _links[link].Next)
        {
            yield return (_links[link].Candidate, _links[link].Set);
        }
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
        var (candidates, weights, counts) = (new int[_sets * MostJoining], new ulong[_sets * MostJoining], new int[_sets]);
        for (var candidate = 0; candidate < _facts.Candidates.Length; candidate++)
        {
            var able = _facts.Profiles[candidate].Able & _needsMask;
            if (able == 0 || MostJoining == 0 || Staying.ContainsKey(candidate))
            {
                continue;
            }

            _hours.Begin();
            var all = Local(able);
            for (var set = all; set != 0; set = (set - 1) & all)
            {
                var weight = WeightOf(candidate, set);
                if (weight == Weight.None)
                {
                    continue;
                }

                var most = Math.Min(MostJoining, _needs.Length - BitOperations.PopCount((uint)set) + 1);
                var first = set * MostJoining;
                var place = counts[set];
                if (place == most)
                {
                    if (weights[first + most - 1] <= weight)
                    {
                        continue;
                    }

                    place--;
                }
                else
                {
                    counts[set]++;
                }

                for (; place > 0 && weights[first + place - 1] > weight; place--)
                {
                    weights[first + place] = weights[first + place - 1];
                    candidates[first + place] = candidates[first + place - 1];
                }

                (weights[first + place], candidates[first + place]) = (weight, candidate);
            }
        }

        var joins = new List<(int Candidate, int Set, ulong Weight)>();
        for (var set = 1; set < _sets; set++)
        {
            for (var place = 0; place < counts[set]; place++)
            {
                joins.Add((candidates[(set * MostJoining) + place], set, weights[(set * MostJoining) + place]));
            }
        }

        joins.Sort((left, right) => right.Candidate.CompareTo(left.Candidate));
        return joins;
    }

    private void Stay(Table table)
    {
        table.Weights[0][0] = 0;
        foreach (var (candidate, kept) in Staying.OrderByDescending(member => member.Key))
        {
            _hours.Begin();
            var able = Local(_facts.Profiles[candidate].Able & ~kept.Needs);
            var (weights, links) = (table.Weights[0], table.Links[0]);
            var (nextWeights, nextLinks) = (Table.Empty(_sets), new int[_sets]);
            for (var further = able; ; further = (further - 1) & able)
            {
                var weight = further == 0 ? WeightWith(candidate, kept.Needs, _facts.Load(candidate, kept.Minutes)) : WeightOf(candidate, further);
                for (var met = 0; weight != Weight.None && met < _sets; met++)
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
        for (var members = MostJoining; members > 0; members--)
        {
            var (before, beforeLinks) = (table.Weights[members - 1], table.Links[members - 1]);
            var (after, afterLinks) = (table.Weights[members], table.Links[members]);
            for (var join = from; join < to; join++)
            {
                var (candidate, set, weight) = _joins[join];
                var others = (_sets - 1) & ~set;
                for (var met = others; ; met = (met - 1) & others)
                {
                    if (before[met] != Weight.None && before[met] + weight <= after[met | set])
                    {
                        Offer(after, afterLinks, met | set, before[met] + weight, candidate, set, beforeLinks[met]);
                    }

                    if (met == 0)
                    {
                        break;
                    }
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

    /// <summary>For each number of joining members and each set of needs met by exactly these members: the best team.</summary>
    public sealed class Table
    {
        private readonly TeamSearch _search;

        public Table(TeamSearch search, int mostJoining, int sets)
        {
            _search = search;
            Weights = new ulong[mostJoining + 1][];
            Links = new int[mostJoining + 1][];
            for (var members = 0; members <= mostJoining; members++)
            {
                Weights[members] = Empty(sets);
                Links[members] = new int[sets];
                Array.Fill(Links[members], End);
            }
        }

        public ulong[][] Weights { get; }

        public int[][] Links { get; }

        /// <summary>The best of all: unmet needs, joining members, weight and first link of the team.</summary>
        public Found Best()
        {
            var best = new Found(int.MaxValue, 0, Weight.None, End);
            for (var members = 0; members < Weights.Length; members++)
            {
                for (var met = 0; met < Weights[members].Length; met++)
                {
                    var weight = Weights[members][met];
                    if (weight == Weight.None)
                    {
                        continue;
                    }

                    var unmet = _search.NeedCount - BitOperations.PopCount((uint)met);
                    var order = Weight.Compare(unmet, members, weight, best.Unmet, best.Joining, best.Weight);
                    if (order < 0 || (order == 0 && _search.CompareTeams(Links[members][met], best.Link) < 0))
                    {
                        best = new Found(unmet, members, weight, Links[members][met]);
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

    /// <summary>A team: its unmet needs among those searched for, its joining members, its weight, and where its members are listed.</summary>
    public readonly record struct Found(int Unmet, int Joining, ulong Weight, int Link);
}
