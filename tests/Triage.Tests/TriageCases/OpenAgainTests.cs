using OtPlatform.Contracts;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>A decided case that comes back: from the requester, or from the assembly that found nobody.</summary>
[TestFixture]
internal sealed class OpenAgainTests
{
    private static readonly RouteDecided Route1 = new(CaseId, "sisa", Route.HybridTeam, [], [], false, false, [], "default.1", "coordinator-sisa", null, Now, Now.AddDays(5));
    private static readonly CaseReopened Reopened = new(CaseId, "sisa", Guid.Parse("00000000-0000-0000-0000-0000000000f2"), Now.AddHours(1), Now.AddHours(2));
    private static readonly ConfirmationAwaited Awaited = new(CaseId, "sisa", false, "default.1", Now.AddHours(2), Policy.ConfirmationDue(Urgency.Routine, Now.AddHours(2)));
    private static readonly RouteNotStaffed NotStaffed = new(CaseId, "serviceGap", Now.AddHours(1), Now.AddDays(20));

    private static readonly ReopenCaseOnAnswerObjected.Command Object = new(Reopened.ReasonTextId, Reopened.ObjectedAt, _ => Policy, Reopened.ReopenedAt);
    private static readonly OpenRouteWhenNotStaffed.Command Gap = new("serviceGap", Route1.DecidedAt, NotStaffed.FoundAt, NotStaffed.DueBy);
    private static readonly KeepRouteWhenStaffed.Command Staff = new(Route1.DecidedAt, Now.AddHours(3));
    private static readonly DecideRoute.Command HybridTeam = new(Route.HybridTeam, null, false, Policy, "coordinator-sisa", Now.AddHours(4));

    [Test]
    public void R1_an_objection_opens_the_case_again_and_counts()
    {
        Case.Given(Decided()).When(ReopenCaseOnAnswerObjected.Decide, Object).Then(Reopened, Awaited);
        var state = TriageCase.Aggregate.Fold(Decided(Reopened, Awaited));
        Assert.That((state.Status, state.Route, state.Bounces), Is.EqualTo((CaseStatus.AwaitingConfirmation, (Route?)null, 1)));
    }

    [Test]
    public void The_same_objection_counts_once()
    {
        Case.Given(Decided(Reopened, Awaited)).When(ReopenCaseOnAnswerObjected.Decide, Object).ThenNothing();
        Case.Given(Decided(Reopened, Awaited, Route1)).When(ReopenCaseOnAnswerObjected.Decide, Object).ThenNothing();
    }

    [Test]
    public void A_second_objection_counts_again() =>
        Case.Given(Decided(Reopened, Awaited, Route1)).When(ReopenCaseOnAnswerObjected.Decide, Object with { ObjectedAt = Now.AddHours(9) }).ThenEvents(typeof(CaseReopened), typeof(ConfirmationAwaited));

    [Test]
    public void A_matter_of_danger_is_held_again()
    {
        var events = Case.Given([.. Opened(Complex with { ImmediateDanger = true }), Route1]).When(ReopenCaseOnAnswerObjected.Decide, Object).ThenEvents(typeof(CaseReopened), typeof(ConfirmationAwaited));
        Assert.That(((ConfirmationAwaited)events[1], TriageCase.Aggregate.Fold([.. Opened(Complex), Route1, .. events]).Status), Is.EqualTo((Awaited with { Held = true, DueBy = Now.AddHours(2).AddMinutes(30) }, CaseStatus.Held)));
    }

    [Test]
    public void An_objection_to_nothing_known_or_open_is_refused()
    {
        Case.Given().When(ReopenCaseOnAnswerObjected.Decide, Object).ThenRejected(TriageCase.NotOpened);
        Case.Given(Decided(new CaseClosed(CaseId, "withdrawn", Now))).When(ReopenCaseOnAnswerObjected.Decide, Object).ThenRejected(TriageCase.AlreadyClosed);
    }

    [Test]
    public void After_an_objection_the_same_route_is_decided_anew()
    {
        var events = Case.Given(Decided(Reopened, Awaited)).When(DecideRoute.Decide, HybridTeam).ThenEvents(typeof(RouteDecided));
        Assert.That(((RouteDecided)events[0]).DecidedAt, Is.GreaterThan(Route1.DecidedAt));
    }

