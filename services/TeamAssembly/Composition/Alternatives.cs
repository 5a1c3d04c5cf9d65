using System.Numerics;

namespace OtPlatform.TeamAssembly.Composition;

/// <summary>The experts nearest to being chosen: each is put in by force, and what the best team then costs is compared with the best of all.</summary>
internal sealed class Alternatives
{
    private const int Most = 5;
    private const int NotAllowed = -1;

    private readonly Facts _facts;
    private readonly TeamSearch _search;
    private readonly TeamSearch.Found _best;

    private Alternatives(Facts facts, TeamSearch search, TeamSearch.Found best) => (_facts, _search, _best) = (facts, search, best);

    public static IReadOnlyList<Alternative> Nearest(Facts facts, TeamSearch search, TeamSearch.Table table, TeamSearch.Found best) =>
        search.MostJoining == best.StandingTeams ? [] : new Alternatives(facts, search, best).Nearest(table.Around(best.OfStanding));

    private List<Alternative> Nearest(TeamSearch.Table table)
    {
        var chosen = _search.Team(_best.Link).Select(member => member.Candidate).Concat(_search.Staying.Keys).ToHashSet();
        var queue = Queue(chosen, table);
        var nearest = new List<Alternative>();
        while (nearest.Count < Most && queue.TryDequeue(out var next, out _))
        {
            // The team around the expert may not hold the same expert again: then it is found anew without. It can only cost more.
            if (next.Twice)
            {
                var without = _search.Run(next.Candidate).Around(_best.OfStanding);
                var group = _search.Groups.Single(alike => Array.BinarySearch(alike.Candidates, next.Candidate) >= 0);
                var exact = PutIn(new Around(_search, group, without, RestFor(without)), Array.BinarySearch(group.Candidates, next.Candidate));
                queue.Enqueue(exact, exact);
                continue;
            }

            nearest.Add(Explain(next));
        }

        return nearest;
    }

    /// <summary>
    /// All who can be among the nearest. The groups that could come nearest are looked at first; where enough are known to cost less than
    /// anybody of a group could, neither that group nor those after it matter.
    /// </summary>
    private PriorityQueue<Forced, Forced> Queue(HashSet<int> chosen, TeamSearch.Table table)
    {
        var order = Comparer<Forced>.Create(Compare);
        var (forced, leading) = (new List<(Forced, Forced)>(), new SortedSet<Forced>(order));
        var rest = RestFor(table);
        foreach (var around in _search.Groups.Select(group => new Around(_search, group, table, rest)).OrderBy(around => around.Least, order))
        {
            if (leading.Count == Most && CompareCosts(around.Least, leading.Max) > 0)
            {
                break;
            }

            for (var place = 0; place < around.Group.Candidates.Length; place++)
            {
                if (chosen.Contains(around.Group.Candidates[place]))
                {
                    continue;
                }

                var with = PutIn(around, place);
                forced.Add((with, with));
                if (!with.Twice && leading.Add(with) && leading.Count > Most)
                {
                    leading.Remove(leading.Max);
                }
            }
        }

        return new PriorityQueue<Forced, Forced>(forced, order);
    }

    private static int Compare(Forced left, Forced right)
    {
        var order = CompareCosts(left, right);
        return order != 0 ? order : left.Candidate.CompareTo(right.Candidate);
    }

    private static int CompareCosts(Forced left, Forced right) => Weight.Compare(left.Unmet, left.Joining, left.Weight, right.Unmet, right.Joining, right.Weight);

    private Forced PutIn(Around around, int place)
    {
        var (group, candidate) = (around.Group, around.Group.Candidates[place]);
        var (allowed, regardless) = (default(Forced?), default(Forced?));
        foreach (var (known, sort) in around.Sets)
        {
            if (sort >= 0 && group.LoadOf(place, sort) is >= 0 and var load)
            {
                allowed = Better(allowed, known with { Candidate = candidate, Weight = known.Weight + _search.LoadWeight(candidate, load) });
            }
        }

        var asked = false;
        foreach (var (known, sort) in around.Sets)
        {
            if ((sort >= 0 && group.LoadOf(place, sort) >= 0) || (allowed is not null && !IsBetterThanBest(known)))
            {
                continue;
            }

            if (!asked)
            {
                _search.Hours.Begin(candidate);
                asked = true;
            }

            var weight = known.Weight + _search.LoadWeight(candidate, _search.Hours.LoadRegardless(known.Set));
            regardless = Better(regardless, known with { Candidate = candidate, Weight = weight, BreaksRule = true });
        }

        var ruleDecided = regardless is { } r && IsBetterThanBest(r);
        var nearest = ruleDecided || allowed is null ? regardless!.Value : allowed.Value;
        return nearest with { Twice = _search.Holds(nearest.Link, candidate) };
    }

