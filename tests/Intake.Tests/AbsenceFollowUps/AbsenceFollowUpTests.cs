using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Testing;
using static OtPlatform.Intake.Tests.AbsenceFollowUps.Absence;

namespace OtPlatform.Intake.Tests.AbsenceFollowUps;

/// <summary>The rules of the school-absence steps (C-41 to C-54).</summary>
[TestFixture]
internal sealed class AbsenceFollowUpTests
{
    private static readonly DeciderSpec<AbsenceFollowUp, AbsenceEvent> Pupil = new(AbsenceFollowUp.Aggregate);

    [Test]
    public void A_follow_up_starts_with_the_hours_so_far_and_every_step_that_they_have_passed() =>
        Pupil.Given().When(StartAbsenceFollowUp.Decide, new StartAbsenceFollowUp.Command(Started, false, Report(52.5m)))
            .Then(Started, Hours(52.5m) with { RecordedAt = Now }, Crossed("over-30", Now), Crossed("over-50", Now));

    [Test]
    public void The_same_pupil_is_followed_once_in_a_period() =>
        Pupil.Given().When(StartAbsenceFollowUp.Decide, new StartAbsenceFollowUp.Command(Started, true, Report(10))).ThenRejected(AbsenceFollowUp.AlreadyFollowed);

    [TestCase(30.0, "")]
    [TestCase(30.5, "over-30")]
    [TestCase(50.0, "over-30")]
    [TestCase(50.5, "over-30 over-50")]
    [TestCase(70.0, "over-30 over-50")]
    [TestCase(70.5, "over-30 over-50 over-70")]
    public void G9_8_exactly_the_limit_does_not_trigger_and_more_does(double hours, string reached)
    {
        var happened = Pupil.Given(Started).When(RecordAbsenceHours.Decide, Report((decimal)hours)).ThenEvents([typeof(AbsenceHoursRecorded), .. Steps(reached).Select(_ => typeof(AbsenceThresholdCrossed))]);
        Assert.That(happened.OfType<AbsenceThresholdCrossed>().Select(crossed => crossed.Step), Is.EqualTo(Steps(reached)));
    }

    [Test]
    public void A_limit_is_passed_once() =>
        Pupil.Given(Started, Hours(31), Crossed("over-30")).When(RecordAbsenceHours.Decide, Report(32)).Then(Hours(32) with { RecordedAt = Now });

    [Test]
    public void The_same_hours_again_change_nothing() => Pupil.Given(Started, Hours(31), Crossed("over-30")).When(RecordAbsenceHours.Decide, Report(31)).ThenNothing();

    [Test]
    public void Fewer_hours_need_a_reason() => Pupil.Given(Started, Hours(20)).When(RecordAbsenceHours.Decide, Report(19.5m)).ThenRejected(AbsenceFollowUp.FewerHours);

    [Test]
    public void With_a_reason_fewer_hours_take_back_the_steps_that_they_no_longer_pass() =>
        Pupil.Given(Started, Hours(52), Crossed("over-30"), Crossed("over-50")).When(RecordAbsenceHours.Decide, Report(30, ReasonId))
            .Then(new AbsenceHoursCorrected(Id, 30, null, ReasonId, Now), new AbsenceThresholdTakenBack(Id, "over-50", Now), new AbsenceThresholdTakenBack(Id, "over-30", Now));

    [Test]
    public void Hours_of_the_next_period_belong_to_another_follow_up() =>
        Pupil.Given(Started).When(RecordAbsenceHours.Decide, Report(5) with { Today = Started.PeriodUntil.AddDays(1) }).ThenRejected(AbsenceFollowUp.PeriodIsOver);

    [Test]
    public void Until_the_first_step_there_is_nothing_to_meet_about() =>
        Pupil.Given(Started, Hours(30)).When(HoldAbsenceMeeting.Decide, Meeting()).ThenRejected(AbsenceFollowUp.StepNotReached);

    [Test]
    public void A_step_that_was_not_reached_has_no_meeting() =>
        Pupil.Given(Started, Hours(31), Crossed("over-30")).When(HoldAbsenceMeeting.Decide, Meeting() with { Step = "over-50" }).ThenRejected(AbsenceFollowUp.StepNotReached);

