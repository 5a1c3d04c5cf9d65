using OtPlatform.Contracts;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;

namespace OtPlatform.Triage.Tests.TriageCases;

[TestFixture]
internal sealed class ReferralTests
{
    private const string Receiver = "hospital-unit";

    private static readonly TriageEvent SpecialLevel = new RouteDecided(CaseId, "sisa", Route.SpecialLevel, [], [], false, false, [], "default.1", "coordinator-sisa", null, Now, Now.AddDays(5));
    private static readonly ReferralProposed Proposed = new(CaseId, "sisa", Receiver, "coordinator-sisa", Now.AddHours(1), Now.AddDays(5));
    private static readonly ReferralAccepted Accepted = new(CaseId, "sisa", Receiver, Now.AddHours(2), Now.AddDays(20));
    private static readonly ReferralReturned Returned = new(CaseId, "sisa", Receiver, "noCapacity", 1, Now.AddHours(2), Policy.ConfirmationDue(Urgency.Routine, Now.AddHours(2)));
    private static readonly ReferralOverdue Overdue = new(CaseId, Receiver, Now.AddDays(5), Now.AddDays(10));

    private static readonly ProposeReferral.Command Propose = new(Receiver, "coordinator-sisa", Proposed.ProposedAt, Proposed.DueBy);
    private static readonly AcceptReferral.Command Accept = new(Receiver, Accepted.AcceptedAt, Accepted.DueBy);
    private static readonly ReturnReferral.Command Return = new(Receiver, "noCapacity", Policy, Returned.ReturnedAt);

    [Test]
    public void A_receiver_is_asked() => Case.Given(Decided()).When(ProposeReferral.Decide, Propose).Then(Proposed);

    [Test]
    public void The_same_receiver_is_asked_once() => Case.Given(Decided(Proposed)).When(ProposeReferral.Decide, Propose).ThenNothing();

    [Test]
    public void Another_receiver_may_be_asked_in_the_place_of_a_silent_one()
    {
        Case.Given(Decided(Proposed, Overdue)).When(ProposeReferral.Decide, Propose with { Receiver = "other-unit" }).Then(Proposed with { Receiver = "other-unit" });
        Case.Given(Decided(Proposed, Proposed with { Receiver = "other-unit" })).When(AcceptReferral.Decide, Accept).ThenRejected(AcceptReferral.NotReferred);
    }

    [Test]
    public void A_receiver_is_asked_only_after_the_route_special_level()
    {
        Case.Given(Opened(Complex)).When(ProposeReferral.Decide, Propose).ThenRejected(ProposeReferral.NotSpecialLevel);
        Case.Given([.. Opened(Complex), ((RouteDecided)SpecialLevel) with { Route = Route.HybridTeam }]).When(ProposeReferral.Decide, Propose).ThenRejected(ProposeReferral.NotSpecialLevel);
    }

    [Test]
    public void R3_the_receiver_accepts_and_nobody_else_can()
    {
        Case.Given(Decided(Proposed)).When(AcceptReferral.Decide, Accept).Then(Accepted);
        Case.Given(Decided(Proposed)).When(AcceptReferral.Decide, Accept with { Receiver = "other-unit" }).ThenRejected(AcceptReferral.NotReferred);
        Case.Given(Decided(Proposed)).When(ReturnReferral.Decide, Return with { Receiver = "other-unit" }).ThenRejected(AcceptReferral.NotReferred);
    }

    [Test]
    public void An_overdue_referral_is_still_accepted() => Case.Given(Decided(Proposed, Overdue)).When(AcceptReferral.Decide, Accept).Then(Accepted);

    [Test]
    public void A_referral_is_accepted_once() => Case.Given(Decided(Proposed, Accepted)).When(AcceptReferral.Decide, Accept).ThenNothing();

    [Test]
    public void What_nobody_proposed_is_neither_accepted_nor_returned()
    {
        Case.Given(Decided()).When(AcceptReferral.Decide, Accept).ThenRejected(AcceptReferral.NotReferred);
        Case.Given(Decided()).When(ReturnReferral.Decide, Return).ThenRejected(AcceptReferral.NotReferred);
    }

    [Test]
    public void R1_what_is_returned_is_open_for_a_decision_again_and_counted()
    {
        Case.Given(Decided(Proposed)).When(ReturnReferral.Decide, Return).Then(Returned);
        var state = TriageCase.Aggregate.Fold(Decided(Proposed, Returned));
        Assert.That((state.Status, state.Route, state.Bounces, state.MayBeDecided), Is.EqualTo((CaseStatus.AwaitingConfirmation, (Route?)null, 1, true)));
    }

    [Test]
    public void Each_return_counts_one_more()
    {
        var again = Case.Given(Decided(Proposed, Returned, SpecialLevel, Proposed)).When(ReturnReferral.Decide, Return).ThenEvents(typeof(ReferralReturned));
        Assert.That(((ReferralReturned)again[0]).Returns, Is.EqualTo(2));
    }

    [Test]
    public void A_return_has_one_of_the_policys_reasons() => Case.Given(Decided(Proposed)).When(ReturnReferral.Decide, Return with { ReasonCode = "because" }).ThenRejected(ReturnReferral.UnknownReason);

    [Test]
    public void A_referral_is_returned_once() => Case.Given(Decided(Proposed, Returned)).When(ReturnReferral.Decide, Return).ThenNothing();

    [Test]
    public void R3_who_has_accepted_no_longer_returns_and_nobody_else_is_asked()
    {
        Case.Given(Decided(Proposed, Accepted)).When(ReturnReferral.Decide, Return).ThenRejected(ProposeReferral.AlreadyAccepted);
        Case.Given(Decided(Proposed, Accepted)).When(ProposeReferral.Decide, Propose with { Receiver = "other-unit" }).ThenRejected(ProposeReferral.AlreadyAccepted);
    }

