using OtPlatform.ExpertPool.Experts;
using static OtPlatform.ExpertPool.Tests.Experts.Experts;

namespace OtPlatform.ExpertPool.Tests.Experts;

/// <summary>What becomes of held hours: kept, freed or lapsed.</summary>
[TestFixture]
internal sealed class HeldHoursTests
{
    private static readonly KeepHoursOnConfirmCapacity.Command Accepted = new(ExpertId, ReservationId, AssemblyId, 1, Now);
    private static readonly FreeHoursOnReleaseCapacity.Command GivenBack = new(ExpertId, ReservationId, AssemblyId, null, "recomposed", Now);
    private static readonly LapseCapacity.Command TimeIsUp = new(LapsesAt);

    [Test]
    public void Held_hours_are_kept_when_the_expert_accepts_and_lapse_no_more()
    {
        Case.Given(Registered, Reserved).When(KeepHoursOnConfirmCapacity.Decide, Accepted).Then(Confirmed);
        var state = Expert.Aggregate.Fold([Registered, Reserved, Confirmed]);
        Assert.Multiple(() =>
        {
            Assert.That(state.HeldIn(First), Is.EqualTo(2));
            Assert.That(Expert.Aggregate.Deadlines(state), Is.Empty);
        });
        Case.Given(Registered, Reserved, Confirmed).When(LapseCapacity.Decide, TimeIsUp).ThenNothing();
    }

    [Test]
    public void Accepted_late_but_still_held_counts() =>
        Case.Given(Registered, Reserved).When(KeepHoursOnConfirmCapacity.Decide, Accepted with { Now = LapsesAt.AddMinutes(1) }).ThenEvents(typeof(CapacityConfirmed));

    [Test]
    public void Hours_that_lapsed_can_not_be_kept()
    {
        Case.Given(Registered, Reserved, Lapsed).When(KeepHoursOnConfirmCapacity.Decide, Accepted).Then(Refused("lapsed"));
        Case.Given(Registered, Reserved, Lapsed, Refused("lapsed")).When(KeepHoursOnConfirmCapacity.Decide, Accepted).ThenNothing();
    }

    [Test]
    public void Hours_that_were_given_back_can_not_be_kept()
    {
        Case.Given(Registered, Reserved, Released).When(KeepHoursOnConfirmCapacity.Decide, Accepted).Then(Refused("released"));
        Case.Given(Registered, Released).When(KeepHoursOnConfirmCapacity.Decide, Accepted).Then(Refused("released"));
    }

    [Test]
    public void Hours_that_nobody_asked_for_can_not_be_kept_and_a_late_request_changes_nothing()
    {
        Case.Given(Registered).When(KeepHoursOnConfirmCapacity.Decide, Accepted).Then(Refused("unknownReservation"));
        Case.Given().When(KeepHoursOnConfirmCapacity.Decide, Accepted).Then(Refused("unknownReservation"));
        Case.Given(Registered, Refused("unknownReservation")).When(HoldHoursOnReserveCapacity.Decide, Asked).ThenNothing();
    }

    [Test]
    public void An_expert_suspended_since_can_not_join_and_the_hours_are_free()
    {
        Case.Given(Registered, Reserved, Suspended).When(KeepHoursOnConfirmCapacity.Decide, Accepted)
            .Then(Released with { ReasonCode = "suspended" }, Refused("suspended"));
        Assert.That(Expert.Aggregate.Fold([Registered, Reserved, Suspended, Released, Refused("suspended")]).HeldIn(First), Is.Zero);
    }

    [Test]
    public void Accepting_again_changes_nothing_also_after_the_team_has_ended()
    {
        Case.Given(Registered, Reserved, Confirmed).When(KeepHoursOnConfirmCapacity.Decide, Accepted).ThenNothing();
        Case.Given(Registered, Reserved, Confirmed, Released).When(KeepHoursOnConfirmCapacity.Decide, Accepted).ThenNothing();
    }

    [Test]
    public void Held_hours_are_given_back() =>
        Case.Given(Registered, Reserved).When(FreeHoursOnReleaseCapacity.Decide, GivenBack).Then(Released);

