using System.Numerics;

namespace OtPlatform.TeamAssembly.Composition;

/// <summary>
/// Whether a member has room for a set of needs, and the load it leaves. Needs that ask for the same minutes are interchangeable,
/// so an expert's answer is worked out once per number of needs of each sort and not once per set.
/// </summary>
internal sealed class Hours
{
    private const int NoRoom = -1;

    private readonly Facts _facts;
    private readonly int[] _needs;
    private readonly int[] _sortOf;
    private readonly int[] _onceInOrder;
    private readonly (int Asked, int Load)[] _loads;
    private readonly (int Asked, int Load)[] _loadsRegardless;
    private readonly int[] _added;
    private readonly Dictionary<int, int[]> _onePerSort = [];
    private int _asked;

    /// <param name="needs">The needs that the bits of a set stand for.</param>
    public Hours(Facts facts, int[] needs)
    {
        _facts = facts;
        _needs = needs;
        var sorts = Enumerable.Range(0, needs.Length)
            .GroupBy(bit => $"{facts.Needs[needs[bit]].Once}:{string.Join(',', facts.Minutes[needs[bit]])}", StringComparer.Ordinal)
            .ToList();
        _sortOf = new int[1 << needs.Length];
        var weight = 1;
        foreach (var sort in sorts)
        {
            foreach (var bit in sort)
            {
                _sortOf[1 << bit] = weight;
            }

            weight *= sort.Count() + 1;
        }

        for (var set = 1; set < _sortOf.Length; set++)
        {
            _sortOf[set] = _sortOf[set & (set - 1)] + _sortOf[set & -set];
        }

        _onceInOrder = [.. Enumerable.Range(0, needs.Length)
            .Where(bit => facts.Needs[needs[bit]].Once)
            .OrderByDescending(bit => facts.Minutes[needs[bit]], Comparer<int[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right)))
            .ThenBy(bit => bit)];
        _loads = new (int Asked, int Load)[weight];
        _loadsRegardless = new (int Asked, int Load)[weight];
        _added = new int[facts.Weeks];
    }

    public int Sorts => _loads.Length;

    /// <summary>What decides on the hours of a set: how many needs of each sort are in it.</summary>
    public int SortOf(int set) => _sortOf[set];

    /// <summary>One subset of each sort.</summary>
    public int[] OnePerSort(int all)
    {
        if (!_onePerSort.TryGetValue(all, out var sets))
        {
            var bySort = new Dictionary<int, int>();
            for (var set = all; set != 0; set = (set - 1) & all)
            {
                bySort[_sortOf[set]] = set;
            }

            _onePerSort[all] = sets = [.. bySort.Values];
        }

        return sets;
    }

    /// <summary>Forgets the member asked about before.</summary>
    public void Begin() => _asked++;

    /// <summary>The load in per mille after joining, or below 0 when there is no room.</summary>
    /// <param name="kept">Minutes that the member gives to this team in any case.</param>
    public int Load(int candidate, ReadOnlySpan<int> kept, int set)
    {
        ref var answer = ref _loads[_sortOf[set]];
        if (answer.Asked != _asked)
        {
            answer = (_asked, Place(candidate, kept, set, [], hasRoom: true) ? _facts.Load(candidate, _added) : NoRoom);
        }

        return answer.Load;
    }

    /// <summary>The load if there were room.</summary>
    public int LoadRegardless(int candidate, int set)
    {
        ref var answer = ref _loadsRegardless[_sortOf[set]];
        if (answer.Asked != _asked)
        {
            Place(candidate, [], set, [], hasRoom: false);
            answer = (_asked, _facts.Load(candidate, _added));
        }

        return answer.Load;
    }

    /// <summary>The week index in which each need of the set that is met once is met, by bit, -1 for the others; and the minutes of each week with all of them.</summary>
    public (int[] Weeks, int[] Minutes) Placed(int candidate, ReadOnlySpan<int> kept, int set)
    {
        var weeks = new int[_needs.Length];
        Array.Fill(weeks, -1);
        Place(candidate, kept, set, weeks, hasRoom: true);
        return (weeks, [.. _added]);
    }

    /// <summary>The minutes free and needed where the room is most lacking.</summary>
    public Loss Missing(int candidate, int set)
    {
        AddWeekly([], set);
        var free = _facts.Candidates[candidate].FreeMinutes;
        var (worst, lack) = (0, 0);
        for (var week = 0; week < _facts.Weeks; week++)
        {
            if (_added[week] > 0 && _added[week] - free[week] > lack)
            {
                (worst, lack) = (week, _added[week] - free[week]);
            }
        }

        if (lack > 0)
        {
            return new Loss(LossReason.Hours, Math.Max(0, free[worst]), _added[worst], Date: _facts.Monday(worst));
        }

        // The weekly needs fit, so those met once do not: all of them would fit into the roomiest week if it had their sum.
        var once = _onceInOrder.Where(bit => (set & (1 << bit)) != 0).ToList();
        var roomiest = Enumerable.Range(0, _facts.Weeks)
            .Where(week => once.All(bit => _facts.Minutes[_needs[bit]][week] > 0))
            .OrderByDescending(week => free[week] - _added[week])
            .FirstOrDefault(_facts.Weeks - 1);
        return new Loss(
            LossReason.Hours,
            Math.Max(0, free[roomiest]),
            _added[roomiest] + once.Sum(bit => _facts.Minutes[_needs[bit]][roomiest]),
            _facts.Needs[_needs[once[0]]].Key,
            Date: _facts.Monday(roomiest));
    }

    private bool Place(int candidate, ReadOnlySpan<int> kept, int set, int[] weeks, bool hasRoom)
    {
        AddWeekly(kept, set);
        var free = _facts.Candidates[candidate].FreeMinutes;
        for (var week = 0; hasRoom && week < _added.Length; week++)
        {
            if (_added[week] > free[week] && _added[week] > (kept.IsEmpty ? 0 : kept[week]))
            {
                return false;
            }
        }

        return PlaceOnce(free, set, 0, (0, 0), weeks, hasRoom);
    }

    private bool PlaceOnce(IReadOnlyList<int> free, int set, int position, (int Sort, int Week) previous, int[] weeks, bool hasRoom)
    {
        while (position < _onceInOrder.Length && (set & (1 << _onceInOrder[position])) == 0)
        {
            position++;
        }

        if (position == _onceInOrder.Length)
        {
            return true;
        }

        var bit = _onceInOrder[position];
        var minutes = _facts.Minutes[_needs[bit]];
        var sort = _sortOf[1 << bit];
        for (var week = sort == previous.Sort ? previous.Week : 0; week < minutes.Length; week++)
        {
            if (minutes[week] == 0 || (hasRoom && _added[week] + minutes[week] > free[week]))
            {
                continue;
            }

            _added[week] += minutes[week];
            if (PlaceOnce(free, set, position + 1, (sort, week), weeks, hasRoom))
            {
                if (weeks.Length > 0)
                {
                    weeks[bit] = week;
                }

                return true;
            }

            _added[week] -= minutes[week];
        }

        return false;
    }

    private void AddWeekly(ReadOnlySpan<int> kept, int set)
    {
        Array.Clear(_added);
        kept.CopyTo(_added);
        for (var rest = set; rest != 0; rest &= rest - 1)
        {
            var need = _needs[BitOperations.TrailingZeroCount(rest)];
            if (_facts.Needs[need].Once)
            {
                continue;
            }

            var minutes = _facts.Minutes[need];
            for (var week = 0; week < minutes.Length; week++)
            {
                _added[week] += minutes[week];
            }
        }
    }
}
