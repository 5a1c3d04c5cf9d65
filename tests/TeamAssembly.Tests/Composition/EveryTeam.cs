using OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.TeamAssembly.Tests.Composition;

/// <summary>Tries every way to give needs to candidates and keeps the best: slow, and written from the rules alone.</summary>
internal static class EveryTeam
{
    public static Judged Best(CompositionProblem problem, IReadOnlyList<StayingMember> staying)
    {
        var needs = problem.Needs.ToArray();
        var takers = needs.Select(need =>
            staying.FirstOrDefault(member => member.Needs.Any(kept => kept.Need == need.Key)) is { } keeper
                ? [problem.Candidates.Single(candidate => candidate.ExpertId == keeper.ExpertId)]
                : problem.Candidates.Where(candidate => Allows(problem, candidate, need)).Cast<Candidate?>().Prepend(null).ToArray()).ToArray();
        Judged? best = null;
        Give(0, []);
        return best!;

        void Give(int index, List<(Need Need, Candidate Taker)> given)
        {
            if (index == needs.Length)
            {
                foreach (var judged in Judge(problem, staying, given))
                {
                    best = best is null || IsBetter(judged, best, problem.StandingTeamFirst) ? judged : best;
                }

                return;
            }

            foreach (var taker in takers[index])
            {
                Give(index + 1, taker is null ? given : [.. given, (needs[index], taker)]);
            }
        }
    }

    private static bool IsBetter(Judged left, Judged right, bool standingTeamFirst)
    {
        int[] order =
        [
            left.Cost.Unmet - right.Cost.Unmet,
            left.Cost.InFallbackLanguage - right.Cost.InFallbackLanguage,
            standingTeamFirst ? (left.StandingTeam is null).CompareTo(right.StandingTeam is null) : 0,
            left.Cost.Members - left.Cost.Together - (right.Cost.Members - right.Cost.Together),
            left.Cost.Members - right.Cost.Members,
            left.Cost.Distance - right.Cost.Distance,
            Math.Sign(left.Cost.SquaredLoad - right.Cost.SquaredLoad),
            right.Cost.WorkedWithUnitBefore - left.Cost.WorkedWithUnitBefore,
            .. left.Ids.Zip(right.Ids, (one, other) => one.CompareTo(other)),
            Nullable.Compare(left.StandingTeam, right.StandingTeam),
        ];
        return order.FirstOrDefault(difference => difference != 0) < 0;
    }

    private static IEnumerable<Judged> Judge(CompositionProblem problem, IReadOnlyList<StayingMember> staying, List<(Need Need, Candidate Taker)> given)
    {
        var stayers = staying.Select(member => problem.Candidates.Single(candidate => candidate.ExpertId == member.ExpertId));
        var members = given.Select(gift => gift.Taker).Concat(stayers).Distinct().ToList();
        var (distance, load) = (0, 0L);
        foreach (var member in members)
        {
            var taken = given.Where(gift => gift.Taker == member).Select(gift => gift.Need).ToList();
            if (Load(problem, member, taken, staying.FirstOrDefault(stayer => stayer.ExpertId == member.ExpertId)) is not { } perMille)
            {
                yield break;
            }

            load += (long)perMille * perMille;
            distance += Steps(problem, member, taken);
        }

        var fallback = given.Count(gift => gift.Need.Language == "se" && !gift.Taker.Languages.Contains("se"));
        var cost = new CompositionCost(problem.Needs.Count - given.Count, fallback, members.Count, distance, load, members.Count(member => member.WorkedWithUnitBefore));
        Guid[] ids = [.. members.Select(member => member.ExpertId).Order()];
        if (members.Count <= Math.Max(problem.MaxMembers, staying.Count))
        {
            yield return new Judged(cost, ids, null);
        }

        foreach (var team in staying.Count > 0 ? [] : problem.StandingTeams ?? [])
        {
            if (ids.Count(team.Members.Contains) is > 0 and var ofTeam && members.Count - ofTeam + 1 <= problem.MaxMembers)
            {
                yield return new Judged(cost with { Together = ofTeam - 1 }, ids, team.TeamId);
            }
        }
    }

    private static bool Allows(CompositionProblem problem, Candidate candidate, Need need)
    {
        var lastDay = problem.FirstWeek.AddDays((7 * problem.Needs.Max(other => other.Minutes.Count)) - 1);
        return candidate.Exclusion is null
            && candidate.Competences.Any(competence => competence.Need == need.Key)
            && (candidate.AgreementFrom is null || candidate.AgreementFrom <= problem.FirstWeek)
            && (candidate.AgreementUntil is null || candidate.AgreementUntil >= lastDay)
            && (need.Channel is null || candidate.Channels.Contains(need.Channel))
            && (candidate.Languages.Contains(need.Language) || (need.Language == "se" && candidate.Languages.Contains("fi")));
    }

    private static int Steps(CompositionProblem problem, Candidate member, List<Need> taken)
    {
        if (member.External)
        {
            return 4;
        }

        if (member.County == problem.RequestCounty)
        {
            return 0;
        }

        return member.Area == problem.Area ? 1 : taken.Any(need => need.LeadArea == member.Area) ? 2 : 3;
    }

    private static int? Load(CompositionProblem problem, Candidate member, List<Need> taken, StayingMember? stayer)
    {
        var weeks = problem.Needs.Max(need => need.Minutes.Count);
        var kept = taken.Where(need => stayer is not null && stayer.Needs.Any(keep => keep.Need == need.Key)).ToList();
        var minutes = new int[weeks];
        foreach (var need in kept)
        {
            var week = stayer!.Needs.Single(keep => keep.Need == need.Key).Week;
            Add(minutes, need, need.Once ? (week!.Value.DayNumber - problem.FirstWeek.DayNumber) / 7 : null);
        }

        var before = minutes.ToArray();
        foreach (var need in taken.Except(kept).Where(need => !need.Once))
        {
            Add(minutes, need, null);
        }

        var once = taken.Except(kept).Where(need => need.Once)
            .OrderByDescending(need => string.Join(',', Enumerable.Range(0, weeks).Select(week => $"{need.Minutes.ElementAtOrDefault(week):d6}")), StringComparer.Ordinal)
            .ThenBy(need => need.Key, StringComparer.Ordinal)
            .ToList();
        foreach (var choice in Choices(once.Count, weeks))
        {
            var with = minutes.ToArray();
            var inItsWeeks = true;
            for (var index = 0; index < once.Count; index++)
            {
                inItsWeeks &= once[index].Minutes.ElementAtOrDefault(choice[index]) > 0;
                with[choice[index]] += once[index].Minutes.ElementAtOrDefault(choice[index]);
            }

            if (inItsWeeks && Enumerable.Range(0, weeks).All(week => with[week] == before[week] || with[week] <= member.FreeMinutes[week]))
            {
                return with.Zip(member.CommittedMinutes, (joined, committed) => joined + committed).Max() * 1000 / member.WeeklyMinutes;
            }
        }

        return null;
    }

    private static void Add(int[] minutes, Need need, int? only)
    {
        for (var week = 0; week < need.Minutes.Count; week++)
        {
            minutes[week] += only is null || only == week ? need.Minutes[week] : 0;
        }
    }

    /// <summary>A team and what it costs.</summary>
    internal sealed record Judged(CompositionCost Cost, Guid[] Ids, Guid? StandingTeam);

    private static IEnumerable<int[]> Choices(int needs, int weeks) =>
        needs == 0 ? [[]] : Choices(needs - 1, weeks).SelectMany(choice => Enumerable.Range(0, weeks).Select(week => (int[])[.. choice, week]));
}
