using OtPlatform.Contracts;
using OtPlatform.TeamAssembly.Assemblies;
using OtPlatform.TeamAssembly.Experts;
using static OtPlatform.TeamAssembly.Tests.Assemblies.Matters;

namespace OtPlatform.TeamAssembly.Tests.Assemblies;

[TestFixture]
internal sealed class StartAssemblyTests
{
    [Test]
    public void R5_a_team_route_composes_the_smallest_team_and_asks_for_each_member_s_hours()
    {
        var happened = Search.Given().When(StartAssemblyOnRouteDecided.Decide, Decided())
            .ThenEvents(typeof(AssemblyStarted), typeof(TeamComposed), typeof(CapacityRequested), typeof(CapacityRequested));
        Assert.That(happened.OfType<CapacityRequested>().Select(request => request.ExpertId), Is.EquivalentTo(new[] { Social, Health }));
    }

    [Test]
    public void The_hours_are_asked_for_each_week_of_the_period_from_the_next_Monday_on()
    {
        var request = Started().OfType<CapacityRequested>().First();
        Assert.Multiple(() =>
        {
            Assert.That(request.Weeks, Has.Count.EqualTo(12));
            Assert.That(request.Weeks[0].Monday, Is.EqualTo(new DateOnly(2026, 11, 23)));
            Assert.That(request.Weeks, Is.All.Matches<Contracts.ExpertPool.WeekHours>(week => week.Hours == 2));
            Assert.That(request.Until, Is.EqualTo(new DateOnly(2027, 2, 14)));
        });
    }

    [Test]
    public void A_single_consultation_asks_for_its_hours_once()
    {
        var happened = Search.Given().When(StartAssemblyOnRouteDecided.Decide, Decided(Route.ExpertConsultation))
            .ThenEvents(typeof(AssemblyStarted), typeof(TeamComposed), typeof(CapacityRequested));
        Assert.That(happened.OfType<CapacityRequested>().Single().Weeks, Is.EqualTo(new[] { new Contracts.ExpertPool.WeekHours(new DateOnly(2026, 11, 23), 2) }));
    }

    [Test]
    public void Guidance_waits_for_a_coordinator_s_answer_and_asks_nobody() =>
        Search.Given().When(StartAssemblyOnRouteDecided.Decide, Decided(Route.BasicSupportGuidance)).ThenEvents(typeof(AssemblyStarted));

    [TestCase(Route.SpecialLevel)]
    [TestCase(Route.KnowledgeHolder)]
    [TestCase(Route.ServiceGap)]
    public void A_route_that_staffs_nobody_starts_nothing(Route route) =>
        Search.Given().When(StartAssemblyOnRouteDecided.Decide, Decided(route)).ThenNothing();

    [Test]
    public void R1_a_need_that_nobody_can_meet_is_a_gap_and_nobody_is_asked_in_vain()
    {
        var happened = Search.Given().When(StartAssemblyOnRouteDecided.Decide, Decided(pool: PoolOf(Expert(Social, "social", "substance.child-or-youth"))))
            .ThenEvents(typeof(AssemblyStarted), typeof(TeamComposed), typeof(ServiceGapFound));
        Assert.That(happened.OfType<ServiceGapFound>().Single().UnmetNeeds, Is.EqualTo(new[] { "sector:health" }));
    }

    [Test]
    public void The_same_decision_again_changes_nothing() =>
        Search.Given(Started()).When(StartAssemblyOnRouteDecided.Decide, Decided()).ThenNothing();

    [Test]
    public void A_later_decision_gives_all_hours_back_and_starts_anew()
    {
        var happened = Search.Given(Started()).When(StartAssemblyOnRouteDecided.Decide, Decided(at: Now.AddHours(1)))
            .ThenEvents(typeof(CapacityGivenBack), typeof(CapacityGivenBack), typeof(AssemblyCancelled), typeof(AssemblyStarted), typeof(TeamComposed), typeof(CapacityRequested), typeof(CapacityRequested));
        Assert.That(happened.OfType<CapacityRequested>().Select(request => request.InvitationId), Is.Not.SupersetOf(Started().OfType<CapacityRequested>().Select(request => request.InvitationId)), "A reservation of an earlier attempt is never asked for again.");
    }

