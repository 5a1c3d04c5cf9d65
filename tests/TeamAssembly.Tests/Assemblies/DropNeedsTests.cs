using OtPlatform.TeamAssembly.Assemblies;
using static OtPlatform.TeamAssembly.Tests.Assemblies.Matters;

namespace OtPlatform.TeamAssembly.Tests.Assemblies;

/// <summary>What only a request asked for that may be known no more is asked of nobody (R8).</summary>
[TestFixture]
internal sealed class DropNeedsTests
{
    [Test]
    public void R8_nobody_is_asked_for_a_need_that_is_gone_and_who_accepted_another_stays()
    {
        foreach (var past in new[] { Started(), Invited(), Accepted() })
        {
            var before = Fold(past);
            var events = DropNeedsOnNeedsChanged.Decide(before, Without(before, Sector)).Events;
            var after = Fold([.. past, .. events]);
            Assert.That(after.Needs, Is.EqualTo(new[] { Topic }));
            Assert.That(after.Live.Select(invitation => invitation.ExpertId), Is.EqualTo(new[] { Social }));
            Assert.That(after.Invitation(after.Live.Single().Id)!.Status, Is.EqualTo(before.Live.Single(invitation => invitation.ExpertId == Social).Status));
            Assert.That(events.OfType<CapacityGivenBack>().Select(back => (back.ExpertId, back.ReasonCode)), Is.EqualTo(new[] { (Health, DropNeedsOnNeedsChanged.NeedDropped) }));
            // Whoever was invited may read the words; that ends with the invitation.
            var invited = past.OfType<ExpertInvited>().Any();
            Assert.That(events.OfType<InvitationExpired>().Select(expired => expired.ExpertId), Is.EqualTo(invited ? new[] { Health } : []));
        }
    }

    [Test]
    public void A_need_that_stays_for_somebody_who_was_asked_for_two_is_asked_for_alone()
    {
        var both = Invited(Decided(pool: PoolOf(Expert(Social, "health", "substance.child-or-youth"))));
        var before = Fold(both);
        Assert.That(before.Live.Single().Needs, Has.Count.EqualTo(2));
        Search.Given(both).When(DropNeedsOnNeedsChanged.Decide, Without(before, Sector)).ThenEvents(typeof(NeedsChanged));
        Assert.That(Fold([.. both, new NeedsChanged(Id, [Topic], Now)]).Live.Single().Needs, Is.EqualTo(new[] { Topic.Key }));
    }

    [Test]
    public void R2_when_no_need_is_left_a_coordinator_has_it_with_a_date()
    {
        var past = Invited();
        var events = DropNeedsOnNeedsChanged.Decide(Fold(past), Without(Fold(past), Topic, Sector)).Events;
        Assert.That(events[^1], Is.InstanceOf<AssemblyHandedToCoordinator>());
        Assert.That((Fold([.. past, .. events]).Status, Fold([.. past, .. events]).Live.Any()), Is.EqualTo((AssemblyStatus.WithCoordinator, false)));
    }

    [Test]
    public void A_search_that_waited_for_that_need_alone_goes_on_without_it()
    {
        var past = Accepted();
        var social = InvitationOf(past, Social);
        AssemblyEvent[] confirmed = [.. past, .. FollowCapacity.Confirmed(Fold(past), Of(social)).Events];
        var events = DropNeedsOnNeedsChanged.Decide(Fold(confirmed), Without(Fold(confirmed), Sector)).Events;
        Assert.That(Fold([.. confirmed, .. events]).Uncovered, Is.Empty);
        Assert.That(events.Any(happened => happened is TeamActivated or AssemblyHandedToCoordinator), Is.True, "It starts, or a coordinator sees which guard fails.");
    }

    [Test]
    public void A_team_that_works_an_assembly_that_is_over_and_another_route_are_left_as_they_are()
    {
        var working = Confirmed();
        Search.Given(working).When(DropNeedsOnNeedsChanged.Decide, Without(Fold(working), Sector)).ThenNothing();
        AssemblyEvent[] cancelled = [.. Started(), new AssemblyCancelled(Id, "sisa", CancelAssembly.Linked, Now)];
        Search.Given(cancelled).When(DropNeedsOnNeedsChanged.Decide, Without(Fold(cancelled), Sector)).ThenNothing();
        var earlier = Without(Fold(Started()), Sector);
        Search.Given(Started()).When(DropNeedsOnNeedsChanged.Decide, earlier with { RouteDecidedAt = earlier.RouteDecidedAt.AddMinutes(-1) }).ThenNothing();
        Search.Given(Started()).When(DropNeedsOnNeedsChanged.Decide, Without(Fold(Started()))).ThenNothing();
    }

    private static DropNeedsOnNeedsChanged.Command Without(Assembly state, params TeamNeed[] dropped) =>
        new(Id, [.. state.Needs.Except(dropped)], state.RouteDecidedAt!.Value, Around());
}
