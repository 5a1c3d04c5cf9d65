using OtPlatform.Contracts;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>Urgency and danger, a correction, and another worker, reported after the case was opened.</summary>
[TestFixture]
internal sealed class RaiseSafetyTests
{
    private static readonly DateTimeOffset Said = Now.AddHours(5);
    private static readonly RouteDecided Team = new(CaseId, "sisa", Route.HybridTeam, [], [], false, false, [], "default.1", "coordinator-sisa", null, Now, Now.AddDays(5));
    private static readonly RaiseSafety.Command Danger = new(true, false, null, Said, _ => Policy, Said);
    private static readonly RaiseSafety.Command Urgent = new(false, false, Urgency.Urgent, Said, _ => Policy, Said);
    private static readonly ReassessOnConsultationCorrected.Command Correct = new(null, ["violence.family"], null, null, false, Said, _ => Policy, Said);
    private static readonly NoteWorkerOnResponsibleWorkerChanged.Command Worker = new("own-worker", "w-2", Said);

    [Test]
    public void Danger_that_arrives_before_its_submission_opens_the_case_as_dangerous() =>
        Assert.That(((CaseOpened)OpenCaseOnImmediateDangerReported.Decide(TriageCase.Initial, new(Open(Complex), Danger)).Events[0]).Held, Is.True);

    [Test]
    public void Danger_reported_later_holds_an_undecided_case_for_a_coordinator()
    {
        var events = OpenCaseOnImmediateDangerReported.Decide(TriageCase.Aggregate.Fold(Opened(Complex)), new(Open(Complex), Danger)).Events;
        Assert.That(events.Select(happened => happened.GetType()), Is.EqualTo(new[] { typeof(SafetyRaised), typeof(CaseAssessed), typeof(ConfirmationAwaited) }));
        var state = TriageCase.Aggregate.Fold([.. Opened(Complex), .. events]);
        Assert.That((state.Status, ((ConfirmationAwaited)events[2]).DueBy), Is.EqualTo((CaseStatus.Held, Policy.HeldDue(Said))));
    }

    [Test]
    public void The_same_danger_by_its_own_path_and_by_the_other_counts_once() =>
        Case.Given(Opened(Complex)).When(RaiseSafety.Decide, Danger).ThenEvents(typeof(SafetyRaised), typeof(CaseAssessed), typeof(ConfirmationAwaited));

    [Test]
    public void R3_a_decided_route_stays_in_danger_and_a_coordinator_has_to_look_at_it()
    {
        TriageEvent[] past = [.. Opened(Complex), Team];
        var events = Case.Given(past).When(RaiseSafety.Decide, Danger).ThenEvents(typeof(SafetyRaised), typeof(CaseAssessed));
        TriageEvent[] alarmed = [.. past, .. events];
        var entry = RoutingQueueEntry.Fold(alarmed, alarmed.Length);
        Assert.That((entry.Status, entry.Route, entry.Held, entry.WaitsForCoordinator, entry.DueBy), Is.EqualTo((CaseStatus.RouteDecided, (Route?)Route.HybridTeam, true, true, (DateTimeOffset?)Policy.HeldDue(Said))));
        Assert.That(entry.AllowedRoutes(Policy), Does.Contain(Route.HybridTeam).And.Contain(Route.SpecialLevel));

        var kept = Case.Given(alarmed).When(DecideRoute.Decide, Decide(Route.HybridTeam)).ThenEvents(typeof(RouteKept));
        var seen = RoutingQueueEntry.Fold([.. alarmed, .. kept], alarmed.Length + 1);
        Assert.That((seen.Held, seen.WaitsForCoordinator, seen.Route), Is.EqualTo((false, false, (Route?)Route.HybridTeam)));
        Case.Given(alarmed).When(DecideRoute.Decide, Decide(Route.SpecialLevel)).ThenEvents(typeof(RouteDecided));
    }