    private bool IsBetterThanBest(Forced with) => Weight.Compare(with.Unmet, with.Joining, with.Weight, _best.Unmet, _best.Joining, _best.Weight) < 0;

    private static Forced Better(Forced? current, Forced other) => current is { } known && Compare(known, other) <= 0 ? known : other;

    /// <summary>For each number of members and each set of needs left: the needs that the best team for them meets, -1 when there is none.</summary>
    private int[][] RestFor(TeamSearch.Table table)
    {
        var rest = new int[Math.Min(_search.MostJoining - _best.StandingTeams, _search.MostUseful + 1)][];
        for (var members = 0; members < rest.Length; members++)
        {
            var weights = table.Weights[members];
            var met = rest[members] = new int[weights.Length];
            for (var left = 0; left < met.Length; left++)
            {
                met[left] = weights[left] == Weight.None ? -1 : left;
                for (var bits = left; bits != 0; bits &= bits - 1)
                {
                    var fewer = met[left & ~(bits & -bits)];
                    if (fewer >= 0 && (met[left] < 0 || IsBetter(fewer, met[left], weights)))
                    {
                        met[left] = fewer;
                    }
                }
            }
        }

        return rest;
    }

    private static bool IsBetter(int met, int other, ulong[] weights)
    {
        var order = BitOperations.PopCount((uint)other).CompareTo(BitOperations.PopCount((uint)met));
        return order < 0 || (order == 0 && weights[met] < weights[other]);
    }

    private Alternative Explain(Forced with)
    {
        var needs = _search.Global(with.Set);
        return new Alternative(
            _facts.Candidates[with.Candidate].ExpertId,
            [.. _facts.KeysOf(needs)],
            Cost(with.Unmet, with.Joining, with.Weight),
            with.BreaksRule ? [.. RulesBroken(with)] : [LevelLost(with)]);
    }

    private CompositionCost Cost(int unmet, int joining, ulong weight) =>
        Weight.Cost(unmet, _search.Staying.Count + _best.OfStanding + joining, weight, _best.Together);

    private IEnumerable<Loss> RulesBroken(Forced with)
    {
        var candidate = _facts.Candidates[with.Candidate];
        if (candidate.Exclusion is { } exclusion)
        {
            yield return new Loss(exclusion switch
            {
                Exclusion.Suspended => LossReason.Suspended,
                Exclusion.ConflictOfInterest => LossReason.ConflictOfInterest,
                Exclusion.DeclinedBefore => LossReason.DeclinedBefore,
                _ => LossReason.Excluded,
            });
        }

        if (candidate.AgreementFrom > _facts.FirstDay)
        {
            yield return new Loss(LossReason.Agreement, Date: _facts.FirstDay);
        }

        if (candidate.AgreementUntil < _facts.LastDay)
        {
            yield return new Loss(LossReason.Agreement, Date: _facts.LastDay);
        }

        foreach (var need in _facts.Needs.Where((_, index) => (_search.Global(with.Set) & (1UL << index)) != 0))
        {
            if (!Facts.Speaks(candidate, need.Language))
            {
                yield return new Loss(LossReason.Language, Need: need.Key, Code: need.Language);
            }

            if (need.Channel is { } channel && !candidate.Channels.Contains(channel))
            {
                yield return new Loss(LossReason.Channel, Need: need.Key, Code: channel);
            }
        }

        _search.Hours.Begin(with.Candidate);
        if (candidate.WeeklyMinutes <= 0)
        {
            yield return new Loss(LossReason.Hours, 0);
        }
        else if (_search.Hours.Load([], with.Set) < 0)
        {
            yield return _search.Hours.Missing(with.Set);
        }
    }

