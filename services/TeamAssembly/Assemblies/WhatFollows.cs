using OtPlatform.Platform.Hosting;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>What surrounds a decision: the pool, the policy, and the time.</summary>
public sealed record Surroundings(Pool Pool, TeamPolicy Policy, DateTimeOffset Now);

/// <summary>Carries an assembly on after each answer: composes what is uncovered, invites when all hours are held, starts the work when all are confirmed.</summary>
public static class WhatFollows
{
    /// <summary>The compositions that the policy allows are over.</summary>
    public const string RoundsOver = "roundsOver";

    /// <summary>Some have been found, but nobody for the rest.</summary>
    public const string NeedsUnmet = "needsUnmet";

    /// <summary>The given events and all that follows from them at once.</summary>
    public static List<AssemblyEvent> After(Assembly state, Surroundings around, params IEnumerable<AssemblyEvent> happened)
    {
        var steps = new Steps(state);
        foreach (var step in happened)
        {
            steps.Add(step);
        }

        Continue(steps, around);
        return steps.Events;
    }

    /// <summary>Gives the hours of every live invitation back.</summary>
    internal static IEnumerable<AssemblyEvent> GiveAllBack(Assembly state, string reasonCode, DateTimeOffset now, DateOnly? fromWeek = null) =>
        state.Live.Select(invitation => new CapacityGivenBack(state.Id, invitation.Id, invitation.ExpertId, fromWeek, reasonCode, now));

    private static void Continue(Steps steps, Surroundings around)
    {
        var (policy, now) = (around.Policy, around.Now);
        if (steps.State.IsSearching && steps.State.Uncovered.Count > 0)
        {
            Compose(steps, around);
        }

        var state = steps.State;
        if (!(state.IsSearching || state.Status is AssemblyStatus.WithCoordinator) || state.Live.Any(invitation => invitation.Status is InvitationStatus.Reserving))
        {
            return;
        }

        foreach (var held in state.Live.Where(invitation => invitation.Status is InvitationStatus.Held).ToList())
        {
            steps.Add(new ExpertInvited(
                state.Id, held.Id, state.Area, held.ExpertId, state.Route is Route.ExpertConsultation ? "consultant" : "expert", held.Needs, held.WeeklyHours, held.From, held.Until, held.Channel,
                now, Earlier(policy.Due(now, policy.Team.Invitation[state.Matter!.Urgency]), held.LapsesAt)));
        }

        if (steps.State.Uncovered.Count == 0 && steps.State.Live.All(invitation => invitation.Status is InvitationStatus.Confirmed))
        {
            Start(steps, around);
        }
    }

    private static void Compose(Steps steps, Surroundings around)
    {
        var (policy, now) = (around.Policy, around.Now);
        var state = steps.State;
        if (state.Round - state.FirstRound + 1 >= policy.Team.Rounds)
        {
            steps.Add(new AssemblyHandedToCoordinator(state.Id, state.Area, RoundsOver, now, policy.Due(now, policy.Team.ByHand), state.RouteDecidedAt));
            return;
        }

        var firstWeek = FirstWeek(state, policy, now);
        var team = Composing.Compose(state, around.Pool, policy, firstWeek);
        var round = state.Round + 1;
        var asked = state.Live.SelectMany(invitation => invitation.Needs).ToHashSet();
        var isGap = team.Unmet.Count > 0 && !state.Live.Any();
        var invitations = isGap
            ? []
            : team.Members
                .Select(member => (Member: member, Needs: member.Needs.Where(need => !asked.Contains(need.Need)).ToList()))
                .Where(entry => entry.Needs.Count > 0)
                .Select(entry => new ProposedInvitation(
                    Ids.Derived(state.Id, entry.Member.ExpertId, round),
                    entry.Member.ExpertId,
                    [.. entry.Needs.Select(need => need.Need)],
                    [.. entry.Needs.Select(need => need.Week).OfType<DateOnly>()],
                    state.Needs.Where(need => entry.Needs.Any(met => met.Need == need.Key)).Sum(need => need.WeeklyHours)))
                .ToList();
        steps.Add(new TeamComposed(state.Id, state.Area, round, firstWeek, team, invitations, now, policy.Due(now, policy.Team.Invitation[state.Matter!.Urgency])));
        if (isGap)
        {
            steps.Add(new ServiceGapFound(state.Id, state.Area, team.Unmet, now, policy.Due(now, policy.Team.GapReview), state.RouteDecidedAt, WhoKnows(state, team.Unmet, around)));
            return;
        }

        foreach (var invitation in invitations)
        {
            steps.Add(Request(steps.State, invitation, round, firstWeek, policy, now));
        }

        if (team.Unmet.Count > 0)
        {
            // Whoever has been found stays, and a coordinator asks for the rest.
            steps.Add(new AssemblyHandedToCoordinator(state.Id, state.Area, NeedsUnmet, now, policy.Due(now, policy.Team.ByHand), state.RouteDecidedAt));
        }
    }