    [Test]
    public void An_earlier_decision_that_comes_late_changes_nothing() =>
        Search.Given(Started(Decided(at: Now))).When(StartAssemblyOnRouteDecided.Decide, Decided(at: Now.AddMinutes(-1))).ThenNothing();

    [Test]
    public void A_later_decision_for_another_route_ends_the_search() =>
        Search.Given(Started()).When(StartAssemblyOnRouteDecided.Decide, Decided(Route.SpecialLevel, at: Now.AddHours(1)))
            .ThenEvents(typeof(CapacityGivenBack), typeof(CapacityGivenBack), typeof(AssemblyCancelled));

    [Test]
    public void R2_a_route_without_needs_goes_to_a_coordinator_by_name_of_what_is_missing()
    {
        var happened = Search.Given().When(StartAssemblyOnRouteDecided.Decide, Decided() with { Needs = [] })
            .ThenEvents(typeof(AssemblyStarted), typeof(AssemblyHandedToCoordinator));
        Assert.That(happened.OfType<AssemblyHandedToCoordinator>().Single().ReasonCode, Is.EqualTo(StartAssemblyOnRouteDecided.FactsMissing));
    }

    [Test]
    public void A_withdrawal_before_the_route_holds()
    {
        var withdrawn = Search.Given().When(CancelAssembly.Decide, new CancelAssembly.Command(Id, CancelAssembly.Withdrawn, Now)).ThenEvents(typeof(AssemblyCancelled));
        Search.Given([.. withdrawn]).When(StartAssemblyOnRouteDecided.Decide, Decided()).ThenNothing();
    }

    [Test]
    public void R5_somebody_of_the_requesting_unit_is_not_asked_for_their_own_unit_s_decision()
    {
        var own = Three.Experts.Select(expert => expert.Id == Health ? expert with { UnitId = Unit } : expert).ToArray();
        Assert.That(Started(Decided(pool: PoolOf(own))).OfType<CapacityRequested>().Select(request => request.ExpertId), Is.EquivalentTo(new[] { Social, SecondHealth }));
    }

    [Test]
    public void Somebody_without_an_agreement_is_not_asked()
    {
        var bare = Three.Experts.Select(expert => expert.Id == Health ? expert with { AgreementFrom = null } : expert).ToArray();
        Assert.That(Started(Decided(pool: PoolOf(bare))).OfType<CapacityRequested>().Select(request => request.ExpertId), Is.EquivalentTo(new[] { Social, SecondHealth }));
    }

    [Test]
    public void Somebody_detached_is_asked_only_with_the_employer_s_consent()
    {
        Pool With(bool consents) => PoolOf([.. Three.Experts.Select(expert => expert.Id == Health ? expert with { Engagement = "detached", EmployerConsents = consents } : expert)]);
        Assert.Multiple(() =>
        {
            Assert.That(Started(Decided(pool: With(false))).OfType<CapacityRequested>().Select(request => request.ExpertId), Does.Not.Contain(Health));
            Assert.That(Started(Decided(pool: With(true))).OfType<CapacityRequested>().Select(request => request.ExpertId), Does.Contain(Health));
        });
    }

    [Test]
    public void Hours_given_to_another_team_are_not_given_twice()
    {
        var weeks = Enumerable.Range(0, 12).Select(week => new Contracts.ExpertPool.WeekHours(new DateOnly(2026, 11, 23).AddDays(7 * week), 7)).ToList();
        var busy = Three.Experts.Select(expert => expert.Id == Health ? expert with { Held = [new HeldHours(SecondHealth, Unit, weeks)] } : expert).ToArray();
        Assert.That(Started(Decided(pool: PoolOf(busy))).OfType<CapacityRequested>().Select(request => request.ExpertId), Is.EquivalentTo(new[] { Social, SecondHealth }));
    }
}
