using OtPlatform.Contracts;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>A requester who takes a matter up again, and a consent that ends or comes.</summary>
[TestFixture]
internal sealed class ReopenAndConsentTests
{
    private static readonly Guid Reason = Guid.Parse("00000000-0000-0000-0000-0000000000f4");
    private static readonly DateTimeOffset Said = Now.AddHours(5);
    private static readonly RouteDecided Team = new(CaseId, "sisa", Route.HybridTeam, [], [], false, false, [], "default.1", "coordinator-sisa", null, Now, Now.AddDays(5));
    private static readonly ReopenCaseOnConsultationReopened.Command Reopen = new(Reason, Said, _ => Policy, Said.AddMinutes(1));
    private static readonly ReassessOnConsentEnded.Command End = new(true, Said, _ => Policy, Said.AddMinutes(1));
    private static readonly ReassessOnConsentRecorded.Command Record = new(new DateOnly(2027, 5, 31), Said.AddHours(1), _ => Policy, Said.AddHours(1));

    [TestCase(false)]
    [TestCase(true)]
    public void Without_a_legal_basis_the_requester_is_asked_for_one_except_in_danger(bool danger)
    {
        TriageEvent[] past = [.. Opened(Complex with { ImmediateDanger = danger }), new CaseClosed(CaseId, "withdrawn", Now), new ConsentEnded(CaseId, WorkEnds: false, Now)];
        var decided = Case.Given(past).When(ReopenCaseOnConsultationReopened.Decide, Reopen);
        if (danger)
        {
            decided.ThenEvents(typeof(CaseReopened), typeof(ConfirmationAwaited));
            return;
        }

        var events = decided.ThenEvents(typeof(CaseReopened), typeof(ConfirmationAwaited), typeof(InformationRequested));
        Assert.That(((InformationRequested)events[^1]).Asked, Is.EqualTo(new[] { "legalBasis" }));
        Assert.That(TriageCase.Aggregate.Fold([.. past, .. events]), Has.Property(nameof(TriageCase.Status)).EqualTo(CaseStatus.AwaitingInformation).And.Property(nameof(TriageCase.MayBeDecided)).True);
    }

    [Test]
    public void R1_a_withdrawn_matter_that_is_reopened_waits_for_a_coordinator_again_and_does_not_count_as_sent_back()
    {
        TriageEvent[] past = [.. Opened(Complex), Team, new CaseClosed(CaseId, "withdrawn", Now.AddHours(1))];
        var events = Case.Given(past).When(ReopenCaseOnConsultationReopened.Decide, Reopen).ThenEvents(typeof(CaseReopened), typeof(ConfirmationAwaited));
        var state = TriageCase.Aggregate.Fold([.. past, .. events]);
        Assert.That((state.Status, state.Route, state.Bounces, state.MayBeDecided), Is.EqualTo((CaseStatus.AwaitingConfirmation, (Route?)null, 0, true)));
        Assert.That(((OtPlatform.Contracts.Triage.CaseReassessed)Published.Map(events[1])!).ReopenedAt, Is.EqualTo(Said), "The assembly learns which withdrawal holds no longer.");
    }

    [Test]
    public void C35_a_matter_that_comes_back_from_its_receiver_counts()
    {
        TriageEvent[] past = [.. Opened(Complex), Team with { Route = Route.SpecialLevel }, new ReferralAccepted(CaseId, "sisa", "hospital-unit", Now, Now.AddDays(9))];
        var events = Case.Given(past).When(ReopenCaseOnConsultationReopened.Decide, Reopen).ThenEvents(typeof(CaseReopened), typeof(ConfirmationAwaited));
        var state = TriageCase.Aggregate.Fold([.. past, .. events]);
        Assert.That((state.Status, state.Referral, state.Bounces), Is.EqualTo((CaseStatus.AwaitingConfirmation, (Referral?)null, 1)));
    }

    [Test]
    public void Danger_is_held_when_reopened()
    {
        var events = Case.Given([.. Opened(Complex with { ImmediateDanger = true }), new CaseClosed(CaseId, "withdrawn", Now)])
            .When(ReopenCaseOnConsultationReopened.Decide, Reopen).ThenEvents(typeof(CaseReopened), typeof(ConfirmationAwaited));
        Assert.That(((ConfirmationAwaited)events[1]).Held, Is.True);
    }