    [Test]
    public void R11_danger_that_is_reported_once_more_has_to_be_looked_at_once_more()
    {
        TriageEvent[] past = [.. Opened(Complex), Team];
        TriageEvent[] alarmed = [.. past, .. RaiseSafety.Decide(TriageCase.Aggregate.Fold(past), Danger).Events];
        TriageEvent[] seen = [.. alarmed, .. DecideRoute.Decide(TriageCase.Aggregate.Fold(alarmed), Decide(Route.HybridTeam)).Events];
        var later = Danger with { ReportedAt = Said.AddDays(20), Now = Said.AddDays(20) };
        var again = Case.Given(seen).When(RaiseSafety.Decide, later).ThenEvents(typeof(SafetyRaised), typeof(CaseAssessed));
        var entry = RoutingQueueEntry.Fold([.. seen, .. again], 9);
        Assert.That((entry.Held, entry.WaitsForCoordinator, entry.DueBy), Is.EqualTo((true, true, (DateTimeOffset?)Policy.HeldDue(later.Now))));
        Case.Given([.. seen, .. again]).When(DecideRoute.Decide, Decide(Route.HybridTeam) with { Now = later.Now.AddHours(1) }).ThenEvents(typeof(RouteKept));
    }

    [Test]
    public void R11_danger_of_the_submission_and_danger_reported_after_its_route_was_decided_are_two()
    {
        TriageEvent[] past = [.. OpenCase.Decide(TriageCase.Initial, Open(Complex with { ImmediateDanger = true, DangerReportedAt = Now })).Events, Team];
        Case.Given(past).When(RaiseSafety.Decide, Danger with { ReportedAt = Now }).ThenNothing();
        Case.Given(past).When(RaiseSafety.Decide, Danger).ThenEvents(typeof(SafetyRaised), typeof(CaseAssessed));
    }

    [Test]
    public void The_slower_word_of_a_danger_that_was_looked_at_already_alarms_nobody_again()
    {
        TriageEvent[] past = [.. Opened(Complex), Team];
        TriageEvent[] alarmed = [.. past, .. RaiseSafety.Decide(TriageCase.Aggregate.Fold(past), Danger).Events];
        TriageEvent[] seen = [.. alarmed, .. DecideRoute.Decide(TriageCase.Aggregate.Fold(alarmed), Decide(Route.HybridTeam)).Events];
        Case.Given(seen).When(RaiseSafety.Decide, Danger).ThenNothing();
        var more = Case.Given(seen).When(RaiseSafety.Decide, Danger with { HighRisk = true, Urgency = Urgency.Urgent }).ThenEvents(typeof(SafetyRaised), typeof(CaseAssessed));
        var state = TriageCase.Aggregate.Fold([.. seen, .. more]);
        Assert.That((state.Alarmed, state.Request!.HighRisk, state.Request.Urgency), Is.EqualTo((false, true, Urgency.Urgent)));
    }

    [Test]
    public void R2_a_further_report_puts_off_nobodys_date()
    {
        var first = RaiseSafety.Decide(TriageCase.Aggregate.Fold(Opened(Complex)), Danger).Events;
        TriageEvent[] held = [.. Opened(Complex), .. first];
        var later = Danger with { ReportedAt = Said.AddMinutes(20), Now = Said.AddMinutes(20) };
        var again = Case.Given(held).When(RaiseSafety.Decide, later).ThenEvents(typeof(SafetyRaised), typeof(CaseAssessed));
        Assert.That(RoutingQueueEntry.Fold([.. held, .. again], 9).DueBy, Is.EqualTo(Policy.HeldDue(Said)));

        TriageEvent[] alarmed = [.. Opened(Complex), Team, .. RaiseSafety.Decide(TriageCase.Aggregate.Fold([.. Opened(Complex), Team]), Danger).Events];
        var twice = Case.Given(alarmed).When(RaiseSafety.Decide, later).ThenEvents(typeof(SafetyRaised), typeof(CaseAssessed));
        Assert.That(RoutingQueueEntry.Fold([.. alarmed, .. twice], 9).DueBy, Is.EqualTo(Policy.HeldDue(Said)));
    }

