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
        ConsultationEvent[] journey = [Submitted, TookOver, Asked, Added, Resumed, Routed];
        for (var steps = 1; steps <= journey.Length; steps++)
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
