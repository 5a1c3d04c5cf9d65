using OtPlatform.Contracts;
using OtPlatform.TeamAssembly.Assemblies;
using OtPlatform.TeamAssembly.Composition;
using static OtPlatform.TeamAssembly.Tests.Assemblies.Matters;

namespace OtPlatform.TeamAssembly.Tests.Assemblies;

[TestFixture]
internal sealed class InvitationTests
{
    [Test]
    public void Nobody_is_invited_before_all_hours_of_the_round_are_held() =>
        Search.Given(Started()).When(FollowCapacity.Held, Of(InvitationOf(Started(), Social))).ThenEvents(typeof(CapacityHeld));

    [Test]
    public void When_the_last_hours_are_held_everybody_is_invited_with_a_role_a_reason_and_an_end()
    {
        var invited = Invited().OfType<ExpertInvited>().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(invited.Select(invitation => invitation.ExpertId), Is.EquivalentTo(new[] { Social, Health }));
            Assert.That(invited, Is.All.Matches<ExpertInvited>(invitation => invitation is { Role: "expert", Needs.Count: 1 } && invitation.Until > invitation.From));
        });
    }

    [Test]
    public void The_time_to_answer_goes_by_urgency()
    {
        var urgent = Invited(Decided(facts: Facts with { Urgency = Urgency.Urgent })).OfType<ExpertInvited>().First().RespondBy;
        var routine = Invited(Decided(facts: Facts with { Urgency = Urgency.Routine })).OfType<ExpertInvited>().First().RespondBy;
        Assert.That(urgent, Is.LessThan(routine));
    }

    [Test]
    public void An_acceptance_asks_the_pool_to_confirm_the_hours_at_once() =>
        Search.Given(Invited()).When(AcceptInvitation.Decide, new AcceptInvitation.Command(InvitationOf(Invited(), Social).Id, Now))
            .ThenEvents(typeof(InvitationAccepted), typeof(ConfirmationRequested));

    [Test]
    public void An_acceptance_at_the_last_moment_counts_and_one_after_it_does_not()
    {
        var invitation = InvitationOf(Invited(), Social);
        Search.Given(Invited()).When(AcceptInvitation.Decide, new AcceptInvitation.Command(invitation.Id, invitation.RespondBy!.Value.AddSeconds(-1))).ThenEvents(typeof(InvitationAccepted), typeof(ConfirmationRequested));
        Search.Given(Invited()).When(AcceptInvitation.Decide, new AcceptInvitation.Command(invitation.Id, invitation.RespondBy!.Value)).ThenRejected(AcceptInvitation.NotOpen);
    }

    [Test]
    public void An_unknown_invitation_is_not_found() =>
        Search.Given(Invited()).When(AcceptInvitation.Decide, new AcceptInvitation.Command(Unit, Now)).ThenRejected(Assembly.InvitationUnknown);

    [Test]
    public void After_a_decline_the_others_stay_and_the_next_best_is_asked()
    {
        var happened = Search.Given(Invited()).When(DeclineInvitation.Decide, new DeclineInvitation.Command(InvitationOf(Invited(), Health).Id, "noTime", Around()))
            .ThenEvents(typeof(InvitationDeclined), typeof(CapacityGivenBack), typeof(TeamComposed), typeof(CapacityRequested));
        var composed = happened.OfType<TeamComposed>().Single();
        Assert.Multiple(() =>
        {
            Assert.That(happened.OfType<CapacityRequested>().Single().ExpertId, Is.EqualTo(SecondHealth));
            Assert.That(composed.Team.Members.Single(member => member.ExpertId == Social).Stays, Is.True);
            Assert.That(composed.Round, Is.EqualTo(2));
            Assert.That(composed.Team.Alternatives.SelectMany(other => other.Lost).Select(lost => lost.Reason), Does.Contain(LossReason.DeclinedBefore));
        });
    }

    [Test]
    public void When_nobody_is_left_after_a_decline_who_was_found_stays_and_a_coordinator_asks_for_the_rest()
    {
        AssemblyEvent[] second = [.. Invited(), .. DeclineInvitation.Decide(Fold(Invited()), new DeclineInvitation.Command(InvitationOf(Invited(), Health).Id, "noTime", Around())).Events];
        AssemblyEvent[] invited = [.. second, .. FollowCapacity.Held(Fold(second), Of(InvitationOf(second, SecondHealth))).Events];
        AssemblyEvent[] happened = [.. Search.Given(invited).When(DeclineInvitation.Decide, new DeclineInvitation.Command(InvitationOf(invited, SecondHealth).Id, "absent", Around()))
            .ThenEvents(typeof(InvitationDeclined), typeof(CapacityGivenBack), typeof(TeamComposed), typeof(AssemblyHandedToCoordinator))];
        var state = Fold([.. invited, .. happened]);
        Assert.Multiple(() =>
        {
            Assert.That(happened.OfType<AssemblyHandedToCoordinator>().Single().ReasonCode, Is.EqualTo(WhatFollows.NeedsUnmet));
            Assert.That(state.Uncovered, Is.EqualTo(new[] { "sector:health" }));
            Assert.That(state.Live.Select(invitation => invitation.ExpertId), Is.EqualTo(new[] { Social }));
        });
    }

    [Test]
    public void R1_two_experts_can_be_put_together_by_hand_where_nobody_was_found_for_either_need()
    {
        var gap = Started(Decided(pool: PoolOf()));
        var newcomers = PoolOf(Expert(Social, "social", "substance.child-or-youth"));
        AssemblyEvent[] first = [.. gap, .. InviteExpert.Decide(Fold(gap), new InviteExpert.Command(Social, ["topic:substance.child-or-youth"], "coordinator-sisa", Around(newcomers))).Events];
        Assert.That(Fold(first).Status, Is.EqualTo(AssemblyStatus.WithCoordinator));
        AssemblyEvent[] held = [.. first, .. FollowCapacity.Held(Fold(first), Of(InvitationOf(first, Social), pool: newcomers)).Events];
        Assert.That(InvitationOf(held, Social).Status, Is.EqualTo(InvitationStatus.Open), "Nobody waits for the need that is still open.");
        AssemblyEvent[] both = [.. held, .. InviteExpert.Decide(Fold(held), new InviteExpert.Command(Health, ["sector:health"], "coordinator-sisa", Around())).Events];
        Assert.That(Fold(both).Live.Select(invitation => invitation.ExpertId), Is.EquivalentTo(new[] { Social, Health }));
    }

    [Test]
    public void Who_declined_is_not_asked_again_after_a_new_decision_in_the_same_matter()
    {
        AssemblyEvent[] declined = [.. Invited(), .. DeclineInvitation.Decide(Fold(Invited()), new DeclineInvitation.Command(InvitationOf(Invited(), Health).Id, "conflictOfInterest", Around())).Events];
        var again = StartAssemblyOnRouteDecided.Decide(Fold(declined), Decided(at: Now.AddHours(1))).Events;
        Assert.That(again.OfType<CapacityRequested>().Select(request => request.ExpertId), Is.EquivalentTo(new[] { Social, SecondHealth }));
    }

    [Test]
    public void An_invitation_does_not_outlive_its_hours()
    {
        var started = Started();
        var late = Around(now: InvitationOf(started, Social).LapsesAt.AddMinutes(-30));
        AssemblyEvent[] past = [.. started, .. FollowCapacity.Held(Fold(started), Of(InvitationOf(started, Social)) with { Around = late }).Events];
        var invited = FollowCapacity.Held(Fold(past), Of(InvitationOf(past, Health)) with { Around = late }).Events.OfType<ExpertInvited>().ToList();
        Assert.That(invited.Select(invitation => invitation.RespondBy), Is.All.EqualTo(InvitationOf(started, Social).LapsesAt));
    }

    [Test]
    public void Who_has_accepted_does_not_decline_any_more() =>
        Search.Given(Accepted()).When(DeclineInvitation.Decide, new DeclineInvitation.Command(InvitationOf(Accepted(), Social).Id, "noTime", Around())).ThenRejected(DeclineInvitation.AlreadyAccepted);

    [Test]
    public void Silence_makes_room_for_the_next()
    {
        var later = InvitationOf(Invited(), Health).RespondBy!.Value;
        AssemblyEvent[] past = [.. Invited(), .. AcceptInvitation.Decide(Fold(Invited()), new AcceptInvitation.Command(InvitationOf(Invited(), Social).Id, Now)).Events];
        var happened = Search.Given(past).When(ExpireInvitations.Decide, new ExpireInvitations.Command(Around(now: later)))
            .ThenEvents(typeof(InvitationExpired), typeof(CapacityGivenBack), typeof(TeamComposed), typeof(CapacityRequested));
        Assert.That(happened.OfType<CapacityRequested>().Single().ExpertId, Is.EqualTo(SecondHealth));
    }

    [Test]
    public void Before_the_time_to_answer_has_passed_nothing_expires() =>
        Search.Given(Invited()).When(ExpireInvitations.Decide, new ExpireInvitations.Command(Around(now: InvitationOf(Invited(), Health).RespondBy!.Value.AddSeconds(-1)))).ThenNothing();

    [Test]
    public void Hours_that_the_pool_refuses_are_sought_elsewhere()
    {
        var happened = Search.Given(Started()).When(FollowCapacity.Withheld, Of(InvitationOf(Started(), Health), "hours"))
            .ThenEvents(typeof(CapacityWithheld), typeof(TeamComposed), typeof(CapacityRequested));
        Assert.That(happened.OfType<CapacityRequested>().Single().ExpertId, Is.EqualTo(SecondHealth));
    }

    [Test]
    public void Hours_that_lapsed_before_their_confirmation_are_sought_elsewhere() =>
        Search.Given(Accepted()).When(FollowCapacity.Withheld, Of(InvitationOf(Accepted(), Health))).ThenEvents(typeof(InvitationExpired), typeof(TeamComposed), typeof(CapacityRequested));

    [Test]
    public void A_lapse_that_comes_after_the_confirmation_changes_nothing() =>
        Search.Given(Confirmed()).When(FollowCapacity.Withheld, Of(InvitationOf(Confirmed(), Health))).ThenNothing();

    [Test]
    public void R2_after_the_last_round_a_coordinator_composes_by_hand()
    {
        var past = Started(Decided(pool: PoolOf([.. Three.Experts, .. Enumerable.Range(10, 8).Select(number => Expert(new Guid(number, 0, 0, new byte[8]), "health"))])));
        var pool = PoolOf([.. Three.Experts, .. Enumerable.Range(10, 8).Select(number => Expert(new Guid(number, 0, 0, new byte[8]), "health"))]);
        while (Fold(past).Status is AssemblyStatus.Reserving)
        {
            var asked = Fold(past).Live.First(invitation => invitation.Needs.Contains("sector:health"));
            past = [.. past, .. FollowCapacity.Withheld(Fold(past), Of(asked, "hours", pool)).Events];
        }

        Assert.Multiple(() =>
        {
            Assert.That(past.OfType<TeamComposed>().Count(), Is.EqualTo(Policy.Team.Rounds));
            Assert.That(past[^1], Is.InstanceOf<AssemblyHandedToCoordinator>());
            Assert.That(Fold(past).Uncovered, Is.EqualTo(new[] { "sector:health" }));
            Assert.That(Fold(past).Live.Select(invitation => invitation.ExpertId), Is.EqualTo(new[] { Social }), "Who was found stays.");
        });
    }

    [Test]
    public void A_coordinator_asks_somebody_by_hand_for_what_nobody_was_found_for()
    {
        var gap = Started(Decided(pool: PoolOf(Expert(Social, "social", "substance.child-or-youth"))));
        var command = new InviteExpert.Command(Health, ["sector:health"], "coordinator-sisa", Around());
        var happened = Search.Given(gap).When(InviteExpert.Decide, command)
            .ThenEvents(typeof(ExpertChosenByHand), typeof(CapacityRequested), typeof(TeamComposed), typeof(CapacityRequested));
        Assert.That(happened.OfType<CapacityRequested>().Select(request => request.ExpertId), Is.EquivalentTo(new[] { Health, Social }), "The rest is composed around them.");
    }

    [Test]
    public void Nobody_is_asked_by_hand_while_the_search_goes_on() =>
        Search.Given(Started()).When(InviteExpert.Decide, new InviteExpert.Command(SecondHealth, ["sector:health"], "coordinator-sisa", Around())).ThenRejected(InviteExpert.NotByHand);

    [Test]
    public void Somebody_outside_the_pool_can_not_be_asked_by_hand() =>
        Search.Given(Started(Decided(pool: PoolOf()))).When(InviteExpert.Decide, new InviteExpert.Command(Health, ["sector:health"], "coordinator-sisa", Around(PoolOf()))).ThenRejected(InviteExpert.ExpertUnknown);

    [Test]
    public void A_need_that_the_matter_does_not_have_can_not_be_asked_for() =>
        Search.Given(Started(Decided(pool: PoolOf()))).When(InviteExpert.Decide, new InviteExpert.Command(Health, ["sector:justice"], "coordinator-sisa", Around())).ThenRejected(InviteExpert.NeedUnknown);
}
