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
        var silent = state.Invitations.Where(invitation => invitation.Status is InvitationStatus.Open && invitation.RespondBy <= now);
        var unanswered = state.Invitations.Where(invitation => invitation.Status is InvitationStatus.Reserving or InvitationStatus.Held or InvitationStatus.Accepted && invitation.LapsesAt <= now);
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
            state => deadline.Kind == "membership-end"
                ? DisbandTeam.Decide(state, new DisbandTeam.Command(DisbandTeam.PeriodOver, around.Policy, now))
                : ExpireInvitations.Decide(state, new ExpireInvitations.Command(around with { Now = now })),
            null,
            cancellation);
        Around.Remember(work, outcome);
        return outcome.Changed;
    });
}