    /// <summary>Who has more exact knowledge of the most of the topics that nobody could be found for, then of the matter's; one that speaks its language first.</summary>
    private static Guid? WhoKnows(Assembly state, IReadOnlyList<string> unmet, Surroundings around)
    {
        var topics = state.Needs.Where(need => need.Kind == "topic").ToList();
        return around.Pool.KnowledgeHolders
            .Where(holder => holder.IsInForce(around.Policy.Today(around.Now)) && topics.Any(need => holder.Topics.Contains(need.Code)))
            .OrderByDescending(holder => topics.Count(need => unmet.Contains(need.Key) && holder.Topics.Contains(need.Code)))
            .ThenByDescending(holder => topics.Count(need => holder.Topics.Contains(need.Code)))
            .ThenByDescending(holder => holder.Languages.Contains(state.Matter!.Language))
            .ThenBy(holder => holder.Id)
            .FirstOrDefault()?.Id;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    /// <summary>The work's first Monday stays as it was told to those who are asked already.</summary>
    internal static DateOnly FirstWeek(Assembly state, TeamPolicy policy, DateTimeOffset now) =>
        state.FirstWeek is { } told && state.Live.Any() ? told : policy.NextMonday(now);

    /// <summary>Asks the pool for the hours of an invitation.</summary>
    internal static CapacityRequested Request(Assembly state, ProposedInvitation invitation, int round, DateOnly firstWeek, TeamPolicy policy, DateTimeOffset now)
    {
        var needs = invitation.Needs.Select(key => state.Needs.First(need => need.Key == key)).ToList();
        var respondBy = policy.Due(now, policy.Team.Invitation[state.Matter!.Urgency]);
        return new CapacityRequested(
            state.Id,
            invitation.InvitationId,
            invitation.ExpertId,
            round,
            invitation.Needs,
            invitation.OnceWeeks,
            invitation.WeeklyHours,
            Composing.Weeks(needs, invitation.OnceWeeks, firstWeek),
            firstWeek,
            firstWeek.AddDays((7 * needs.Max(need => need.Weeks)) - 1),
            needs[0].Channel,
            policy.Due(respondBy, policy.Team.LapseGrace),
            now);
    }

    private static void Start(Steps steps, Surroundings around)
    {
        var state = steps.State;
        var (policy, now) = (around.Policy, around.Now);
        var experts = state.Live.GroupBy(invitation => invitation.ExpertId).Select(expert => MemberOf([.. expert], state, around.Pool)).ToList();
        if (state.Route is Route.ExpertConsultation && experts is [var only])
        {
            steps.Add(new ConsultationArranged(state.Id, state.Area, only, now, policy.Due(now, policy.Team.Answer), state.RouteDecidedAt));
            return;
        }

        var members = ActivationGuards.WithOwnSide(state, experts, policy.Today(now));
        var proposed = new ProposedTeam(state, members, policy, policy.Today(now));
        if (ActivationGuards.FirstThatFails(proposed) is { } failing)
        {
            if (state.Status is AssemblyStatus.WithCoordinator)
            {
                return;
            }

            steps.Add(new AssemblyHandedToCoordinator(state.Id, state.Area, failing.Code, now, policy.Due(now, policy.Team.ByHand), state.RouteDecidedAt));
            return;
        }

        steps.Add(new TeamActivated(state.Id, state.Area, members, state.NetworkCoordinator, ActivationGuards.Names, now, LastMoment(members), state.RouteDecidedAt));
    }

    /// <summary>The requesting side's own worker answers for the team until its last membership has ended.</summary>
    private static DateTimeOffset LastMoment(IReadOnlyList<TeamMember> members) =>
        new(members.Max(member => member.Until).AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    private static TeamMember MemberOf(List<Invitation> invitations, Assembly state, Pool pool)
    {
        var expert = pool.Find(invitations[0].ExpertId);
        return new TeamMember(
            invitations[0].ExpertId,
            state.Route is Route.ExpertConsultation ? "consultant" : "expert",
            expert?.Sector,
            expert?.Organisation,
            expert?.Profession,
            invitations[0].Channel,
            [.. invitations.SelectMany(invitation => invitation.Needs)],
            invitations.Min(invitation => invitation.From),
            invitations.Max(invitation => invitation.Until));
    }

    private sealed class Steps(Assembly state)
    {
        public List<AssemblyEvent> Events { get; } = [];

        public Assembly State { get; private set; } = state;

        public void Add(AssemblyEvent happened)
        {
            Events.Add(happened);
            State = Assembly.Evolve(State, happened);
        }
    }
}
