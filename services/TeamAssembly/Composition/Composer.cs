using System.Numerics;
using Kept = OtPlatform.TeamAssembly.Composition.TeamSearch.Kept;

namespace OtPlatform.TeamAssembly.Composition;

/// <summary>Chooses the team: hard rules first, then the levels of <see cref="CompositionCost"/>, then the smaller expert ids.</summary>
public static class Composer
{
    /// <summary>Up to this many needs the team is proven to be the best one; above it is the best found, with a bound.</summary>
    public const int MostNeedsProven = 16;

    /// <summary>More needs, or more members, are no problem but a mistake.</summary>
    public const int MostNeeds = 50;

    /// <summary>The best team. Throws <see cref="ArgumentException"/> when the problem contradicts itself.</summary>
    public static ComposedTeam Compose(CompositionProblem problem) => Repair(problem, []);

    /// <summary>
    /// The best team around those who accepted: they stay with their needs, count towards the members, and may take further needs. No
    /// standing team comes in then: what is left is met by single experts, as those of a standing team are too.
    /// Their minutes in <paramref name="problem"/> are those without this team.
    /// </summary>
    public static ComposedTeam Repair(CompositionProblem problem, IReadOnlyList<StayingMember> staying)
    {
        var facts = new Facts(problem);
        var team = Stay(facts, staying);
        var stayed = team.Keys.ToHashSet();
        var kept = team.Values.Aggregate(0UL, (needs, member) => needs | member.Needs);
        var rest = Enumerable.Range(0, facts.Needs.Length).Where(need => (kept & (1UL << need)) == 0).ToArray();
        var proven = rest.Length <= MostNeedsProven;
        var (alternatives, groups, way) = ((IReadOnlyList<Alternative>)[], GroupsAround(facts, rest, stayed), (Way?)null);
        if (proven)
        {
            way = Way.Best(facts, rest, team, staying.Count > 0 ? [] : problem.StandingTeams ?? [], problem.StandingTeamFirst);
            (alternatives, groups) = (Alternatives.Nearest(facts, way.Search, way.Table, way.Found), way.WithoutStanding.Groups);
            team = Joined(way.Search, way.Found, team);
        }
        else
        {
            foreach (var part in ScarcestFirst(facts, rest).Chunk(MostNeedsProven).Select(needs => needs.Order().ToArray()))
            {
                var search = new TeamSearch(facts, part, team);
                team = Joined(search, search.Run().Best(), team);
            }
        }

        var met = team.Values.Aggregate(0UL, (needs, member) => needs | member.Needs);
        var members = team.OrderBy(member => member.Key).Select(member => Describe(facts, member.Key, member.Value, stayed.Contains(member.Key), way?.Standing.Contains(member.Key) == true)).ToList();
        var inFallback = team.Aggregate(0UL, (needs, member) => needs | (member.Value.Needs & facts.Profiles[member.Key].Fallback));
        var cost = new CompositionCost(
            facts.Needs.Length - BitOperations.PopCount(met),
            BitOperations.PopCount(inFallback),
            members.Count,
            members.Sum(member => (int)member.Distance),
            members.Sum(member => (long)member.LoadPerMille * member.LoadPerMille),
            members.Count(member => member.WorkedWithUnitBefore),
            way?.Found.Together ?? 0);
        return new ComposedTeam(
            members,
            [.. facts.KeysOf(~met)],
            cost,
            proven,
            proven ? cost : Bound(facts, rest, stayed.Count),
            inFallback == 0 ? null : new LanguageFallback(Facts.Fallback.From, Facts.Fallback.To, [.. facts.KeysOf(inFallback)]),
            alternatives,
            Widening(facts, groups),
            way?.TeamId,
            way?.Others ?? []);
    }