    [Test]
    public void The_unknown_is_neither_reopened_nor_changed()
    {
        Case.Given().When(ReopenCaseOnConsultationReopened.Decide, Reopen).ThenRejected(TriageCase.NotOpened);
        Case.Given().When(ReassessOnConsentEnded.Decide, End).ThenRejected(TriageCase.NotOpened);
        Case.Given().When(ReassessOnConsentRecorded.Decide, Record).ThenRejected(TriageCase.NotOpened);
        Case.Given([.. Opened(Complex), new CaseErased(CaseId, Now)]).When(ReassessOnConsentEnded.Decide, End).ThenRejected(TriageCase.AlreadyClosed);
        Case.Given([.. Opened(Complex), new CaseClosed(CaseId, "withdrawn", Now)]).When(ReassessOnConsentRecorded.Decide, Record).ThenRejected(TriageCase.AlreadyClosed);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void R8_the_consent_of_a_case_that_is_over_ends_and_nobody_has_to_do_anything(bool workEnds)
    {
        TriageEvent[] past = [.. Opened(Complex), new CaseClosed(CaseId, "withdrawn", Now)];
        var events = Case.Given(past).When(ReassessOnConsentEnded.Decide, End with { WorkEnds = workEnds }).ThenEvents(typeof(ConsentEnded), typeof(CaseAssessed));
        var after = TriageCase.Aggregate.Fold([.. past, .. events]);
        Assert.That((after.Status, after.Own!.LegalBasisType, after.MayBeDecided), Is.EqualTo((CaseStatus.Closed, CaseRequest.ConsentEnded, false)));
    }

    [Test]
    public void R8_without_the_consent_the_route_ends_and_the_requester_is_asked_for_a_legal_basis()
    {
        TriageEvent[] past = [.. Opened(Complex), Team];
        var events = Case.Given(past).When(ReassessOnConsentEnded.Decide, End).ThenEvents(typeof(ConsentEnded), typeof(CaseAssessed), typeof(InformationRequested));
        Assert.That(((InformationRequested)events[2]).Asked, Is.EqualTo(new[] { "legalBasis" }));
        var state = TriageCase.Aggregate.Fold([.. past, .. events]);
        Assert.That((state.Status, state.Route), Is.EqualTo((CaseStatus.AwaitingInformation, (Route?)null)));
    }

    [TestCase(Route.HybridTeam)]
    [TestCase(Route.StandingTeam)]
    [TestCase(Route.ExpertConsultation)]
    public void R8_no_route_is_decided_that_would_share_the_matter_without_the_consent(Route route)
    {
        TriageEvent[] past = [.. Opened(Complex), .. ReassessOnConsentEnded.Decide(TriageCase.Aggregate.Fold(Opened(Complex)), End).Events];
        Case.Given(past).When(DecideRoute.Decide, Decide(route)).ThenRejected(DecideRoute.LegalBasisNeeded);
        Assert.That(RoutingQueueEntry.Fold(past, past.Length).AllowedRoutes(Policy), Does.Not.Contain(route).And.Contain(Route.BasicSupportGuidance));
        Case.Given(past).When(DecideRoute.Decide, Decide(Route.BasicSupportGuidance)).ThenEvents(typeof(RouteDecided));
    }

    [Test]
    public void In_danger_a_coordinator_goes_on_at_once()
    {
        var events = Case.Given(Opened(Complex with { ImmediateDanger = true })).When(ReassessOnConsentEnded.Decide, End).ThenEvents(typeof(ConsentEnded), typeof(CaseAssessed), typeof(ConfirmationAwaited));
        Assert.That(((ConfirmationAwaited)events[2]).Held, Is.True);
    }

    [Test]
    public void Where_no_work_ends_the_route_stays() =>
        Case.Given([.. Opened(Complex), Team]).When(ReassessOnConsentEnded.Decide, End with { WorkEnds = false }).ThenEvents(typeof(ConsentEnded), typeof(CaseAssessed));

    [Test]
    public void An_answer_that_was_on_its_way_when_the_consent_ended_lets_the_route_stand_again()
    {
        TriageEvent[] past = [.. Opened(Complex), Team];
        past = [.. past, .. ReassessOnConsentEnded.Decide(TriageCase.Aggregate.Fold(past), End).Events];
        var stands = End with { WorkEnds = false };
        TriageEvent[] after = [.. past, .. Case.Given(past).When(ReassessOnConsentEnded.Decide, stands).ThenEvents(typeof(ConsentEnded))];
        var entry = RoutingQueueEntry.Fold(after, after.Length);
        Assert.That((entry.Status, entry.Route, entry.WaitsForCoordinator), Is.EqualTo((CaseStatus.RouteDecided, (Route?)Route.HybridTeam, false)));

        TriageEvent[] danger = [.. past, .. RaiseSafety.Decide(TriageCase.Aggregate.Fold(past), new(true, false, null, Said.AddMinutes(5), _ => Policy, Said.AddMinutes(5))).Events];
        Assert.That(TriageCase.Aggregate.Fold([.. danger, .. ReassessOnConsentEnded.Decide(TriageCase.Aggregate.Fold(danger), stands).Events]).Status, Is.EqualTo(CaseStatus.Held));
        TriageEvent[] anew = [.. past, Team with { Route = Route.BasicSupportGuidance, DecidedAt = Said.AddHours(2) }];
        Assert.That(TriageCase.Aggregate.Fold([.. anew, .. ReassessOnConsentEnded.Decide(TriageCase.Aggregate.Fold(anew), stands).Events]).Route, Is.EqualTo(Route.BasicSupportGuidance));
    }

    [Test]
    public void A_new_consent_lets_a_team_be_decided_again()
    {
        TriageEvent[] past = [.. Opened(Complex), Team];
        past = [.. past, .. ReassessOnConsentEnded.Decide(TriageCase.Aggregate.Fold(past), End).Events];
        var events = Case.Given(past).When(ReassessOnConsentRecorded.Decide, Record).ThenEvents(typeof(InformationReceived), typeof(CaseAssessed), typeof(ConfirmationAwaited));
        Case.Given([.. past, .. events]).When(DecideRoute.Decide, Decide(Route.HybridTeam)).ThenEvents(typeof(RouteDecided));
    }

    [Test]
    public void A_consent_for_longer_leaves_the_decided_route_alone() =>
        Case.Given([.. Opened(Complex), Team]).When(ReassessOnConsentRecorded.Decide, Record).ThenEvents(typeof(InformationReceived), typeof(CaseAssessed));

    private static DecideRoute.Command Decide(Route route) => new(route, "capacity", false, Policy, "coordinator-sisa", Said.AddHours(2));
}