    [Test]
    public void No_step_is_skipped() =>
        Pupil.Given(Started, Hours(51), Crossed("over-30"), Crossed("over-50")).When(HoldAbsenceMeeting.Decide, Meeting() with { Step = "over-50" }).ThenRejected(AbsenceFollowUp.OutOfTurn);

    [Test]
    public void A_follow_up_comes_after_the_meeting() =>
        Pupil.Given(Started, Hours(31), Crossed("over-30")).When(HoldAbsenceMeeting.Decide, Meeting() with { HeldOn = null, FollowUp = Agreed }).ThenRejected(AbsenceFollowUp.OutOfTurn);

    [Test]
    public void A_meeting_belongs_to_the_lowest_step_that_waits_for_one() =>
        Pupil.Given(Started, Hours(51), Crossed("over-30"), Crossed("over-50")).When(HoldAbsenceMeeting.Decide, Meeting() with { FollowUp = Agreed })
            .Then(Held("over-30") with { RecordedAt = Now }, FollowedUp("over-30") with { AgreedAt = Now });

    [Test]
    public void G9_8_a_step_is_not_complete_without_follow_up_date_and_responsible_person()
    {
        var state = Fold(Hours(31), Crossed("over-30"), Held("over-30"));
        Assert.That((state.Status, state.OpenStep!.Missing.Single()), Is.EqualTo((AbsenceStatus.StepOpen, AbsenceNeeds.FollowUp)));
        state = AbsenceFollowUp.Evolve(state, new AbsenceFollowUpAgreed(Id, "over-30", Agreed, Now));
        Assert.That((state.Status, state.OpenStep), Is.EqualTo((AbsenceStatus.FollowUpAgreed, (ReachedStep?)null)));
    }

    [Test]
    public void A_meeting_without_those_whom_the_family_wants_does_not_complete_the_first_step() =>
        Assert.That(Fold(Hours(31), Crossed("over-30"), Held("over-30") with { AgreedWithFamily = false }, FollowedUp("over-30")).OpenStep!.Missing, Is.EqualTo(new[] { AbsenceNeeds.FamilyAgreement }));

    [Test]
    public void A_follow_up_agreed_at_a_later_step_follows_the_earlier_ones_too() =>
        Assert.That(Fold(Hours(51), Crossed("over-30"), Crossed("over-50"), Held("over-30"), Held("over-50"), FollowedUp("over-50")).OpenStep, Is.Null);

    [Test]
    public void An_agreed_follow_up_is_over_when_the_school_has_met_on_its_day_or_later()
    {
        var agreed = new AbsenceEvent[] { Hours(31), Crossed("over-30"), Held("over-30"), FollowedUp("over-30") };
        Assert.That(Fold([.. agreed, Held("over-30") with { HeldOn = Agreed.Date.AddDays(-1) }]).FollowUp, Is.EqualTo(Agreed));
        Assert.That(Fold([.. agreed, Held("over-30") with { HeldOn = Agreed.Date }]).Status, Is.EqualTo(AbsenceStatus.Monitored));
    }

    [Test]
    public void G9_8_over_70_hours_a_consultation_has_to_be_recorded_and_nothing_is_filed()
    {
        var state = Fold([.. Over70]);
        Assert.That(state.OpenStep!.Missing, Is.EqualTo(new[] { AbsenceNeeds.Consultation }));
        foreach (var recorded in new AbsenceEvent[] { new AbsenceConsultationAsked(Id, ConsultationId, Now), new AbsenceContactRecorded(Id, "consultation", Today, Now) })
        {
            Assert.That(AbsenceFollowUp.Evolve(state, recorded).OpenStep, Is.Null, recorded.GetType().Name);
        }

        foreach (var elsewhere in RecordAbsenceContact.Kinds.Skip(1))
        {
            Assert.That(AbsenceFollowUp.Evolve(state, new AbsenceContactRecorded(Id, elsewhere, Today, Now)).OpenStep, Is.Not.Null, elsewhere);
        }

        // No event of absence leaves the service: there is nobody whom it could tell, and so nothing that it could file.
        Assert.That(EventRoundTrip.EventTypes(typeof(AbsenceEvent)).Select(Examples.Of).Select(happened => Published.Map(happened) ?? Published.MapDanger(happened)), Has.All.Null);
    }

