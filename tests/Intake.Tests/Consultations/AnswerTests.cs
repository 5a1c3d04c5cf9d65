using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using static OtPlatform.Intake.Tests.Consultations.Requests;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>What the requester says to an answer, or that they say nothing.</summary>
[TestFixture]
internal sealed class AnswerTests
{
    private static readonly ConfirmAnswer.Command Confirm = new(Id, Closed.ClosedAt, ObjectUntil(40));
    private static readonly ObjectToAnswer.Command Object = new(Objected, Awaited.Next);

    [Test]
    public void A_confirmed_answer_closes() => Request.Given(Upto(Answered)).When(ConfirmAnswer.Decide, Confirm).Then(Closed);

    [Test]
    public void The_end_of_a_team_is_confirmed_too() => Request.Given(Upto(Started, Ended)).When(ConfirmAnswer.Decide, Confirm).Then(Closed);

    [Test]
    public void R1_a_matter_that_a_named_receiver_has_accepted_may_be_closed() => Request.Given(Upto(Proposed, Accepted)).When(ConfirmAnswer.Decide, Confirm).Then(Closed);

    [Test]
    public void What_has_no_answer_is_not_confirmed() => Request.Given(Upto(Started)).When(ConfirmAnswer.Decide, Confirm).ThenRejected(Consultation.NotAnswered);

    [Test]
    public void What_is_closed_stays_closed() => Request.Given(Upto(Answered, Closed)).When(ConfirmAnswer.Decide, Confirm).ThenNothing();

    [Test]
    public void Nothing_withdrawn_or_unknown_is_confirmed()
    {
        Request.Given(Upto(Withdrawn)).When(ConfirmAnswer.Decide, Confirm).ThenRejected(Consultation.AlreadyWithdrawn);
        Request.Given().When(ConfirmAnswer.Decide, Confirm).ThenRejected(Consultation.NotSubmitted);
    }

    [Test]
    public void R1_an_answer_that_does_not_help_brings_the_matter_back_to_triage()
    {
        Request.Given(Upto(Answered)).When(ObjectToAnswer.Decide, Object).Then(Objected, Awaited);
        var state = Consultation.Aggregate.Fold(Upto(Answered, Objected, Awaited));
        Assert.That((state.Status, state.Responsible, state.Next, state.Route), Is.EqualTo(((ConsultationStatus?)ConsultationStatus.InTriage, (Accountable?)Accountable.AreaCoordinators, Awaited.Next, (Route?)null)));
    }

    [Test]
    public void One_objects_to_an_answer_only()
    {
        Request.Given(Upto(Started)).When(ObjectToAnswer.Decide, Object).ThenRejected(Consultation.NotAnswered);
        Request.Given(Upto(Proposed, Accepted)).When(ObjectToAnswer.Decide, Object).ThenRejected(Consultation.NotAnswered);
        Request.Given(Upto(Answered, Closed)).When(ObjectToAnswer.Decide, Object).ThenRejected(Consultation.AlreadyClosed);
        Request.Given(Upto(Answered, Withdrawn)).When(ObjectToAnswer.Decide, Object).ThenRejected(Consultation.AlreadyWithdrawn);
        Request.Given().When(ObjectToAnswer.Decide, Object).ThenRejected(Consultation.NotSubmitted);
    }

    [TestCase(10, 0, true)]
    [TestCase(9, 59, false)]
    public void When_the_time_to_object_is_over_the_consultation_is_closed(int hours, int minutes, bool closes)
    {
        var now = Now.AddHours(hours).AddMinutes(minutes);
        var decided = Request.Given(Upto(Answered)).When(CloseWhenObjectionTimeIsOver.Decide, new CloseWhenObjectionTimeIsOver.Command(Id, now));
        if (closes)
        {
            decided.Then(new ConsultationClosed(Id, "objectionTimeOver", now));
        }
        else
        {
            decided.ThenNothing();
        }
    }

    [Test]
    public void Only_what_is_answered_is_closed_by_its_date()
    {
        var late = new CloseWhenObjectionTimeIsOver.Command(Id, Now.AddYears(1));
        Request.Given(Upto(Started)).When(CloseWhenObjectionTimeIsOver.Decide, late).ThenNothing();
        Request.Given(Upto(Answered, Objected, Awaited)).When(CloseWhenObjectionTimeIsOver.Decide, late).ThenNothing();
        Request.Given(Upto(Withdrawn)).When(CloseWhenObjectionTimeIsOver.Decide, late).ThenNothing();
        Request.Given().When(CloseWhenObjectionTimeIsOver.Decide, late).ThenRejected(Consultation.NotSubmitted);
    }

    [Test]
    public void An_answer_has_its_own_deadline_and_an_objection_gives_the_next_step_its_own_again()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Deadline(Answered), Is.EqualTo(("objection", Answered.Next.DueBy)));
            Assert.That(Deadline(Answered, Objected, Awaited), Is.EqualTo(("next-step", Awaited.Next.OverdueAt)));
            Assert.That(Consultation.Aggregate.Deadlines(Consultation.Aggregate.Fold(Upto(Answered, Closed))), Is.Empty);
        });
    }

    [Test]
    public void A_closed_consultation_asks_nothing_of_anybody()
    {
        var view = RequestersView.Fold(Upto(Answered, Closed), 5);
        Assert.That((view.Responsible, view.DueBy, string.Join(", ", view.AllowedActions)), Is.EqualTo(((Accountable?)null, (DateTimeOffset?)null, "reopening, feedback, consent/withdrawal, erasure")));
    }

    private static (string Kind, DateTimeOffset DueAt) Deadline(params ConsultationEvent[] more)
    {
        var deadline = Consultation.Aggregate.Deadlines(Consultation.Aggregate.Fold(Upto(more))).Single();
        return (deadline.Kind, deadline.DueAt);
    }
}
