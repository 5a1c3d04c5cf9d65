using OtPlatform.Contracts.ExpertPool;
using OtPlatform.TeamAssembly.Composition;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>Puts a matter and the pool as the composition's problem, and its answer back as invitations.</summary>
public static class Composing
{
    /// <summary>The team for the needs, around those who are reserved, invited or have accepted already.</summary>
    public static ComposedTeam Compose(Assembly state, Pool pool, TeamPolicy policy, DateOnly firstWeek) =>
        Composer.Repair(Problem(state, pool, policy, firstWeek), Staying(state));

    /// <summary>The weeks of a need's work in hours: all of them, or the one chosen for a need that is met once.</summary>
    public static IReadOnlyList<WeekHours> Weeks(IReadOnlyList<TeamNeed> needs, IReadOnlyList<DateOnly> onceWeeks, DateOnly firstWeek)
    {
        var once = new Queue<DateOnly>(onceWeeks);
        return
        [
            .. needs.SelectMany(need => need.Once
                    ? [new WeekHours(once.TryDequeue(out var chosen) ? chosen : firstWeek, need.WeeklyHours)]
                    : Enumerable.Range(0, need.Weeks).Select(week => new WeekHours(firstWeek.AddDays(7 * week), need.WeeklyHours)))
                .GroupBy(week => week.Monday)
                .OrderBy(week => week.Key)
                .Select(week => new WeekHours(week.Key, week.Sum(part => part.Hours))),
        ];
    }

    /// <summary>A single consultation has one expert; a team as many as the area allows, those of a standing team counting as one.</summary>
    internal static int MostMembers(Assembly state, TeamPolicy policy) => state.Route is Route.ExpertConsultation ? 1 : policy.Team.MaxMembers + state.Together;

    private static CompositionProblem Problem(Assembly state, Pool pool, TeamPolicy policy, DateOnly firstWeek)
    {
        var weeks = state.Needs.Select(need => need.Weeks).DefaultIfEmpty(1).Max();
        var mondays = Enumerable.Range(0, weeks).Select(week => firstWeek.AddDays(7 * week)).ToList();
        return new CompositionProblem(
            firstWeek,
            state.Matter!.County,
            state.Area,
            MostMembers(state, policy),
            [.. state.Needs.Select(need => new Need(
                need.Key,
                need.Kind == "topic" ? NeedKind.Topic : NeedKind.Sector,
                need.Code,
                [.. mondays.Select((_, week) => week < need.Weeks ? Minutes(need.WeeklyHours) : 0)],
                need.Once,
                need.Channel,
                need.Language,
                need.Kind == "topic" ? policy.Team.LeadAreas.GetValueOrDefault(need.Code) : null))],
            [.. pool.Experts.Select(expert => Candidate(expert, state, pool, policy, mondays))],
            state.Route is Route.ExpertConsultation ? [] : [.. pool.StandingTeams.Where(team => IsKeptFor(team, state)).Select(team => new StandingTeamCandidate(team.Id, team.Members))],
            state.StandingTeamFirst);
    }

    // A coordinator who decides for a standing team where nobody knows the topic means any that takes the area's requests.
    private static bool IsKeptFor(StandingTeamEntry team, Assembly state)
    {
        var topics = state.Needs.Where(need => need.Kind == "topic").Select(need => need.Code).ToList();
        return team.Areas.Contains(state.Area) && (topics.Intersect(team.Topics).Any() || (topics.Count == 0 && state.Route is Route.StandingTeam));
    }

    private static Candidate Candidate(CandidateEntry expert, Assembly state, Pool pool, TeamPolicy policy, List<DateOnly> mondays)
    {
        var committed = mondays.Select(monday => Minutes(expert.CommittedIn(monday, except: state.Id))).ToList();
        var weekly = Minutes(expert.WeeklyHours);
        return new Candidate(
            expert.Id,
            [.. state.Needs.Where(need => MayMeet(expert, need)).Select(need => new Competence(need.Key, need.Code))],
            expert.County ?? string.Empty,
            expert.Area ?? string.Empty,
            expert.Area is null,
            [.. committed.Select(given => Math.Max(weekly - given, 0))],
            committed,
            weekly,
            expert.Languages,
            expert.Channels,
            pool.KnownToUnit.Contains(expert.Id),
            expert.AgreementFrom,
            expert.AgreementFrom is null ? DateOnly.MinValue : expert.AgreementUntil,
            ExclusionOf(expert, state, policy));
    }

    private static bool MayMeet(CandidateEntry expert, TeamNeed need) =>
        need.Kind == "topic" ? expert.Topics.Contains(need.Code) : expert.Sector == need.Code;

    private static Exclusion? ExclusionOf(CandidateEntry expert, Assembly state, TeamPolicy policy) => expert switch
    {
        { Suspended: true } => Exclusion.Suspended,
        { UnitId: { } unit } when unit == state.Matter!.RequestingUnitId => Exclusion.ConflictOfInterest,
        _ when state.Out.TryGetValue(expert.Id, out var why) => why,
        { EmployerConsents: false } when policy.Team.EmployerConsentFor.Contains(expert.Engagement) => Exclusion.Excluded,
        _ => null,
    };

    private static IReadOnlyList<StayingMember> Staying(Assembly state) =>
        [.. state.Live.GroupBy(invitation => invitation.ExpertId).Select(expert => new StayingMember(expert.Key, [.. expert.SelectMany(invitation => Kept(state, invitation))]))];

    private static IEnumerable<KeptNeed> Kept(Assembly state, Invitation invitation)
    {
        var once = new Queue<DateOnly>(invitation.OnceWeeks);
        return invitation.Needs.Select(key => new KeptNeed(key, state.Needs.First(need => need.Key == key).Once && once.TryDequeue(out var week) ? week : null));
    }

    private static int Minutes(decimal hours) => (int)decimal.Round(hours * 60);
}
