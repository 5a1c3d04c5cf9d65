using OtPlatform.ExpertPool.Experts;
using static OtPlatform.ExpertPool.Tests.Experts.Experts;

namespace OtPlatform.ExpertPool.Tests.Experts;

[TestFixture]
internal sealed class HoldHoursTests
{
    [Test]
    public void Free_hours_are_held_until_they_lapse()
    {
        Case.Given(Registered).When(HoldHoursOnReserveCapacity.Decide, Asked).Then(Reserved);
        var state = Expert.Aggregate.Fold([Registered, Reserved]);
        Assert.Multiple(() =>
        {
            Assert.That(state.HeldIn(Second), Is.EqualTo(2));
            Assert.That(state.HeldIn(Third.AddDays(7)), Is.Zero);
            Assert.That(Expert.Aggregate.Deadlines(state).Single().DueAt, Is.EqualTo(LapsesAt));
        });
    }

    [TestCase(2.0, true)]
    [TestCase(2.25, false)]
    public void What_is_held_and_what_is_asked_for_may_fill_the_week_but_not_more(double hours, bool given)
    {
        var asked = Asked with { Weeks = [new(First, 1), new(Second, (decimal)hours)] };
        var decided = Case.Given(Registered, ReservedByAnother).When(HoldHoursOnReserveCapacity.Decide, asked);
        if (given)
        {
            decided.ThenEvents(typeof(CapacityReserved));
        }
        else
        {
            decided.Then(Refused("hours"));
        }
    }

    [Test]
    public void Confirmed_hours_count_as_much_as_held_ones() =>
        Case.Given(Registered, ReservedByAnother, new CapacityConfirmed(ExpertId, OtherReservationId, AssemblyId, Now))
            .When(HoldHoursOnReserveCapacity.Decide, Asked with { Weeks = [new(Second, 3)] }).Then(Refused("hours"));

    [Test]
    public void Hours_that_lapsed_are_free_again() =>
        Case.Given(Registered, ReservedByAnother, new CapacityLapsed(ExpertId, OtherReservationId, AssemblyId, Now))
            .When(HoldHoursOnReserveCapacity.Decide, Asked with { Weeks = [new(Second, 4)] }).ThenEvents(typeof(CapacityReserved));

    [Test]
    public void Hours_that_were_released_are_free_again() =>
        Case.Given(Registered, ReservedByAnother, new CapacityReleased(ExpertId, OtherReservationId, AssemblyId, null, "declined", Now))
            .When(HoldHoursOnReserveCapacity.Decide, Asked with { Weeks = [new(Second, 4)] }).ThenEvents(typeof(CapacityReserved));

    [Test]
    public void Only_the_weeks_that_were_released_are_free_again()
    {
        ExpertEvent[] past = [Registered, Reserved, new CapacityReleased(ExpertId, ReservationId, AssemblyId, Second, "disbanded", Now)];
        var another = Asked with { ReservationId = OtherReservationId };
        Case.Given(past).When(HoldHoursOnReserveCapacity.Decide, another with { Weeks = [new(Second, 4)] }).ThenEvents(typeof(CapacityReserved));
        Case.Given(past).When(HoldHoursOnReserveCapacity.Decide, another with { Weeks = [new(First, 4)] }).Then(Refused("hours") with { ReservationId = OtherReservationId });
    }

    [Test]
    public void Fewer_hours_a_week_take_nothing_back_but_give_nothing_more()
    {
        ExpertEvent[] past = [Registered, Reserved, new AvailabilitySet(ExpertId, 1, ["fi"], ["virtual"], Now)];
        Assert.That(Expert.Aggregate.Fold(past).HeldIn(First), Is.EqualTo(2));
        Case.Given(past).When(HoldHoursOnReserveCapacity.Decide, Asked with { ReservationId = OtherReservationId, Weeks = [new(First, 1)] })
            .Then(Refused("hours") with { ReservationId = OtherReservationId });
    }

