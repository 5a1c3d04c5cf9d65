extern alias teamassembly;

using teamassembly::OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.Bench.Composition;

/// <summary>One expert with one set of needs that the hard rules allow, and what this adds to each level of the objective.</summary>
/// <param name="Candidate">Index in the problem.</param>
/// <param name="Set">The needs, as bits in the problem's order.</param>
internal readonly record struct Column(int Candidate, uint Set, int InFallbackLanguage, int Distance, int LoadPerMille, bool WorkedBefore)
{
    public long SquaredLoad => (long)LoadPerMille * LoadPerMille;
}

/// <summary>
/// Every expert with every allowed set, worked out from the rules alone: nothing of the composition's own code is used, and nothing is left
/// out because something else seems better.
/// </summary>
internal sealed class Columns
{
    private const string SamiLanguage = "se";
    private const string FallbackLanguage = "fi";

    private readonly CompositionProblem _problem;
    private readonly int _weeks;
    private readonly List<Column> _found = [];

    private Columns(CompositionProblem problem) => (_problem, _weeks) = (problem, problem.Needs.Max(need => need.Minutes.Count));

    public static List<Column> Of(CompositionProblem problem)
    {
        var columns = new Columns(problem);
        for (var candidate = 0; candidate < problem.Candidates.Count; candidate++)
        {
            var able = columns.AbleFor(problem.Candidates[candidate]);
            columns.Extend(candidate, able, 0, []);
        }

        return columns._found;
    }

    private List<int> AbleFor(Candidate expert)
    {
        var last = _problem.FirstWeek.AddDays((7 * _weeks) - 1);
        return expert.Exclusion is null && !(expert.AgreementFrom > _problem.FirstWeek) && !(expert.AgreementUntil < last)
            ? [.. Enumerable.Range(0, _problem.Needs.Count).Where(need => IsAble(expert, _problem.Needs[need]))]
            : [];
    }

    private static bool IsAble(Candidate expert, Need need) =>
        expert.Competences.Any(competence => competence.Need == need.Key)
        && (need.Channel is null || expert.Channels.Contains(need.Channel))
        && (expert.Languages.Contains(need.Language) || FallsBack(expert, need));

    private static bool FallsBack(Candidate expert, Need need) =>
        need.Language == SamiLanguage && !expert.Languages.Contains(SamiLanguage) && expert.Languages.Contains(FallbackLanguage);

    /// <summary>Where a set has no room, no larger one has.</summary>
    private void Extend(int candidate, List<int> able, int from, List<int> taken)
    {
        for (var next = from; next < able.Count; next++)
        {
            taken.Add(able[next]);
            if (ColumnOf(candidate, taken) is { } column)
            {
                _found.Add(column);
                Extend(candidate, able, next + 1, taken);
            }

            taken.RemoveAt(taken.Count - 1);
        }
    }

    private Column? ColumnOf(int candidate, List<int> taken)
    {
        var (expert, needs) = (_problem.Candidates[candidate], taken.ConvertAll(need => _problem.Needs[need]));
        var minutes = new int[_weeks];
        foreach (var need in needs.Where(need => !need.Once))
        {
            for (var week = 0; week < need.Minutes.Count; week++)
            {
                minutes[week] += need.Minutes[week];
            }
        }

        for (var week = 0; week < _weeks; week++)
        {
            if (minutes[week] > 0 && minutes[week] > expert.FreeMinutes[week])
            {
                return null;
            }
        }

        var once = needs.Where(need => need.Once)
            .OrderByDescending(need => need.Minutes, Comparer<IReadOnlyList<int>>.Create((one, other) => one.ToArray().AsSpan().SequenceCompareTo(other.ToArray())))
            .ThenBy(need => need.Key, StringComparer.Ordinal)
            .ToList();
        if (!HasRoom(expert, once, 0, minutes))
        {
            return null;
        }

        var peak = Enumerable.Range(0, _weeks).Max(week => expert.CommittedMinutes[week] + minutes[week]);
        return new Column(
            candidate,
            taken.Aggregate(0U, (set, need) => set | (1U << need)),
            needs.Count(need => FallsBack(expert, need)),
            DistanceOf(expert, needs),
            peak * 1000 / expert.WeeklyMinutes,
            expert.WorkedWithUnitBefore);
    }

    /// <summary>The earliest week with room for each need that is met once; <paramref name="minutes"/> holds them afterwards.</summary>
    private static bool HasRoom(Candidate expert, List<Need> once, int next, int[] minutes)
    {
        if (next == once.Count)
        {
            return true;
        }

        for (var week = 0; week < once[next].Minutes.Count; week++)
        {
            var asked = once[next].Minutes[week];
            if (asked == 0 || minutes[week] + asked > expert.FreeMinutes[week])
            {
                continue;
            }

            minutes[week] += asked;
            if (HasRoom(expert, once, next + 1, minutes))
            {
                return true;
            }

            minutes[week] -= asked;
        }

        return false;
    }

    private int DistanceOf(Candidate expert, List<Need> needs) => expert switch
    {
        { External: true } => 4,
        _ when expert.County == _problem.RequestCounty => 0,
        _ when expert.Area == _problem.Area => 1,
        _ when needs.Any(need => need.LeadArea == expert.Area) => 2,
        _ => 3,
    };
}
