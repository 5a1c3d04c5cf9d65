using OtPlatform.Contracts;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;

namespace OtPlatform.Triage.Tests.TriageCases;

[TestFixture]
internal sealed class DecideRouteTests
{
    private static readonly DecideRoute.Command HybridTeam = new(Route.HybridTeam, null, false, Policy, "coordinator-sisa", Now.AddHours(1));

    [Test]
    public void The_recommended_route_is_confirmed_without_a_reason()
    {
        var events = Case.Given(Opened(Complex)).When(DecideRoute.Decide, HybridTeam).ThenEvents(typeof(RouteDecided));
        var decided = (RouteDecided)events[0];
        Assert.Multiple(() =>
        {
            Assert.That(decided.Route, Is.EqualTo(Route.HybridTeam));
            Assert.That(decided.DecidedBy, Is.EqualTo("coordinator-sisa"));
            Assert.That(decided.Grounds, Is.EqualTo(new[] { Ground.Complexity }));
            Assert.That(decided.PolicyVersion, Is.EqualTo("default.1"));
        });
    }

    [Test]
    public void Another_route_needs_a_reason() =>
        Case.Given(Opened(Complex)).When(DecideRoute.Decide, HybridTeam with { Route = Route.ExpertConsultation }).ThenRejected(DecideRoute.ReasonRequired);

    [Test]
    public void Another_route_with_a_reason_is_decided()
    {
        var events = Case.Given(Opened(Complex)).When(DecideRoute.Decide, HybridTeam with { Route = Route.ExpertConsultation, ReasonCode = "local-knowledge" }).ThenEvents(typeof(RouteDecided));
        Assert.That(((RouteDecided)events[0]).ReasonCode, Is.EqualTo("local-knowledge"));
    }

    [Test]
    public void A_reason_is_one_of_the_policys() =>
        Case.Given(Opened(Complex)).When(DecideRoute.Decide, HybridTeam with { ReasonCode = "because" }).ThenRejected(DecideRoute.UnknownReason);

    [Test]
    public void The_same_route_again_changes_nothing() =>
        Case.Given([.. Opened(Complex), Decided(Route.HybridTeam)]).When(DecideRoute.Decide, HybridTeam).ThenNothing();

    [Test]
    public void Another_route_after_the_decision_is_refused() =>
        Case.Given([.. Opened(Complex), Decided(Route.ExpertConsultation)]).When(DecideRoute.Decide, HybridTeam).ThenRejected(TriageCase.AlreadyDecided);

    [Test]
    public void Without_a_case_nothing_is_decided() =>
        Case.Given().When(DecideRoute.Decide, HybridTeam).ThenRejected(TriageCase.NotOpened);

    [Test]
    public void A_closed_case_is_not_decided() =>
        Case.Given([.. Opened(Complex), new CaseClosed(CaseId, "withdrawn", Now)]).When(DecideRoute.Decide, HybridTeam).ThenRejected(TriageCase.AlreadyClosed);

    [Test]
    public void A_coordinator_who_reached_the_silent_requester_decides_with_a_reason() =>
        Case.Given(Opened(Complex with { TriedCount = 0 })).When(DecideRoute.Decide, HybridTeam with { ReasonCode = "new-facts" }).ThenEvents(typeof(RouteDecided));

    [Test]
    public void While_the_requester_is_asked_a_decision_needs_a_reason() =>
        Case.Given(Opened(Complex with { TriedCount = 0 })).When(DecideRoute.Decide, HybridTeam).ThenRejected(DecideRoute.ReasonRequired);

    [Test]
    public void A_held_case_is_decided_by_a_coordinator() =>
        Case.Given(Opened(Complex with { ImmediateDanger = true })).When(DecideRoute.Decide, HybridTeam).ThenEvents(typeof(RouteDecided));

    [Test]
    public void An_anonymous_client_gets_no_team_without_a_legal_basis() =>
        Case.Given(Opened(Complex with { ImmediateDanger = true, LegalBasisType = "anonymous" })).When(DecideRoute.Decide, HybridTeam).ThenRejected(DecideRoute.LegalBasisNeeded);

    [TestCase(2, true, false)]
    [TestCase(3, false, false)]
    [TestCase(3, true, true)]
    [TestCase(4, false, true)]
    public void A_network_coordinator_is_needed_at_three_services_when_confirmed_and_always_at_four(int services, bool confirmed, bool needed)
    {
        string[] involved = ["child-welfare", "police", "adolescent-psychiatry", "substance-services"];
        var request = Complex with { Services = involved[..services] };
        var events = Case.Given(Opened(request)).When(DecideRoute.Decide, HybridTeam with { NetworkCoordinator = confirmed }).ThenEvents(typeof(RouteDecided));
        Assert.That(((RouteDecided)events[0]).NetworkCoordinator, Is.EqualTo(needed));
    }

    [Test]
    public void A_team_needs_each_topic_and_each_required_sector_that_the_topics_lack()
    {
        var decided = Confirm(Complex with { Topics = ["divorce.custody-dispute-prolonged"] });
        Assert.Multiple(() =>
        {
            Assert.That(decided.Needs.Select(need => $"{need.Kind}:{need.Code}"), Is.EqualTo(new[] { "topic:divorce.custody-dispute-prolonged", "sector:health", "sector:education" }));
            Assert.That(decided.Sectors, Is.EqualTo(new[] { "social", "health", "education" }));
            Assert.That(decided.Needs, Has.All.Matches<Need>(need => need is { WeeklyHours: 2, Weeks: 12, Once: false }));
        });
    }

    [Test]
    public void Education_is_required_only_when_an_education_service_is_involved() =>
        Assert.That(Confirm(Complex with { Services = ["child-welfare"] }).Sectors, Is.EqualTo(new[] { "social", "health" }));

    [Test]
    public void Education_is_not_required_before_school_and_early_education() =>
        Assert.That(Confirm(Complex with { AgeBand = "unborn" }).Sectors, Is.EqualTo(new[] { "social", "health" }));

    [Test]
    public void A_single_consultation_needs_its_topics_once_and_no_further_sector()
    {
        var request = Plain with { Topics = ["violence.family"], Services = ["school"] };
        var decided = (RouteDecided)Case.Given(Opened(request)).When(DecideRoute.Decide, HybridTeam with { Route = Route.ExpertConsultation }).ThenEvents(typeof(RouteDecided))[0];
        Assert.That(decided.Needs, Is.EqualTo(new[] { new Need("topic", "violence.family", 2, 2, true, null, "fi") }));
    }

    [Test]
    public void Guidance_needs_nobody() =>
        Assert.That(((RouteDecided)Case.Given(Opened(Plain)).When(DecideRoute.Decide, HybridTeam with { Route = Route.BasicSupportGuidance }).ThenEvents(typeof(RouteDecided))[0]).Needs, Is.Empty);

    private static RouteDecided Confirm(CaseRequest request) =>
        (RouteDecided)Case.Given(Opened(request)).When(DecideRoute.Decide, HybridTeam).ThenEvents(typeof(RouteDecided))[0];

    private static RouteDecided Decided(Route route) =>
        new(CaseId, "sisa", route, [], [], false, false, [], "default.1", "coordinator-sisa", null, Now, Now.AddDays(1));
}