    [Test]
    public void Nobody_registered_is_an_answer_too_and_stays_one()
    {
        Case.Given().When(HoldHoursOnReserveCapacity.Decide, Asked).Then(Refused("unknownExpert"));
        Case.Given(Refused("unknownExpert"), Registered).When(HoldHoursOnReserveCapacity.Decide, Asked).ThenNothing();
    }

    [Test]
    public void A_suspended_expert_is_not_asked() =>
        Case.Given(Registered, Suspended).When(HoldHoursOnReserveCapacity.Decide, Asked).Then(Refused("suspended"));

    [Test]
    public void An_expert_registered_anew_is_asked_again() =>
        Case.Given(Registered, Suspended, Registered).When(HoldHoursOnReserveCapacity.Decide, Asked).ThenEvents(typeof(CapacityReserved));

    [Test]
    public void Without_an_agreement_nobody_is_asked() =>
        Case.Given(Registered with { Facts = Plain with { Agreement = null } }).When(HoldHoursOnReserveCapacity.Decide, Asked).Then(Refused("agreement"));

    [TestCase(0, true)]
    [TestCase(1, false)]
    public void An_agreement_has_to_have_begun_by_the_first_day_of_the_work(int daysLate, bool given) =>
        Expect(given, Plain with { Agreement = new Agreement(First.AddDays(daysLate), null) });

    [TestCase(0, true)]
    [TestCase(-1, false)]
    public void An_agreement_has_to_hold_until_the_last_day_of_the_work(int daysEarly, bool given) =>
        Expect(given, Plain with { Agreement = new Agreement(First, Until.AddDays(daysEarly)) });

    [TestCase(0, true)]
    [TestCase(1, false)]
    public void In_a_week_that_has_begun_the_work_begins_on_the_day_of_the_request(int daysLate, bool given)
    {
        var asked = Asked with { Weeks = [new(First, 2)], RequestedOn = First.AddDays(2), Until = First.AddDays(4) };
        Expect(given, Plain with { Agreement = new Agreement(First.AddDays(2 + daysLate), null) }, asked);
    }

    [Test]
    public void A_last_day_before_the_last_week_is_not_taken_for_the_end() =>
        Expect(false, Plain with { Agreement = new Agreement(First, Second) }, Asked with { Until = Second });

    private static IEnumerable<IReadOnlyList<WeekHours>> NoWeeks =>
        [[], [new(First.AddDays(1), 2)], [new(First, 0)], [new(First, -1)], [new(First, 1), new(First, 1)]];

    [TestCaseSource(nameof(NoWeeks))]
    public void Weeks_that_are_none_are_refused_rather_than_left_without_an_answer(IReadOnlyList<WeekHours> weeks) =>
        Case.Given(Registered).When(HoldHoursOnReserveCapacity.Decide, Asked with { Weeks = weeks }).Then(Refused("weeks"));

    [Test]
    public void The_same_reservation_again_changes_nothing_whatever_became_of_it()
    {
        ExpertEvent[][] pasts =
        [
            [Registered, Reserved],
            [Registered, Reserved, Confirmed],
            [Registered, Reserved, Released],
            [Registered, Reserved, Lapsed],
            [Registered, Refused("hours")],
        ];
        foreach (var past in pasts)
        {
            Case.Given(past).When(HoldHoursOnReserveCapacity.Decide, Asked).ThenNothing();
        }
    }

    [Test]
    public void A_request_that_comes_after_its_own_release_gets_nothing()
    {
        Case.Given(Registered, Released).When(HoldHoursOnReserveCapacity.Decide, Asked).Then(Refused("released"));
        Case.Given(Registered, Released, Refused("released")).When(HoldHoursOnReserveCapacity.Decide, Asked).ThenNothing();
    }

    private static void Expect(bool given, ExpertFacts facts, HoldHoursOnReserveCapacity.Command? asked = null)
    {
        var decided = Case.Given(Registered with { Facts = facts }).When(HoldHoursOnReserveCapacity.Decide, asked ?? Asked);
        if (given)
        {
            decided.ThenEvents(typeof(CapacityReserved));
        }
        else
        {
            decided.Then(Refused("agreement"));
        }
    }
}