    [Test]
    public void Intake_is_told_that_the_danger_was_looked_at()
    {
        var kept = new RouteKept(CaseId, "sisa", "coordinator-sisa", Said, Said.AddDays(1));
        Assert.That(Published.Map(kept), Is.EqualTo(new OtPlatform.Contracts.Triage.RouteKept(CaseId, CaseId, "sisa", "coordinator-sisa", Said, Said.AddDays(1))));
    }

    [Test]
    public void Urgency_only_rises()
    {
        Case.Given(Opened(Complex with { Urgency = Urgency.Soon })).When(RaiseSafety.Decide, Urgent).ThenEvents(typeof(SafetyRaised), typeof(CaseAssessed), typeof(ConfirmationAwaited));
        Case.Given(Opened(Complex with { Urgency = Urgency.Urgent })).When(RaiseSafety.Decide, Urgent with { Urgency = Urgency.Routine }).ThenNothing();
    }

    [Test]
    public void Who_owes_an_answer_owes_it_still_unless_there_is_danger()
    {
        var asked = Opened(Plain with { TriedCount = 0 });
        Assert.That(TriageCase.Aggregate.Fold(asked).Status, Is.EqualTo(CaseStatus.AwaitingInformation));
        Case.Given(asked).When(RaiseSafety.Decide, Urgent).ThenEvents(typeof(SafetyRaised), typeof(CaseAssessed));
        Case.Given(asked).When(RaiseSafety.Decide, Danger).ThenEvents(typeof(SafetyRaised), typeof(CaseAssessed), typeof(ConfirmationAwaited));
    }

    [Test]
    public void A_correction_is_weighed_while_the_route_is_undecided_and_noted_afterwards()
    {
        Case.Given(Opened(Complex)).When(ReassessOnConsultationCorrected.Decide, Correct).ThenEvents(typeof(RequestCorrected), typeof(CaseAssessed), typeof(ConfirmationAwaited));
        var events = Case.Given([.. Opened(Complex), Team]).When(ReassessOnConsultationCorrected.Decide, Correct).ThenEvents(typeof(RequestCorrected), typeof(CaseAssessed));
        Assert.That(((CaseAssessed)events[1]).Assessment.Facts.Topics.Select(topic => topic.Code), Is.EqualTo(new[] { "violence.family" }));
    }

    [Test]
    public void C60_the_next_route_names_the_worker_of_its_time()
    {
        var opened = Opened(Complex with { RequestingUnitId = CaseId, RequesterRole = "family-worker", ResponsibleWorkerRole = "own-worker", ResponsibleWorkerRef = "w-1" });
        var changed = Case.Given(opened).When(NoteWorkerOnResponsibleWorkerChanged.Decide, Worker).ThenEvents(typeof(ResponsibleWorkerChanged));
        var decided = Case.Given([.. opened, .. changed]).When(DecideRoute.Decide, Decide(Route.HybridTeam)).ThenEvents(typeof(RouteDecided));
        Assert.That(((RouteDecided)decided[0]).Matter!.ResponsibleWorkerRef, Is.EqualTo("w-2"));
    }

    [Test]
    public void What_is_unknown_or_closed_is_left_alone()
    {
        foreach (var (past, rule) in new[] { ([.. Opened(Complex), new CaseClosed(CaseId, "withdrawn", Now)], TriageCase.AlreadyClosed), (Array.Empty<TriageEvent>(), TriageCase.NotOpened) })
        {
            Case.Given(past).When(RaiseSafety.Decide, Danger).ThenRejected(rule);
            Case.Given(past).When(ReassessOnConsultationCorrected.Decide, Correct).ThenRejected(rule);
            Case.Given(past).When(NoteWorkerOnResponsibleWorkerChanged.Decide, Worker).ThenRejected(rule);
        }
    }

    private static DecideRoute.Command Decide(Route route) => new(route, "capacity", false, Policy, "coordinator-sisa", Said.AddHours(1));
}
