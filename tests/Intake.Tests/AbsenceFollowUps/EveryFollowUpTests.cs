using FsCheck;
using FsCheck.Fluent;
using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Platform.Streams;
using static OtPlatform.Intake.Tests.AbsenceFollowUps.Absence;

namespace OtPlatform.Intake.Tests.AbsenceFollowUps;

/// <summary>Random school years: hours reported, corrected and mistyped, meetings, follow-ups and consultations in any order, and time that passes with all its deadlines.</summary>
[TestFixture]
internal sealed class EveryFollowUpTests
{
    private const int Years = 1_000;

    /// <param name="Act">Which of the acts below.</param>
    /// <param name="Halves">Half hours of absence.</param>
    /// <param name="Days">How much time passes before it.</param>
    public sealed record Week(int Act, int Halves, int Days, int Choice);

    private static readonly Func<AbsenceFollowUp, Week, DateTimeOffset, Decision<AbsenceEvent>>[] Acts =
    [
        (state, week, now) => RecordAbsenceHours.Decide(state, At(Report(state.Hours + (week.Halves / 4m)), now)),
        (state, week, now) => RecordAbsenceHours.Decide(state, At(Report(week.Halves / 2m), now)),
        (state, week, now) => RecordAbsenceHours.Decide(state, At(Report(week.Halves / 2m, ReasonId), now)),
        (state, week, now) => RecordAbsenceHours.Decide(state, At(Report(Policy[week.Choice % 3].Over, week.Choice % 2 == 0 ? ReasonId : null), now)),
        (state, week, now) => HoldAbsenceMeeting.Decide(state, Meeting() with { HeldOn = Day(now), AgreedWithFamily = week.Choice % 3 > 0, FollowUp = week.Choice % 2 > 0 ? AgreedOn(now) : null, Now = now }),
        (state, week, now) => HoldAbsenceMeeting.Decide(state, Meeting() with { HeldOn = week.Choice % 2 > 0 ? Day(now) : null, Step = Policy[week.Choice % 3].Code, FollowUp = AgreedOn(now), Now = now }),
        (state, week, now) => EscalateAbsence.Decide(state, new(Id, new Guid(week.Choice, 0, 0, new byte[8]), now)),
        (state, _, now) => RecordAbsenceContact.Decide(state, new(Id, AbsenceNeeds.Consultation, Day(now), now)),
    ];

    [Test]
    public void G9_8_hours_only_grow_or_are_corrected_with_a_reason() => InEveryYear((before, happened, _) =>
    {
        var hours = before.Hours;
        foreach (var recorded in happened.OfType<AbsenceHoursRecorded>())
        {
            Assert.That(recorded.Hours, Is.GreaterThanOrEqualTo(hours));
            hours = recorded.Hours;
        }

        Assert.That(happened.OfType<AbsenceHoursCorrected>().Select(corrected => corrected.ReasonTextId), Has.All.EqualTo(ReasonId));
    });

    [Test]
    public void G9_8_no_step_is_skipped_and_none_is_reached_at_its_limit() => InEveryYear((_, _, after) =>
        Assert.That(after.Steps.Select(step => step.Code), Is.EqualTo(Policy.Where(step => after.Hours > step.Over).Select(step => step.Code)), after.Hours.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    [Test]
    public void G9_8_a_later_step_is_met_about_after_the_earlier_ones_and_complete_only_with_a_follow_up() => InEveryYear((before, happened, after) =>
    {
        foreach (var held in happened.OfType<AbsenceMeetingHeld>())
        {
            Assert.That(before.Steps.TakeWhile(step => step.Code != held.Step).SelectMany(step => step.Missing), Has.None.EqualTo(AbsenceNeeds.Meeting));
        }

        foreach (var step in after.Steps.Where(step => step.IsComplete))
        {
            Assert.That(step.Met, Is.SupersetOf(Policy.Single(one => one.Code == step.Code).Needs));
        }
    });

    [Test]
    public void R2_whatever_is_due_has_a_date_and_a_deadline() => InEveryYear((_, _, after) =>
    {
        Assert.That(after.DueBy is not null, Is.EqualTo(after.Status is AbsenceStatus.StepOpen or AbsenceStatus.FollowUpAgreed or AbsenceStatus.FollowUpDue));
        Assert.That(AbsenceFollowUp.Aggregate.Deadlines(after).Select(deadline => (DateTimeOffset?)deadline.DueAt), Is.EqualTo(after.Over is null ? new[] { after.NextAt } : []));
    });

    [Test]
    public void The_years_reach_every_status_and_nearly_every_event()
    {
        var (statuses, events) = (new HashSet<AbsenceStatus>(), new HashSet<Type>());
        InEveryYear((_, happened, after) =>
        {
            statuses.Add(after.Status);
            events.UnionWith(happened.Select(one => one.GetType()));
        });
        Assert.That(statuses, Is.EquivalentTo(Enum.GetValues<AbsenceStatus>()));
        Assert.That(Testing.EventRoundTrip.EventTypes(typeof(AbsenceEvent)).Except(events), Is.EquivalentTo(new[] { typeof(AbsenceFollowUpStarted), typeof(AbsenceFollowUpErased) }));
    }

    private static void InEveryYear(Action<AbsenceFollowUp, IReadOnlyList<AbsenceEvent>, AbsenceFollowUp> holds)
    {
        var weeks =
            from act in Gen.Choose(0, Acts.Length - 1)
            from halves in Gen.Choose(0, 170)
            from days in Gen.Frequency((5, Gen.Choose(1, 10)), (1, Gen.Choose(10, 120)))
            from choice in Gen.Choose(0, 41)
            select new Week(act, halves, days, choice);
        Prop.ForAll(Gen.ListOf(weeks, 30).ToArbitrary(), year => Live([.. year], holds)).Check(Config.QuickThrowOnFailure.WithMaxTest(Years));
    }

    private static void Live(IReadOnlyList<Week> year, Action<AbsenceFollowUp, IReadOnlyList<AbsenceEvent>, AbsenceFollowUp> holds)
    {
        var (now, state) = (Started.StartedAt, AbsenceFollowUp.Aggregate.Fold([Started]));
        void Take(Decision<AbsenceEvent> decided)
        {
            var after = decided.Events.Aggregate(state, AbsenceFollowUp.Evolve);
            holds(state, decided.Events, after);
            state = after;
        }

        foreach (var week in year)
        {
            now = now.AddDays(week.Days);
            while (AbsenceFollowUp.Aggregate.Deadlines(state).Where(deadline => deadline.DueAt <= now).MinBy(deadline => deadline.DueAt) is { } due)
            {
                var passed = due.Kind == AbsenceFollowUp.PeriodDeadline ? EndAbsenceFollowUp.Decide(state, new(Id, now)) : RemindOfAbsence.Decide(state, new(Id, now, now.AddDays(2)));
                Assert.That(passed.Events, Is.Not.Empty, $"The deadline {due.Kind} passes and nothing happens.");
                Take(passed);
            }

            Take(Acts[week.Act](state, week, now));
        }
    }

    private static RecordAbsenceHours.Command At(RecordAbsenceHours.Command report, DateTimeOffset now) => report with { StepDueBy = DueFrom(now), Today = Day(now), Now = now };

    private static AgreedFollowUp AgreedOn(DateTimeOffset now) => new(Day(now).AddDays(14), "sw-114", now.AddDays(14));

    private static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);
}
