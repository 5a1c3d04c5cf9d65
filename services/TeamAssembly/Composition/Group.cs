using System.Numerics;

namespace OtPlatform.TeamAssembly.Composition;

/// <summary>
/// Candidates that differ in nothing but their hours and whether they worked with the unit, and the load of each after joining with each
/// sort of sets that the hard rules allow: worked out once, and asked for by the search, the alternatives and the widening.
/// </summary>
internal sealed class Group
{
    private const int None = -1;

    private readonly Hours _hours;
    private readonly Hours.Sorted _sorted;
    private readonly int[] _loads;
    private int _weighed;

    private Group(Facts.Profile profile, int[] candidates, Hours hours, int able)
    {
        (Profile, Candidates, Able, _hours, _sorted) = (profile, candidates, able, hours, hours.SortedOf(able));
        _loads = new int[candidates.Length * Sorts];
    }

    /// <summary>What they have in common, within the needs of the search.</summary>
    public Facts.Profile Profile { get; }

    /// <summary>By their ids.</summary>
    public int[] Candidates { get; }

    /// <summary>The needs that the hard rules allow, as a set of the search.</summary>
    public int Able { get; }

    /// <summary>How many sorts of sets there are.</summary>
    public int Sorts => _sorted.Sets.Length;

    /// <summary>The sort of a set that is allowed, counted from 0.</summary>
    public int SortOf(int set) => _sorted.SortOf(set);

    /// <summary>The load in per mille of the candidate at this place, below 0 where there is no room for a set of this sort.</summary>
    public int LoadOf(int place, int sort) => _loads[(place * _sorted.Sets.Length) + sort];

    /// <summary>All who are competent for at least one of the needs.</summary>
    /// <param name="needs">The needs of the search, as indices in <paramref name="facts"/>.</param>
    /// <param name="isLeftOut">Those who are members anyway.</param>
    public static IReadOnlyList<Group> Of(Facts facts, int[] needs, Hours hours, Func<int, bool> isLeftOut)
    {
        var mask = needs.Aggregate(0UL, (all, need) => all | (1UL << need));
        var (members, groupOf) = (new Dictionary<Facts.Profile, (int Group, List<int> Candidates)>(), new int[facts.Candidates.Length]);
        for (var candidate = 0; candidate < groupOf.Length; candidate++)
        {
            groupOf[candidate] = None;
            if ((facts.Profiles[candidate].Competent & mask) == 0 || isLeftOut(candidate))
            {
                continue;
            }

            var profile = facts.Profiles[candidate].Within(mask);
            if (!members.TryGetValue(profile, out var alike))
            {
                members[profile] = alike = (members.Count, []);
            }

            alike.Candidates.Add(candidate);
            groupOf[candidate] = alike.Group;
        }

        Group[] groups = [.. members.OrderBy(group => group.Value.Group).Select(group => new Group(group.Key, [.. group.Value.Candidates], hours, hours.Local(group.Key.Able)))];

        // One after the other as they lie in memory: the groups have them far apart.
        for (var candidate = 0; candidate < groupOf.Length; candidate++)
        {
            if (groupOf[candidate] != None)
            {
                groups[groupOf[candidate]].WeighNext(candidate);
            }
        }

        return groups;
    }

    private void WeighNext(int candidate)
    {
        if (Sorts == 0)
        {
            return;
        }

        _hours.Begin(candidate);
        foreach (var set in _sorted.Sets)
        {
            _loads[_weighed++] = _hours.Load([], set);
        }
    }

    /// <summary>The nearest step at which the candidate at each place has room for one of the needs; null where there is none.</summary>
    public IEnumerable<DistanceStep?> Nearest()
    {
        var single = new List<(int Sort, DistanceStep Step)>();
        for (var rest = Able; rest != 0; rest &= rest - 1)
        {
            single.Add((SortOf(rest & -rest), Profile.DistanceFor(1UL << _hours.NeedOf(BitOperations.TrailingZeroCount(rest)))));
        }

        var outwards = single.Distinct().OrderBy(need => need.Step).ToArray();
        for (var place = 0; place < Candidates.Length; place++)
        {
            DistanceStep? nearest = null;
            foreach (var (sort, step) in outwards)
            {
                if (LoadOf(place, sort) >= 0)
                {
                    nearest = step;
                    break;
                }
            }

            yield return nearest;
        }
    }
}
