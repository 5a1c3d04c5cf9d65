using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Deadlines;
using static OtPlatform.Intake.Tests.Consultations.Requests;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>What a requester writes is answered, or the next level has to (R2).</summary>
[TestFixture]
internal sealed class UnansweredMessageTests
{
    private static readonly Guid First = new("019ab000-0000-7000-8000-0000000000a1");
    private static readonly Guid Second = new("019ab000-0000-7000-8000-0000000000a2");
    private static readonly DateTimeOffset By = Now.AddDays(2);
    private static readonly MessageSent Asked = new(Id, First, MessageSent.Requester, "team", Now, By);
    private static readonly MessageSent Replied = new(Id, Second, "expert", MessageSent.Requester, Now.AddHours(1));

    private static WantedDeadline? Watched(params ConsultationEvent[] happened) =>
        Consultation.Aggregate.Deadlines(Consultation.Aggregate.Fold(happened)).SingleOrDefault(deadline => deadline.Kind == Consultation.MessageDeadline);

    private static EscalateUnansweredMessage.Command At(DateTimeOffset now) => new(Id, now, now.AddDays(2));

    [TestCase("team", "areaCoordinators")]
    [TestCase("expert", "areaCoordinators")]
    [TestCase("keyPerson", "areaCoordinators")]
    [TestCase("areaCoordinators", "coordinatingTeam")]
    [TestCase("coordinator", "coordinatingTeam")]
    [TestCase("coordinatingTeam", "coordinatingTeam")]
    public void R2_when_the_date_passes_the_next_level_has_to_answer(string to, string next) =>
        Request.Given(Submitted, Asked with { To = to }).When(EscalateUnansweredMessage.Decide, At(By)).Then(new MessageOverdue(Id, First, next, By, By.AddDays(2)));

    [Test]
    public void R2_it_is_watched_from_the_first_that_waits_until_somebody_has_answered()
    {
        var overdue = new MessageOverdue(Id, First, "areaCoordinators", By, By.AddDays(2));
        Assert.Multiple(() =>
        {
            Assert.That(Watched(Submitted), Is.Null);
            Assert.That(Watched(Submitted, Asked)?.DueAt, Is.EqualTo(By));
            Assert.That(Watched(Submitted, Asked, Asked with { TextId = Second, AnswerBy = By.AddDays(1) })?.DueAt, Is.EqualTo(By), "The one that waits longest.");
            Assert.That(Watched(Submitted, Asked, overdue)?.DueAt, Is.EqualTo(By.AddDays(2)));
            Assert.That(Watched(Submitted, Asked, overdue, Replied), Is.Null);
            Assert.That(Watched(Submitted, Asked, Replied, Asked with { TextId = Second, AnswerBy = By.AddDays(1) })?.DueAt, Is.EqualTo(By.AddDays(1)));
            Assert.That(Watched(Submitted, Asked with { AnswerBy = null }), Is.Null, "Kept before messages had a date.");
        });
    }

    [Test]
    public void An_answer_to_the_question_and_the_end_of_the_request_answer_it()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Watched([.. Upto(Started), Asked, Requests.Ended]), Is.Null);
            Assert.That(Watched(Submitted, Asked, Withdrawn), Is.Null);
            Assert.That(Watched(Submitted, Asked, Withdrawn, Erased), Is.Null);
        });
    }

    [Test]
    public void Before_its_date_and_after_an_answer_nothing_happens()
    {
        Request.Given(Submitted, Asked).When(EscalateUnansweredMessage.Decide, At(By.AddTicks(-1))).ThenNothing();
        Request.Given(Submitted, Asked, Replied).When(EscalateUnansweredMessage.Decide, At(By)).ThenNothing();
        Request.Given(Submitted).When(EscalateUnansweredMessage.Decide, At(By)).ThenNothing();
    }

    [Test]
    public void When_the_team_that_was_asked_works_no_more_the_message_is_with_whoever_acts_now_by_the_same_date()
    {
        ConsultationEvent[] told = [.. Upto(Started), Asked, new HandedToCoordinator(Id, "rounds", Now.AddHours(3), Routed.DecidedAt, Step(9))];
        ConsultationEvent[] withCoordinators = [.. Upto(Started), Asked with { To = "areaCoordinators" }];
        Assert.Multiple(() =>
        {
            Assert.That(Shown(told), Is.EqualTo(("coordinator", (DateTimeOffset?)By)));
            Assert.That(Shown([.. Upto(Started), Asked, new NextStepOverdue(Id, Contracts.Accountable.AreaCoordinators, Now.AddHours(3), Step(9))]), Is.EqualTo(("areaCoordinators", (DateTimeOffset?)By)));
            Assert.That(Shown(withCoordinators), Is.EqualTo(("areaCoordinators", (DateTimeOffset?)By)), "Coordinators keep what they were asked.");
            Assert.That(Shown([.. Upto(Routed), Asked with { To = "coordinator" }, Started]), Is.EqualTo(("coordinator", (DateTimeOffset?)By)));
        });

        static (string To, DateTimeOffset? AnswerBy) Shown(ConsultationEvent[] happened)
        {
            var message = RequestersView.Fold(happened, happened.Length).Messages.Single();
            return (message.To, message.AnswerBy);
        }
    }

    [Test]
    public void What_stays_with_the_coordinating_team_is_not_said_to_move_on()
    {
        ConsultationEvent[] told =
        [
            .. Upto(Started),
            Asked,
            new MessageOverdue(Id, First, "areaCoordinators", By, By.AddDays(2)),
            new MessageOverdue(Id, First, "coordinatingTeam", By.AddDays(2), By.AddDays(4)),
            new MessageOverdue(Id, First, "coordinatingTeam", By.AddDays(4), By.AddDays(6)),
            new NextStepOverdue(Id, Contracts.Accountable.AreaCoordinators, By.AddDays(5), Step(9)),
            new NextStepOverdue(Id, Contracts.Accountable.CoordinatingTeam, By.AddDays(6), Step(9)),
            new NextStepOverdue(Id, Contracts.Accountable.CoordinatingTeam, By.AddDays(7), Step(9)),
        ];
        Assert.That(RequestersView.Fold(told, 9).Timeline.TakeLast(6).Select(step => step.Text), Is.EqualTo(new[] { "messageOverdue", "messageOverdue", "messageOverdue.again", "overdue", "overdue", "overdue.again" }));
        Assert.That(new[] { "messageOverdue.again", "overdue.again" }.Select(text => Testing.Repository.Catalogue.Texts.Timeline.ContainsKey(text)), Has.All.True);
    }

    [Test]
    public void The_requester_sees_it_and_whose_step_it_is_stays()
    {
        ConsultationEvent[] told = [.. Upto(Started), Asked, new MessageOverdue(Id, First, "areaCoordinators", By, By.AddDays(2))];
        var (before, after) = (RequestersView.Fold(told[..^1], 9), RequestersView.Fold(told, 10));
        Assert.Multiple(() =>
        {
            Assert.That(after.Timeline[^1].Text, Is.EqualTo("messageOverdue"));
            Assert.That((after.Status, after.Responsible, after.DueBy), Is.EqualTo((before.Status, before.Responsible, before.DueBy)));
            Assert.That(after.Messages[^1].To, Is.EqualTo("areaCoordinators"));
            Assert.That((before.Messages[^1].AnswerBy, after.Messages[^1].AnswerBy), Is.EqualTo(((DateTimeOffset?)By, (DateTimeOffset?)By.AddDays(2))));
        });
    }
}