    [Test]
    public void What_came_back_once_is_never_let_through_by_the_policy()
    {
        var never = PolicyWith(Confirmation.Never);
        var information = new ReassessOnInformationAdded.Command(2, null, null, null, false, null, null, Now.AddHours(5), _ => never, Now.AddHours(5));
        Case.Given([.. Opened(Complex, never), Reopened, Awaited]).When(ReassessOnInformationAdded.Decide, information)
            .ThenEvents(typeof(InformationReceived), typeof(CaseAssessed), typeof(ConfirmationAwaited));
    }

    [Test]
    public void R1_where_nobody_was_found_a_coordinator_may_decide_anew()
    {
        Case.Given(Decided()).When(OpenRouteWhenNotStaffed.Decide, Gap).Then(NotStaffed);
        var state = TriageCase.Aggregate.Fold(Decided(NotStaffed));
        Assert.That((state.Status, state.MayBeDecided), Is.EqualTo((CaseStatus.RouteDecided, true)));
        Case.Given(Decided(NotStaffed)).When(DecideRoute.Decide, HybridTeam).ThenEvents(typeof(RouteDecided));
        Case.Given(Decided(NotStaffed)).When(DecideRoute.Decide, HybridTeam with { Route = Route.SpecialLevel, ReasonCode = "capacity" }).ThenEvents(typeof(RouteDecided));
    }

    [Test]
    public void The_queue_shows_that_nobody_was_found()
    {
        var entry = RoutingQueueEntry.Fold(Decided(NotStaffed), 5);
        Assert.That((entry.WaitsForCoordinator, entry.MayBeDecided, entry.DueBy), Is.EqualTo((true, true, (DateTimeOffset?)NotStaffed.DueBy)));
    }

    [Test]
    public void Nobody_found_is_noted_once() => Case.Given(Decided(NotStaffed)).When(OpenRouteWhenNotStaffed.Decide, Gap with { ReasonCode = "roundsOver" }).ThenNothing();

    [Test]
    public void What_was_not_found_for_an_earlier_route_says_nothing_of_the_present_one()
    {
        var later = Decided(Route1 with { DecidedAt = Now.AddHours(5) });
        Case.Given(later).When(OpenRouteWhenNotStaffed.Decide, Gap).ThenNothing();
        Case.Given([.. later, NotStaffed]).When(KeepRouteWhenStaffed.Decide, Staff).ThenNothing();
    }

    [Test]
    public void A_case_that_is_open_anyway_needs_no_opening() => Case.Given(Decided(Reopened, Awaited)).When(OpenRouteWhenNotStaffed.Decide, Gap).ThenNothing();

    [Test]
    public void Somebody_found_after_all_lets_the_decision_stand()
    {
        Case.Given(Decided(NotStaffed)).When(KeepRouteWhenStaffed.Decide, Staff).Then(new RouteStaffed(CaseId, Now.AddHours(3)));
        Case.Given(Decided(NotStaffed, new RouteStaffed(CaseId, Now.AddHours(3)))).When(DecideRoute.Decide, HybridTeam with { Route = Route.SpecialLevel, ReasonCode = "capacity" })
            .ThenRejected(TriageCase.AlreadyDecided);
    }

    [Test]
    public void Somebody_found_at_once_changes_nothing() => Case.Given(Decided()).When(KeepRouteWhenStaffed.Decide, Staff).ThenNothing();

    [Test]
    public void The_assembly_moves_nothing_closed_or_unknown()
    {
        foreach (var (past, rule) in new[] { (Decided(new CaseClosed(CaseId, "withdrawn", Now)), TriageCase.AlreadyClosed), ([], TriageCase.NotOpened) })
        {
            Case.Given(past).When(OpenRouteWhenNotStaffed.Decide, Gap).ThenRejected(rule);
            Case.Given(past).When(KeepRouteWhenStaffed.Decide, Staff).ThenRejected(rule);
        }
    }

    private static TriageEvent[] Decided(params TriageEvent[] more) => [.. Opened(Complex), Route1, .. more];
}
