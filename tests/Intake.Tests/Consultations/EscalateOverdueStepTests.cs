using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using static OtPlatform.Intake.Tests.Consultations.Requests;

namespace OtPlatform.Intake.Tests.Consultations;

[TestFixture]
internal sealed class EscalateOverdueStepTests
{
    [Test]
    public void R2_a_requester_who_stays_silent_is_called_by_the_coordinators() =>
        Request.Given(Submitted, TookOver, Asked).When(EscalateOverdueStep.Decide, At(4)).Then(new NextStepOverdue(Id, Accountable.AreaCoordinators, Now.AddHours(4), Step(30)));

    [Test]
    public void R2_coordinators_who_stay_silent_are_followed_by_the_coordinating_team() =>
        Request.Given(Submitted).When(EscalateOverdueStep.Decide, At(2)).Then(new NextStepOverdue(Id, Accountable.CoordinatingTeam, Now.AddHours(2), Step(30)));

    [Test]
    public void R2_the_coordinating_team_gets_a_new_date_again_and_again()
    {
        var overdue = new NextStepOverdue(Id, Accountable.CoordinatingTeam, Now.AddHours(2), Step(5));
        Request.Given(Submitted, overdue).When(EscalateOverdueStep.Decide, At(6)).Then(new NextStepOverdue(Id, Accountable.CoordinatingTeam, Now.AddHours(6), Step(30)));
    }

    [Test]
    public void R2_whoever_works_on_it_and_stays_silent_is_followed_by_the_coordinators()
    {
        var coordinators = new NextStepOverdue(Id, Accountable.AreaCoordinators, Now.AddHours(20), Step(30));
        Request.Given(Upto(Arranged)).When(EscalateOverdueStep.Decide, At(20)).Then(coordinators);
        Request.Given(Upto(Started)).When(EscalateOverdueStep.Decide, At(20)).Then(coordinators);
        Request.Given(Upto(Proposed, Accepted)).When(EscalateOverdueStep.Decide, At(20)).Then(coordinators);
    }

    [Test]
    public void R3_a_receiver_who_does_not_answer_leaves_the_matter_with_the_coordinating_team() =>
        Request.Given(Upto(Proposed)).When(EscalateOverdueStep.Decide, At(13)).Then(new NextStepOverdue(Id, Accountable.CoordinatingTeam, Now.AddHours(13), Step(30)));

    [Test]
    public void An_answered_request_is_not_escalated_because_its_date_closes_it() =>
        Request.Given(Upto(Answered)).When(EscalateOverdueStep.Decide, At(100)).ThenNothing();

    [Test]
    public void Within_the_grace_nothing_happens() =>
        Request.Given(Submitted).When(EscalateOverdueStep.Decide, new EscalateOverdueStep.Command(Id, Now.AddHours(2).AddSeconds(-1), Step(30))).ThenNothing();

    [Test]
    public void A_withdrawn_request_is_never_overdue() =>
        Request.Given(Submitted, Withdrawn).When(EscalateOverdueStep.Decide, At(100)).ThenNothing();

    [Test]
    public void The_unknown_is_not_overdue() =>
        Request.Given().When(EscalateOverdueStep.Decide, At(100)).ThenRejected(Consultation.NotSubmitted);

    [Test]
    public void R2_every_open_request_has_an_accountable_party_a_date_and_a_deadline()
    {
        ConsultationEvent[][] journeys =
        [
            [Submitted, TookOver, Asked, Added, Resumed, Routed],
            Upto(Admitted, Handed, Started, Ended, Objected, Awaited),
            Upto(Gap, Routed with { Route = Route.ExpertConsultation, DecidedAt = Now.AddHours(1) }, Arranged with { RouteDecidedAt = Now.AddHours(1) }, Answered with { RouteDecidedAt = Now.AddHours(1) }),
            Upto(Proposed, Returned, Proposed, Accepted),
        ];
        foreach (var (journey, steps) in journeys.SelectMany(journey => Enumerable.Range(1, journey.Length).Select(steps => (journey, steps))))
        {
            var state = Consultation.Aggregate.Fold(journey[..steps]);
            Assert.That(state.Responsible, Is.Not.Null, state.Status.ToString());
            Assert.That(state.Next, Is.Not.Null, state.Status.ToString());
            Assert.That(Consultation.Aggregate.Deadlines(state).Single().DueAt, Is.EqualTo(state.Next!.OverdueAt));
        }
    }

    [Test]
    public void A_withdrawn_request_has_no_date_and_no_deadline()
    {
        var state = Consultation.Aggregate.Fold([Submitted, Withdrawn]);
        Assert.That(state.Next, Is.Null);
        Assert.That(Consultation.Aggregate.Deadlines(state), Is.Empty);
    }

    private static EscalateOverdueStep.Command At(int hours) => new(Id, Now.AddHours(hours), Step(30));
}
