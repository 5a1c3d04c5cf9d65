using OtPlatform.Contracts;
using OtPlatform.Triage.KnowledgeHolders;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;

namespace OtPlatform.Triage.Tests.TriageCases;

[TestFixture]
internal sealed class DecideRouteTests
{
    private static readonly DecideRoute.Command HybridTeam = new(Route.HybridTeam, null, false, Policy, "coordinator-sisa", Now.AddHours(1));

    private static readonly ChosenHolder Holder = new(Guid.Parse("019ab000-0000-7000-8000-0000000000b1"), true);
    private static readonly DecideRoute.Command ToHolder = HybridTeam with { Route = Route.KnowledgeHolder, ReasonCode = "other", Holder = Holder };

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
    public void A_topic_of_several_sectors_does_not_stand_for_any_of_them()
    {
        var decided = Confirm(Complex with { Topics = ["substance.child-or-youth"] });
        Assert.That(decided.Needs.Select(need => $"{need.Kind}:{need.Code}"), Is.EqualTo(new[] { "topic:substance.child-or-youth", "sector:social", "sector:health", "sector:education" }));
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

    [TestCase("health", "social")]
    [TestCase("social", "health")]
    public void An_expert_without_any_topic_is_asked_for_another_sector_that_the_grounds_require(string own, string asked) =>
        Assert.That(
            Expert(Plain with { Marks = ["unclear", "changing-fast"], Sector = own }).Needs,
            Is.EqualTo(new[] { new Need("sector", asked, 2, 2, true, null, "fi") }));

    [Test]
    public void An_expert_without_topic_and_ground_is_asked_for_the_sector_that_the_policy_names()
    {
        var decided = Expert(Plain with { Sector = "health" });
        Assert.Multiple(() =>
        {
            Assert.That(decided.Needs.Single(), Is.EqualTo(new Need("sector", "social", 2, 2, true, null, "fi")));
            Assert.That(decided.Sectors, Is.EqualTo(new[] { "social" }));
        });
    }

    [Test]
    public void A_team_without_topic_and_ground_is_asked_for_somebody_too() =>
        Assert.That(
            ((RouteDecided)Case.Given(Opened(Plain)).When(DecideRoute.Decide, HybridTeam with { ReasonCode = "local-knowledge" }).ThenEvents(typeof(RouteDecided))[0]).Needs.Single(),
            Is.EqualTo(new Need("sector", "social", 2, 12, false, null, "fi")));

    [Test]
    public void A_decided_route_repeats_what_a_team_has_to_know_of_the_matter()
    {
        var unit = Guid.Parse("00000000-0000-0000-0000-0000000000d1");
        var until = new DateOnly(2027, 5, 31);
        var decided = Confirm(Complex with
        {
            RequestingUnitId = unit,
            RequesterRole = "family-worker",
            ResponsibleWorkerRole = "own-worker",
            ResponsibleWorkerRef = "w-1",
            LegalBasisValidUntil = until,
            Sector = "social",
        });
        Assert.That(decided.Matter, Is.EqualTo(new Matter(ConsultationKind.ClientWork, "pirkanmaa", "fi", Urgency.Routine, unit, "family-worker", "own-worker", "w-1", "consent", until)));
    }

    [Test]
    public void A_case_from_before_the_facts_were_kept_is_decided_without_them() => Assert.That(Confirm(Complex).Matter, Is.Null);

    [Test]
    public void A_decided_gap_may_be_solved_by_any_other_route()
    {
        var gap = Decided(Route.ServiceGap);
        Case.Given([.. Opened(Complex), gap]).When(DecideRoute.Decide, HybridTeam).ThenEvents(typeof(RouteDecided));
        Case.Given([.. Opened(Complex), gap]).When(DecideRoute.Decide, HybridTeam with { Route = Route.ServiceGap }).ThenNothing();
    }

    [Test]
    public void Routes_that_are_said_to_be_allowed_are_those_that_are_not_refused()
    {
        CaseRequest[] requests = [Complex, Plain, Complex with { LegalBasisType = "anonymous", TriedCount = 2 }, Complex with { ImmediateDanger = true }, Complex with { TriedCount = 0 }];
        TriageEvent[][] later =
        [
            [], [Decided(Route.HybridTeam)], [Decided(Route.ServiceGap)], [Decided(Route.HybridTeam), new RouteNotStaffed(CaseId, "serviceGap", Now, Now)],
            [Decided(Route.HybridTeam), new RouteNotStaffed(CaseId, "serviceGap", Now, Now), new RouteStaffed(CaseId, Now)],
            [Decided(Route.SpecialLevel), new ReferralProposed(CaseId, "sisa", "unit", "coordinator-sisa", Now, Now), new ReferralReturned(CaseId, "sisa", "unit", "notOurs", 1, Now, Now)],
            [Decided(Route.KnowledgeHolder)],
            [Decided(Route.KnowledgeHolder) with { KnowledgeHolder = Guid.CreateVersion7() }],
            [Decided(Route.SpecialLevel)],
            [Decided(Route.SpecialLevel), new ReferralProposed(CaseId, "sisa", "unit", "coordinator-sisa", Now, Now)],
            [Decided(Route.SpecialLevel), new ReferralProposed(CaseId, "sisa", "unit", "coordinator-sisa", Now, Now), new ReferralOverdue(CaseId, "unit", Now, Now)],
            [Decided(Route.SpecialLevel), new ReferralProposed(CaseId, "sisa", "unit", "coordinator-sisa", Now, Now), new ReferralAccepted(CaseId, "sisa", "unit", Now, Now)],
            [new CaseClosed(CaseId, "withdrawn", Now)],
        ];
        foreach (var past in requests.SelectMany(request => later.Select(more => (TriageEvent[])[.. Opened(request), .. more])))
        {
            var state = TriageCase.Aggregate.Fold(past);
            var accepted = Enum.GetValues<Route>().Where(route => DecideRoute.Decide(state, HybridTeam with { Route = route, ReasonCode = "other", Holder = route is Route.KnowledgeHolder ? Holder : null }).Events.Count > 0);
            Assert.That(RoutingQueueEntry.Fold(past, 1).AllowedRoutes(Policy), Is.EqualTo(accepted), state.Status.ToString());
        }
    }

    [Test]
    public void R1_who_is_pointed_to_a_holder_of_knowledge_is_told_which()
    {
        var decided = (RouteDecided)Case.Given(Opened(Complex)).When(DecideRoute.Decide, ToHolder).ThenEvents(typeof(RouteDecided))[0];
        var told = (Contracts.Triage.RouteDecided)Published.Map(decided)!;
        Assert.That((decided.Route, decided.KnowledgeHolder, told.KnowledgeHolderId), Is.EqualTo((Route.KnowledgeHolder, (Guid?)Holder.Id, (Guid?)Holder.Id)));
    }

    [Test]
    public void R1_the_route_to_a_holder_of_knowledge_names_one() => Case.Given(Opened(Complex)).When(DecideRoute.Decide, ToHolder with { Holder = null }).ThenRejected(DecideRoute.HolderRequired);

    [Test]
    public void R1_who_is_not_known_or_not_in_force_is_no_holder_of_knowledge() =>
        Case.Given(Opened(Complex)).When(DecideRoute.Decide, ToHolder with { Holder = Holder with { IsInForce = false } }).ThenRejected(DecideRoute.UnknownHolder);

    [Test]
    public void No_other_route_takes_a_holder_of_knowledge()
    {
        foreach (var route in Enum.GetValues<Route>().Where(route => route is not Route.KnowledgeHolder))
        {
            Case.Given(Opened(Complex)).When(DecideRoute.Decide, ToHolder with { Route = route }).ThenRejected(DecideRoute.HolderNotAsked);
        }
    }

    [Test]
    public void The_same_holder_of_knowledge_again_changes_nothing_also_when_it_has_ended_meanwhile() =>
        Case.Given([.. Opened(Complex), Decided(Route.KnowledgeHolder) with { KnowledgeHolder = Holder.Id }]).When(DecideRoute.Decide, ToHolder with { Holder = Holder with { IsInForce = false } }).ThenNothing();

    [Test]
    public void Another_holder_of_knowledge_is_another_decision()
    {
        var other = new ChosenHolder(Guid.Parse("019ab000-0000-7000-8000-0000000000b2"), true);
        var decided = (RouteDecided)Case.Given([.. Opened(Complex), Decided(Route.KnowledgeHolder) with { KnowledgeHolder = Holder.Id }])
            .When(DecideRoute.Decide, ToHolder with { Holder = other }).ThenEvents(typeof(RouteDecided))[0];
        Assert.That(decided.KnowledgeHolder, Is.EqualTo(other.Id));
    }

    [Test]
    public void R1_a_decision_from_before_holders_were_named_is_mended_by_one()
    {
        TriageEvent[] past = [.. Opened(Complex), Decided(Route.KnowledgeHolder)];
        Case.Given(past).When(DecideRoute.Decide, ToHolder with { Holder = null }).ThenRejected(DecideRoute.HolderRequired);
        Case.Given(past).When(DecideRoute.Decide, ToHolder).ThenEvents(typeof(RouteDecided));
    }

    [Test]
    public void In_danger_a_route_to_a_holder_of_knowledge_is_kept_without_naming_it_again() =>
        Case.Given([.. Opened(Complex), Decided(Route.KnowledgeHolder) with { KnowledgeHolder = Holder.Id }, new SafetyRaised(CaseId, true, false, null, Now.AddMinutes(10), Now.AddHours(1))])
            .When(DecideRoute.Decide, ToHolder with { Holder = null }).ThenEvents(typeof(RouteKept));

    [TestCase(Confirmation.Never)]
    [TestCase(Confirmation.WhenUnclear)]
    public void R1_no_policy_points_to_a_holder_of_knowledge_by_itself_because_somebody_has_to_say_who_it_is(Confirmation confirmation)
    {
        var code = $"{confirmation.ToString()[..1].ToLowerInvariant()}{confirmation.ToString()[1..]}";
        var policy = new AreaPolicy(
            CatalogueWith($$"""{ "version": 7, "triage": { "confirmation": "{{code}}" }, "rows": [{ "code": "all", "when": { "always": true }, "then": "route", "route": "knowledgeHolder" }] }"""), "sisa");
        var assessed = (CaseAssessed)Case.Given().When(OpenCase.Decide, Open(Complex, policy)).ThenEvents(typeof(CaseOpened), typeof(CaseAssessed))[1];
        Assert.That((assessed.Assessment.Route, assessed.Assessment.Clear), Is.EqualTo(((Route?)Route.KnowledgeHolder, false)));
    }

    [Test]
    public void Guidance_needs_nobody() =>
        Assert.That(((RouteDecided)Case.Given(Opened(Plain)).When(DecideRoute.Decide, HybridTeam with { Route = Route.BasicSupportGuidance }).ThenEvents(typeof(RouteDecided))[0]).Needs, Is.Empty);

    private static RouteDecided Expert(CaseRequest request) =>
        (RouteDecided)Case.Given(Opened(request)).When(DecideRoute.Decide, HybridTeam with { Route = Route.ExpertConsultation, ReasonCode = "other" }).ThenEvents(typeof(RouteDecided))[0];

    private static RouteDecided Confirm(CaseRequest request) =>
        (RouteDecided)Case.Given(Opened(request)).When(DecideRoute.Decide, HybridTeam).ThenEvents(typeof(RouteDecided))[0];

    private static RouteDecided Decided(Route route) =>
        new(CaseId, "sisa", route, [], [], false, false, [], "default.1", "coordinator-sisa", null, Now, Now.AddDays(1));
}
