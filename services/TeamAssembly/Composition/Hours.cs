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
    private readonly int[] _free;
    private readonly int[] _committed;
    private readonly int[]?[] _weeklyOfSort;
    private readonly int _once;
    private readonly Dictionary<int, Sorted> _sorted = [];
    private int _asked;
    private int _weekly;

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
        _once = _onceInOrder.Aggregate(0, (set, bit) => set | (1 << bit));
        _loads = new (int Asked, int Load)[weight];
        _loadsRegardless = new (int Asked, int Load)[weight];
        _weeklyOfSort = new int[weight][];
        (_added, _free, _committed) = (new int[facts.Weeks], new int[facts.Weeks], new int[facts.Weeks]);
    }

    /// <summary>What decides on the hours of a set: how many needs of each sort are in it.</summary>
    public int SortOf(int set) => _sortOf[set];

    public int NeedOf(int bit) => _needs[bit];

    /// <summary>The needs of a candidate as a set of this search.</summary>
    public int Local(ulong needs)
    {
        var set = 0;
        for (var bit = 0; needs != 0 && bit < _needs.Length; bit++)
        {
            set |= (int)((needs >> _needs[bit]) & 1) << bit;
        }

        return set;
    }

    /// <summary>The subsets, sorted.</summary>
    public Sorted SortedOf(int all)
    {
        if (!_sorted.TryGetValue(all, out var sorted))
        {
            _sorted[all] = sorted = new Sorted(this, all);
        }

        return sorted;
    }

    /// <summary>Turns to another candidate.</summary>
    public void Begin(int candidate)
    {
        _asked++;
        var facts = _facts.Candidates[candidate];
        var (free, committed) = (facts.FreeMinutes, facts.CommittedMinutes);
        for (var week = 0; week < _free.Length; week++)
        {
            (_free[week], _committed[week]) = (free[week], committed[week]);
        }

        _weekly = facts.WeeklyMinutes;
    }

    /// <summary>The load in per mille after joining, or below 0 when there is no room.</summary>
    /// <param name="kept">Minutes that the member gives to this team in any case.</param>
    public int Load(ReadOnlySpan<int> kept, int set)
    {
        ref var answer = ref _loads[_sortOf[set]];
        if (answer.Asked != _asked)
        {
            answer = (_asked, kept.IsEmpty && (set & _once) == 0 ? LoadOfWeekly(set) : Place(kept, set, [], hasRoom: true) ? LoadWith(_added) : NoRoom);
        }

        return answer.Load;
    }

    /// <summary>The load if there were room.</summary>
    public int LoadRegardless(int set)
    {
        ref var answer = ref _loadsRegardless[_sortOf[set]];
        if (answer.Asked != _asked)
        {
            Place([], set, [], hasRoom: false);
            answer = (_asked, LoadWith(_added));
        }

        return answer.Load;
    }

    /// <summary>The week index in which each need of the set that is met once is met, by bit, -1 for the others; and the minutes of each week with all of them.</summary>
    public (int[] Weeks, int[] Minutes) Placed(ReadOnlySpan<int> kept, int set)
    {
        var weeks = new int[_needs.Length];
        Array.Fill(weeks, -1);
        Place(kept, set, weeks, hasRoom: true);
        return (weeks, [.. _added]);
    }

    /// <summary>The minutes free and needed where the room is most lacking.</summary>
    public Loss Missing(int set)
    {
        AddWeekly([], set);
        var free = _free;
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

    private int LoadOfWeekly(int set)
    {
        ref var weekly = ref _weeklyOfSort[_sortOf[set]];
        if (weekly is null)
        {
            AddWeekly([], set);
            weekly = [.. _added];
        }

        var (added, free) = (weekly, _free);
        for (var week = 0; week < added.Length && week < free.Length; week++)
        {
            if (added[week] > free[week] && added[week] > 0)
            {
                return NoRoom;
            }
        }

        return LoadWith(added);
    }

    private int LoadWith(int[] added)
    {
        var (peak, committed) = (0, _committed);
        for (var week = 0; week < added.Length && week < committed.Length; week++)
        {
            peak = Math.Max(peak, committed[week] + added[week]);
        }

        return Facts.PerMille(peak, _weekly);
    }

    private bool Place(ReadOnlySpan<int> kept, int set, int[] weeks, bool hasRoom)
    {
        AddWeekly(kept, set);
        for (var week = 0; hasRoom && week < _added.Length; week++)
        {
            if (_added[week] > _free[week] && _added[week] > (kept.IsEmpty ? 0 : kept[week]))
            {
                return false;
            }
        }

        return PlaceOnce(set, 0, (0, 0), weeks, hasRoom);
    }

    private bool PlaceOnce(int set, int position, (int Sort, int Week) previous, int[] weeks, bool hasRoom)
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
            if (minutes[week] == 0 || (hasRoom && _added[week] + minutes[week] > _free[week]))
            {
                continue;
            }

            _added[week] += minutes[week];
            if (PlaceOnce(set, position + 1, (sort, week), weeks, hasRoom))
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

    /// <summary>The subsets of a set, and which of them ask for the same hours.</summary>
    public sealed class Sorted
    {
        private readonly Hours _hours;
        private readonly Dictionary<int, int> _numbers = [];

        public Sorted(Hours hours, int all)
        {
            _hours = hours;
            var sets = new List<int>();
            for (var set = all; set != 0; set = (set - 1) & all)
            {
                if (_numbers.TryAdd(hours.SortOf(set), sets.Count))
                {
                    sets.Add(set);
                }
            }

            Sets = [.. sets];
        }

        /// <summary>One of each sort.</summary>
        public int[] Sets { get; }

        /// <summary>Where the sort of a subset stands in <see cref="Sets"/>.</summary>
        public int SortOf(int set) => _numbers[_hours.SortOf(set)];
    }
}