    [Test]
    public void A_contact_that_the_school_has_made_is_noted_whatever_is_missing() =>
        Pupil.Given(Started, Hours(5)).When(RecordAbsenceContact.Decide, new RecordAbsenceContact.Command(Id, "childWelfareNotification", Today, Now)).Then(new AbsenceContactRecorded(Id, "childWelfareNotification", Today, Now));

    [Test]
    public void A_consultation_is_asked_for_once_at_a_step() =>
        Pupil.Given(Started, Hours(31), Crossed("over-30"), new AbsenceConsultationAsked(Id, Guid.Empty, Before)).When(EscalateAbsence.Decide, new EscalateAbsence.Command(Id, ConsultationId, Now)).ThenRejected(AbsenceFollowUp.AlreadyAsked);

    [Test]
    public void At_the_next_step_a_consultation_can_be_asked_for_anew() =>
        Pupil.Given(Started, Hours(31), Crossed("over-30"), new AbsenceConsultationAsked(Id, Guid.Empty, Before), Hours(51), Crossed("over-50")).When(EscalateAbsence.Decide, new EscalateAbsence.Command(Id, ConsultationId, Now))
            .Then(new AbsenceConsultationAsked(Id, ConsultationId, Now));

    [Test]
    public void A_step_that_is_not_complete_in_time_is_reminded_of_again_and_again()
    {
        var reached = Crossed("over-30");
        Assert.That(Deadlines(Hours(31), reached), Is.EqualTo(new[] { (AbsenceFollowUp.ReminderDeadline, reached.DueBy) }));
        Pupil.Given(Started, Hours(31), reached).When(RemindOfAbsence.Decide, new RemindOfAbsence.Command(Id, reached.DueBy.AddSeconds(-1), Later)).ThenNothing();
        Pupil.Given(Started, Hours(31), reached).When(RemindOfAbsence.Decide, new RemindOfAbsence.Command(Id, reached.DueBy, Later)).Then(new AbsenceFollowUpReminded(Id, "over-30", reached.DueBy, Later));
        Assert.That(Deadlines(Hours(31), reached, new AbsenceFollowUpReminded(Id, "over-30", reached.DueBy, Later)), Is.EqualTo(new[] { (AbsenceFollowUp.ReminderDeadline, Later) }));
    }