    [Test]
    public void Who_has_returned_it_does_not_accept_it() => Case.Given(Decided(Proposed, Returned)).When(AcceptReferral.Decide, Accept).ThenRejected(AcceptReferral.AlreadyReturned);

    [Test]
    public void After_a_return_the_same_route_is_decided_anew_and_its_referral_begins_anew()
    {
        var anew = new DecideRoute.Command(Route.SpecialLevel, "other", false, Policy, "coordinator-sisa", Now.AddHours(3));
        var events = Case.Given(Decided(Proposed, Returned)).When(DecideRoute.Decide, anew).ThenEvents(typeof(RouteDecided));
        Assert.Multiple(() =>
        {
            Assert.That(((RouteDecided)events[0]).DecidedAt, Is.GreaterThan(((RouteDecided)SpecialLevel).DecidedAt));
            Assert.That(TriageCase.Aggregate.Fold(Decided(Proposed, Returned, events[0])).Referral, Is.Null);
        });
    }

    [TestCase(0, true)]
    [TestCase(-1, false)]
    public void R2_a_silent_receiver_is_seen_by_the_coordinator_from_the_due_time_on(int seconds, bool seen)
    {
        var note = new NoteOverdueReferral.Command(Proposed.DueBy.AddSeconds(seconds), Overdue.DueBy);
        var decided = Case.Given(Decided(Proposed)).When(NoteOverdueReferral.Decide, note);
        if (seen)
        {
            decided.Then(Overdue);
        }
        else
        {
            decided.ThenNothing();
        }
    }

    [Test]
    public void R2_a_receiver_who_goes_on_in_silence_is_seen_again() =>
        Case.Given(Decided(Proposed, Overdue)).When(NoteOverdueReferral.Decide, new NoteOverdueReferral.Command(Overdue.DueBy, Now.AddDays(15)))
            .Then(new ReferralOverdue(CaseId, Receiver, Overdue.DueBy, Now.AddDays(15)));

    [Test]
    public void Only_an_open_referral_is_overdue()
    {
        var late = new NoteOverdueReferral.Command(Now.AddYears(1), Now.AddYears(2));
        Case.Given(Decided()).When(NoteOverdueReferral.Decide, late).ThenNothing();
        Case.Given(Decided(Proposed, Accepted)).When(NoteOverdueReferral.Decide, late).ThenNothing();
        Case.Given(Decided(Proposed, Returned)).When(NoteOverdueReferral.Decide, late).ThenNothing();
        Case.Given(Decided(Proposed, new CaseClosed(CaseId, "withdrawn", Now))).When(NoteOverdueReferral.Decide, late).ThenNothing();
        Case.Given().When(NoteOverdueReferral.Decide, late).ThenRejected(TriageCase.NotOpened);
    }

    [Test]
    public void An_open_referral_has_a_deadline_and_nothing_else_has()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Deadlines(Proposed), Is.EqualTo(new[] { Proposed.DueBy }));
            Assert.That(Deadlines(Proposed, Overdue), Is.EqualTo(new[] { Overdue.DueBy }));
            Assert.That(Deadlines(), Is.Empty);
            Assert.That(Deadlines(Proposed, Accepted), Is.Empty);
            Assert.That(Deadlines(Proposed, Returned), Is.Empty);
            Assert.That(Deadlines(Proposed, new CaseClosed(CaseId, "withdrawn", Now)), Is.Empty);
        });
    }

    [Test]
    public void The_queue_shows_what_waits_for_a_coordinator()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Entry().WaitsForCoordinator, Is.True);
            Assert.That(Entry(Proposed).WaitsForCoordinator, Is.False);
            Assert.That(Entry(Proposed, Overdue).WaitsForCoordinator, Is.True);
            Assert.That(Entry(Proposed, Overdue).DueBy, Is.EqualTo(Overdue.DueBy));
            Assert.That(Entry(Proposed, Accepted).WaitsForCoordinator, Is.False);
            Assert.That(Entry(Proposed, Returned).WaitsForCoordinator, Is.True);
            Assert.That(Entry(Proposed, Returned).Bounces, Is.EqualTo(1));
            Assert.That(RoutingQueueEntry.Fold(Opened(Complex), 1).WaitsForCoordinator, Is.True);
            Assert.That(RoutingQueueEntry.Fold(Opened(Complex with { TriedCount = 0 }), 1).WaitsForCoordinator, Is.False, "The requester is asked.");
        });
    }

    [Test]
    public void Without_an_open_case_there_is_no_referral()
    {
        foreach (var (past, rule) in new[] { (Decided(Proposed, new CaseClosed(CaseId, "withdrawn", Now)), TriageCase.AlreadyClosed), ([], TriageCase.NotOpened) })
        {
            Case.Given(past).When(ProposeReferral.Decide, Propose).ThenRejected(rule);
            Case.Given(past).When(AcceptReferral.Decide, Accept).ThenRejected(rule);
            Case.Given(past).When(ReturnReferral.Decide, Return).ThenRejected(rule);
        }
    }

    private static TriageEvent[] Decided(params TriageEvent[] more) => [.. Opened(Complex), SpecialLevel, .. more];

    private static IEnumerable<DateTimeOffset> Deadlines(params TriageEvent[] more) =>
        TriageCase.Aggregate.Deadlines(TriageCase.Aggregate.Fold(Decided(more))).Select(deadline => deadline.DueAt);

    private static RoutingQueueEntry Entry(params TriageEvent[] more) => RoutingQueueEntry.Fold(Decided(more), 1);
}