    [Test]
    public void Confirmed_hours_are_given_back() =>
        Case.Given(Registered, Reserved, Confirmed).When(FreeHoursOnReleaseCapacity.Decide, GivenBack).Then(Released);

    [Test]
    public void Hours_are_given_back_from_a_week_on()
    {
        var events = Case.Given(Registered, Reserved, Confirmed).When(FreeHoursOnReleaseCapacity.Decide, GivenBack with { FromWeek = Third }).ThenEvents(typeof(CapacityReleased));
        var state = Expert.Aggregate.Fold([Registered, Reserved, Confirmed, .. events]);
        Assert.Multiple(() =>
        {
            Assert.That(state.HeldIn(Second), Is.EqualTo(2));
            Assert.That(state.HeldIn(Third), Is.Zero);
        });
        Case.Given([Registered, Reserved, Confirmed, .. events]).When(FreeHoursOnReleaseCapacity.Decide, GivenBack with { FromWeek = First }).ThenEvents(typeof(CapacityReleased));
    }

    [Test]
    public void Hours_given_back_from_a_later_week_lapse_as_before()
    {
        ExpertEvent[] past = [Registered, Reserved, Released with { FromWeek = Third }];
        Assert.That(Expert.Aggregate.Deadlines(Expert.Aggregate.Fold(past)).Single().DueAt, Is.EqualTo(LapsesAt));
        Case.Given(past).When(LapseCapacity.Decide, TimeIsUp).Then(Lapsed);
    }

    [Test]
    public void From_a_week_after_the_last_nothing_is_given_back() =>
        Case.Given(Registered, Reserved).When(FreeHoursOnReleaseCapacity.Decide, GivenBack with { FromWeek = Third.AddDays(7) }).ThenNothing();

    [Test]
    public void Giving_back_what_is_not_held_changes_nothing()
    {
        Case.Given(Registered, Reserved, Lapsed).When(FreeHoursOnReleaseCapacity.Decide, GivenBack).ThenNothing();
        Case.Given(Registered, Refused("hours")).When(FreeHoursOnReleaseCapacity.Decide, GivenBack).ThenNothing();
        Case.Given(Registered, Reserved, Released).When(FreeHoursOnReleaseCapacity.Decide, GivenBack).ThenNothing();
    }

    [Test]
    public void What_is_given_back_before_it_was_asked_for_is_remembered_whole()
    {
        Case.Given(Registered).When(FreeHoursOnReleaseCapacity.Decide, GivenBack with { FromWeek = Second }).Then(Released);
        Case.Given().When(FreeHoursOnReleaseCapacity.Decide, GivenBack).Then(Released);
    }

    [Test]
    public void Nobody_confirmed_in_time() =>
        Case.Given(Registered, Reserved).When(LapseCapacity.Decide, TimeIsUp).Then(Lapsed);

    [Test]
    public void Before_its_time_nothing_lapses() =>
        Case.Given(Registered, Reserved).When(LapseCapacity.Decide, new LapseCapacity.Command(LapsesAt.AddTicks(-1))).ThenNothing();

    [Test]
    public void The_earliest_is_watched_first_and_the_next_after_it()
    {
        ExpertEvent[] past = [Registered, ReservedByAnother, Reserved];
        Assert.That(Expert.Aggregate.Deadlines(Expert.Aggregate.Fold(past)).Single().DueAt, Is.EqualTo(LapsesAt));
        Case.Given(past).When(LapseCapacity.Decide, TimeIsUp).Then(Lapsed);
        Assert.That(Expert.Aggregate.Deadlines(Expert.Aggregate.Fold([.. past, Lapsed])).Single().DueAt, Is.EqualTo(ReservedByAnother.LapsesAt));
    }

    [Test]
    public void All_whose_time_is_up_lapse_at_once() =>
        Case.Given(Registered, ReservedByAnother, Reserved).When(LapseCapacity.Decide, new LapseCapacity.Command(ReservedByAnother.LapsesAt)).ThenEvents(typeof(CapacityLapsed), typeof(CapacityLapsed));
}