    [Test]
    public void The_day_of_an_agreed_follow_up_is_reminded_of()
    {
        var agreed = new AbsenceEvent[] { Started, Hours(31), Crossed("over-30"), Held("over-30"), FollowedUp("over-30") };
        Assert.That(Deadlines(agreed[1..]), Is.EqualTo(new[] { (AbsenceFollowUp.ReminderDeadline, Agreed.DueAt) }));
        Pupil.Given(agreed).When(RemindOfAbsence.Decide, new RemindOfAbsence.Command(Id, Agreed.DueAt, Later)).Then(new AbsenceFollowUpReminded(Id, null, Agreed.DueAt, Later));
        Assert.That(Fold([.. agreed[1..], new AbsenceFollowUpReminded(Id, null, Agreed.DueAt, Later)]).Status, Is.EqualTo(AbsenceStatus.FollowUpDue));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void What_a_step_was_reminded_of_is_over_once_somebody_has_been_consulted(bool here)
    {
        AbsenceEvent consulted = here ? new AbsenceConsultationAsked(Id, ConsultationId, Later) : new AbsenceContactRecorded(Id, AbsenceNeeds.Consultation, Today, Later);
        var state = Fold([.. Over70, new AbsenceFollowUpReminded(Id, "over-70", Now, Later), consulted]);
        Assert.That((state.Reminders, state.RemindAt), Is.EqualTo((0, state.DueBy)));
    }

    [Test]
    public void Nobody_is_reminded_of_what_is_not_due_yet() =>
        Pupil.Given(Started, Hours(31), Crossed("over-30"), new AbsenceFollowUpReminded(Id, "over-30", Now, Now), Held("over-30"), FollowedUp("over-30"))
            .When(RemindOfAbsence.Decide, new RemindOfAbsence.Command(Id, Agreed.DueAt.AddSeconds(-1), Later)).ThenNothing();

    [Test]
    public void A_new_date_begins_its_reminders_anew()
    {
        var state = Fold(Hours(31), Crossed("over-30"), Held("over-30"), FollowedUp("over-30"), new AbsenceFollowUpReminded(Id, null, Agreed.DueAt, Later), FollowedUp("over-30") with { FollowUp = Next });
        Assert.That((state.Reminders, state.RemindAt, state.Status), Is.EqualTo((0, Next.DueAt, AbsenceStatus.FollowUpAgreed)));
    }

    [Test]
    public void With_nothing_due_it_ends_with_its_period()
    {
        Assert.That(Deadlines(Hours(12)), Is.EqualTo(new[] { (AbsenceFollowUp.PeriodDeadline, Started.PeriodEndsAt) }));
        Pupil.Given(Started, Hours(12)).When(EndAbsenceFollowUp.Decide, new EndAbsenceFollowUp.Command(Id, Started.PeriodEndsAt)).Then(new AbsenceFollowUpEnded(Id, Started.PeriodEndsAt));
        Pupil.Given(Started, Hours(12)).When(EndAbsenceFollowUp.Decide, new EndAbsenceFollowUp.Command(Id, Started.PeriodEndsAt.AddSeconds(-1))).ThenNothing();
        Pupil.Given(Started, Hours(31), Crossed("over-30")).When(EndAbsenceFollowUp.Decide, new EndAbsenceFollowUp.Command(Id, Started.PeriodEndsAt)).ThenNothing();
    }

    [Test]
    public void What_has_ended_or_is_erased_or_unknown_takes_no_word()
    {
        foreach (var (past, rule) in new (AbsenceEvent[], Platform.Streams.Rejection)[]
        {
            ([Started, new AbsenceFollowUpEnded(Id, Now.AddDays(-1))], AbsenceFollowUp.AlreadyEnded),
            ([Started, new AbsenceFollowUpErased(Id, Now, Later)], AbsenceFollowUp.AlreadyErased),
            ([], AbsenceFollowUp.Unknown),
        })
        {
            Pupil.Given(past).When(RecordAbsenceHours.Decide, Report(99)).ThenRejected(rule);
            Pupil.Given(past).When(HoldAbsenceMeeting.Decide, Meeting()).ThenRejected(rule);
            Pupil.Given(past).When(EscalateAbsence.Decide, new EscalateAbsence.Command(Id, ConsultationId, Now)).ThenRejected(rule);
            Pupil.Given(past).When(RecordAbsenceContact.Decide, new RecordAbsenceContact.Command(Id, "consultation", Today, Now)).ThenRejected(rule);
            Pupil.Given(past).When(RemindOfAbsence.Decide, new RemindOfAbsence.Command(Id, Later, Later)).ThenNothing();
            Assert.That(AbsenceFollowUp.Aggregate.Deadlines(AbsenceFollowUp.Aggregate.Fold(past)), Is.Empty);
        }
    }

    [Test]
    public void R8_an_erased_one_shows_neither_hours_nor_steps_nor_words()
    {
        Pupil.Given([Started, .. Over70]).When(EraseAbsenceFollowUp.Decide, new EraseAbsenceFollowUp.Command(Id, Now, Later)).Then(new AbsenceFollowUpErased(Id, Now, Later));
        Pupil.Given().When(EraseAbsenceFollowUp.Decide, new EraseAbsenceFollowUp.Command(Id, Now, Later)).ThenRejected(AbsenceFollowUp.Unknown);
        var view = AbsenceFollowUpView.Fold([Started, .. Over70, new AbsenceFollowUpErased(Id, Now, Later)], 9);
        Assert.Multiple(() =>
        {
            Assert.That((view.Hours, view.Kinds, view.MatterKey, view.ClientRefTextId, view.FollowUp, view.DueBy), Is.EqualTo(((decimal?)null, (AbsenceKinds?)null, (string?)null, (Guid?)null, (AgreedFollowUp?)null, (DateTimeOffset?)null)));
            Assert.That(view.Steps.Count + view.Meetings.Count + view.Recorded.Count + view.Contacts.Count + view.AllowedActions.Count, Is.Zero);
            Assert.That(view.Erased, Is.Not.Null);
        });
    }

    private static string[] Steps(string codes) => codes.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static AbsenceFollowUp Fold(params AbsenceEvent[] happened) => AbsenceFollowUp.Aggregate.Fold([Started, .. happened]);

    private static IEnumerable<(string, DateTimeOffset)> Deadlines(params AbsenceEvent[] happened) => AbsenceFollowUp.Aggregate.Deadlines(Fold(happened)).Select(deadline => (deadline.Kind, deadline.DueAt));
}