    private static Dictionary<int, Kept> Stay(Facts facts, IReadOnlyList<StayingMember> staying)
    {
        var (team, taken) = (new Dictionary<int, Kept>(), 0UL);
        foreach (var member in staying)
        {
            var (needs, minutes, weeks) = (0UL, new int[facts.Weeks], new Dictionary<int, int>());
            foreach (var kept in member.Needs)
            {
                var need = facts.NeedOf(kept.Need);
                if ((taken & (1UL << need)) != 0)
                {
                    throw new ArgumentException($"The need {kept.Need} is kept twice.", nameof(staying));
                }

                taken |= 1UL << need;
                needs |= 1UL << need;
                if (facts.Needs[need].Once)
                {
                    weeks[need] = facts.OnceIn(need, kept.Week);
                    minutes[weeks[need]] += facts.Minutes[need][weeks[need]];
                    continue;
                }

                for (var week = 0; week < minutes.Length; week++)
                {
                    minutes[week] += facts.Minutes[need][week];
                }
            }

            if (!team.TryAdd(facts.CandidateOf(member.ExpertId), new Kept(needs, minutes, weeks)))
            {
                throw new ArgumentException($"The expert {member.ExpertId} stays twice.", nameof(staying));
            }
        }

        return team;
    }

    private static Dictionary<int, Kept> Joined(TeamSearch search, TeamSearch.Found best, Dictionary<int, Kept> team)
    {
        var joined = new Dictionary<int, Kept>(team);
        foreach (var (candidate, set) in search.Team(best.Link).Where(member => member.Set != 0))
        {
            var kept = team.GetValueOrDefault(candidate);
            search.Hours.Begin(candidate);
            var (weeks, minutes) = search.Hours.Placed(kept?.Minutes, set);
            var once = new Dictionary<int, int>(kept?.Weeks ?? new Dictionary<int, int>());
            foreach (var (bit, week) in weeks.Index().Where(placed => placed.Item >= 0))
            {
                once[search.Hours.NeedOf(bit)] = week;
            }

            joined[candidate] = new Kept((kept?.Needs ?? 0) | search.Global(set), minutes, once);
        }

        return joined;
    }

    private static Member Describe(Facts facts, int candidate, Kept kept, bool stays, bool ofStandingTeam)
    {
        var expert = facts.Candidates[candidate];
        var needs = facts.Needs.Index()
            .Where(need => (kept.Needs & (1UL << need.Index)) != 0)
            .Select(need => new MetNeed(
                need.Item.Key,
                expert.Competences.Where(competence => competence.Need == need.Item.Key).Select(competence => competence.Through).FirstOrDefault(need.Item.Code),
                facts.LanguageOf(candidate, need.Index),
                kept.Weeks.TryGetValue(need.Index, out var week) ? facts.Monday(week) : null));
        return new Member(expert.ExpertId, [.. needs], facts.Distance(candidate, kept.Needs), facts.Load(candidate, kept.Minutes), expert.WorkedWithUnitBefore, stays, ofStandingTeam);
    }

    private static IEnumerable<int> ScarcestFirst(Facts facts, int[] needs) =>
        needs.OrderBy(need => facts.Profiles.Count(profile => (profile.Able & (1UL << need)) != 0)).ThenBy(need => need);

    /// <summary>What no team can undercut: nobody can meet the unmet needs even alone, and nobody meets more needs than they are able to.</summary>
    private static CompositionCost Bound(Facts facts, int[] rest, int staying)
    {
        var able = facts.Profiles.Aggregate(0UL, (needs, profile) => needs | profile.Able);
        var mostOfOne = Math.Max(1, facts.Profiles.Select(profile => BitOperations.PopCount(profile.Able)).DefaultIfEmpty(0).Max());
        var unmet = rest.Count(need => (able & (1UL << need)) == 0);
        var members = Math.Max(staying, (rest.Length - unmet + mostOfOne - 1) / mostOfOne);
        return new CompositionCost(unmet, 0, members, 0, 0, Math.Max(facts.MaxMembers, staying));
    }

    // Only looked at where no search had all of them.
    private static IEnumerable<Group> GroupsAround(Facts facts, int[] rest, HashSet<int> stayed) =>
        rest.Chunk(MostNeedsProven).SelectMany(part => Group.Of(facts, part, new Hours(facts, part), stayed.Contains));

    private static List<WideningStep> Widening(Facts facts, IEnumerable<Group> groups)
    {
        var nearest = new DistanceStep?[facts.Candidates.Length];
        foreach (var group in groups)
        {
            foreach (var (place, step) in group.Nearest().Index())
            {
                ref var known = ref nearest[group.Candidates[place]];
                known = known < step ? known : step ?? known;
            }
        }

        return [.. Enum.GetValues<DistanceStep>().Select(step => new WideningStep(step, nearest.Count(at => at == step)))];
    }
}
