using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>Silence: an invitation without an answer in time, or hours that the pool has not answered for, make room for somebody else.</summary>
public static class ExpireInvitations
{
    public sealed record Command(Surroundings Around);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command)
    {
        var now = command.Around.Now;
        var silent = state.Invitations.Where(invitation => (invitation.Status is InvitationStatus.Open && invitation.RespondBy <= now) || (invitation.Status is InvitationStatus.Accepted && invitation.LapsesAt <= now));
        var unanswered = state.Invitations.Where(invitation => invitation.Status is InvitationStatus.Reserving or InvitationStatus.Held && invitation.LapsesAt <= now);
        List<AssemblyEvent> passed =
        [
            .. silent.SelectMany(invitation => new AssemblyEvent[]
            {
                new InvitationExpired(state.Id, invitation.Id, state.Area, invitation.ExpertId, now),
                new CapacityGivenBack(state.Id, invitation.Id, invitation.ExpertId, null, "expired", now),
            }),
            .. unanswered.SelectMany(invitation => new AssemblyEvent[]
            {
                new CapacityWithheld(state.Id, invitation.Id, FollowCapacity.Lapsed, now),
                new CapacityGivenBack(state.Id, invitation.Id, invitation.ExpertId, null, "expired", now),
            }),
        ];
        return passed.Count == 0 ? Decision<AssemblyEvent>.Nothing : WhatFollows.After(state, command.Around, passed);
    }
}

/// <summary>The arranged expert has not answered in time: they are out of it, and a coordinator asks somebody else or decides the route anew.</summary>
public static class GiveUpOnAnswer
{
    public const string NotAnswered = "notAnswered";

    public sealed record Command(TeamPolicy Policy, DateTimeOffset Now);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command) => state switch
    {
        { Status: AssemblyStatus.Arranged, AnswerDue: { } due } when due <= command.Now => (List<AssemblyEvent>)
        [
            .. state.Live.SelectMany(invitation => new AssemblyEvent[]
            {
                new InvitationExpired(state.Id, invitation.Id, state.Area, invitation.ExpertId, command.Now),
                new CapacityGivenBack(state.Id, invitation.Id, invitation.ExpertId, null, "expired", command.Now),
            }),
            new AssemblyHandedToCoordinator(state.Id, state.Area, NotAnswered, command.Now, command.Policy.Due(command.Now, command.Policy.Team.ByHand), state.RouteDecidedAt),
        ],
        _ => Decision<AssemblyEvent>.Nothing,
    };
}

/// <summary>What an assembly does when one of its due times passes.</summary>
public static class AssemblyDeadlines
{
    public static DeadlineHandler Handler(PoolReader pool, TeamPolicies policies, TimeProvider clock) => new(Assembly.Aggregate.Name, async (work, deadline, now, cancellation) =>
    {
        if (await Around.Of(work, deadline.StreamId, pool, policies, clock, cancellation) is not { } around)
        {
            return false;
        }

        var outcome = await work.Decide(
            Assembly.Aggregate,
            deadline.StreamId,
            state => deadline.Kind switch
            {
                "membership-end" => DisbandTeam.Decide(state, new DisbandTeam.Command(DisbandTeam.PeriodOver, around.Policy, now)),
                SearchAgain.Kind or SearchAgain.Review => SearchAgain.Decide(state, new SearchAgain.Command(around with { Now = now })),
                "answer" => GiveUpOnAnswer.Decide(state, new GiveUpOnAnswer.Command(around.Policy, now)),
                _ => ExpireInvitations.Decide(state, new ExpireInvitations.Command(around with { Now = now })),
            },
            null,
            cancellation);
        Around.Remember(work, outcome);
        return outcome.Changed;
    });
}