    private Loss LevelLost(Forced with)
    {
        var (had, won) = (Cost(with.Unmet, with.Joining, with.Weight), Cost(_best.Unmet, _best.Joining, _best.Weight));
        var candidate = _facts.Candidates[with.Candidate];
        if (had.Unmet != won.Unmet)
        {
            return new Loss(LossReason.Unmet, had.Unmet, won.Unmet);
        }

        if (had.InFallbackLanguage != won.InFallbackLanguage)
        {
            return new Loss(LossReason.FallbackLanguage, had.InFallbackLanguage, won.InFallbackLanguage);
        }

        if (had.Members != won.Members)
        {
            return new Loss(LossReason.Members, had.Members, won.Members);
        }

        if (had.Distance != won.Distance)
        {
            var own = (int)_facts.Distance(with.Candidate, _search.Global(with.Set));
            return new Loss(LossReason.Distance, own, Math.Max(-1, own - (had.Distance - won.Distance)));
        }

        if (had.SquaredLoad != won.SquaredLoad)
        {
            _search.Hours.Begin(with.Candidate);
            var own = (long)_search.Hours.Load([], with.Set);
            var square = (own * own) - (had.SquaredLoad - won.SquaredLoad);
            return new Loss(LossReason.Load, own, square < 0 ? -1 : (long)Math.Sqrt(square));
        }

        return had.WorkedWithUnitBefore != won.WorkedWithUnitBefore
            ? new Loss(LossReason.WorkedBefore, had.WorkedWithUnitBefore, won.WorkedWithUnitBefore)
            : new Loss(LossReason.Id);
    }

    /// <param name="Set">What the expert meets in it.</param>
    /// <param name="Link">The rest of the team.</param>
    /// <param name="Twice">The rest of the team holds the same expert again.</param>
    /// <param name="BreaksRule">A hard rule forbids this set.</param>
    private readonly record struct Forced(int Candidate, int Set, int Unmet, int Joining, ulong Weight, int Link, bool Twice, bool BreaksRule);

    /// <summary>
    /// The best teams around an expert of one group, one for each sort of sets of needs that the expert could meet: what the hours
    /// decide is the same within a sort.
    /// </summary>
    private sealed class Around
    {
        public Around(TeamSearch search, Group group, TeamSearch.Table table, int[][] rest)
        {
            Group = group;
            var competent = search.Hours.Local(group.Profile.Competent);
            var best = new Dictionary<(int Sort, bool IsAllowed), Forced>();
            for (var set = competent; set != 0; set = (set - 1) & competent)
            {
                var forced = With(search, group.Profile.WeightFor(search.Global(set)), set, table, rest);
                var key = (search.Hours.SortOf(set), (set & ~group.Able) == 0);
                best[key] = Better(best.TryGetValue(key, out var known) ? known : null, forced);
            }

            Sets = [.. best.Select(found => (found.Value, found.Key.IsAllowed ? group.SortOf(found.Value.Set) : NotAllowed))];
            Least = best.Values.Min(Comparer<Forced>.Create(CompareCosts));
        }

        public Group Group { get; }

        /// <summary>The sort is below 0 where the set is not allowed.</summary>
        public (Forced Forced, int Sort)[] Sets { get; }

        /// <summary>What none of the group undercuts: the best of the sets with a load of nothing.</summary>
        public Forced Least { get; }

        private static Forced With(TeamSearch search, ulong weight, int set, TeamSearch.Table table, int[][] rest)
        {
            var best = new Forced(0, set, int.MaxValue, 0, Weight.None, -1, false, false);
            for (var others = 0; others < rest.Length; others++)
            {
                var met = rest[others][(rest[others].Length - 1) & ~set];
                if (met < 0)
                {
                    continue;
                }

                var unmet = search.NeedCount - BitOperations.PopCount((uint)(met | set));
                var sum = weight + table.Weights[others][met];
                if (Weight.Compare(unmet, others + 1, sum, best.Unmet, best.Joining, best.Weight) < 0)
                {
                    best = best with { Unmet = unmet, Joining = others + 1, Weight = sum, Link = table.Links[others][met] };
                }
            }

            return best;
        }
    }
}
