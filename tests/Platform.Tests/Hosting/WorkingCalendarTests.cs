using OtPlatform.Platform.Hosting;

namespace OtPlatform.Platform.Tests.Hosting;

/// <summary>Times of the tests are Helsinki time.</summary>
[TestFixture]
internal sealed class WorkingCalendarTests
{
    private static readonly WorkingCalendar Calendar = new(new WorkingHours("Europe/Helsinki", new TimeOnly(8, 0), new TimeOnly(16, 0)));

    [TestCase("2026-11-23 09:00", 4, "2026-11-23 13:00", TestName = "Four hours within a day")]
    [TestCase("2026-11-23 14:00", 4, "2026-11-24 10:00", TestName = "Four hours over a night")]
    [TestCase("2026-11-20 15:00", 2, "2026-11-23 09:00", TestName = "Two hours over a weekend")]
    [TestCase("2026-11-22 12:00", 1, "2026-11-23 09:00", TestName = "From a Sunday")]
    [TestCase("2026-11-23 06:00", 1, "2026-11-23 09:00", TestName = "From before opening")]
    [TestCase("2026-11-23 16:00", 1, "2026-11-24 09:00", TestName = "From the moment of closing")]
    [TestCase("2026-11-23 08:00", 8, "2026-11-23 16:00", TestName = "A whole day ends at closing")]
    [TestCase("2026-12-23 15:00", 2, "2026-12-28 09:00", TestName = "Over Christmas")]
    [TestCase("2027-03-25 15:00", 2, "2027-03-30 09:00", TestName = "Over Easter")]
    [TestCase("2026-03-27 15:00", 2, "2026-03-30 09:00", TestName = "Over the change to summer time")]
    public void Working_hours_are_counted(string from, int hours, string due) =>
        Assert.That(Calendar.Due(Helsinki(from), new Allowance(WorkingHours: hours)), Is.EqualTo(Helsinki(due)));

    [Test]
    public void A_working_day_is_a_days_opening_hours() =>
        Assert.That(Calendar.Due(Helsinki("2026-11-20 10:00"), new Allowance(WorkingDays: 2)), Is.EqualTo(Helsinki("2026-11-24 10:00")));

    [Test]
    public void Minutes_pass_at_night_too() =>
        Assert.That(Calendar.Due(Helsinki("2026-11-21 23:50"), new Allowance(Minutes: 30)), Is.EqualTo(Helsinki("2026-11-22 00:20")));

    [Test]
    public void An_allowance_that_says_nothing_is_refused() =>
        Assert.That(() => Calendar.Due(Helsinki("2026-11-20 10:00"), new Allowance()), Throws.ArgumentException);

    [TestCase("2026-01-01")]
    [TestCase("2026-01-06")]
    [TestCase("2026-04-03")]
    [TestCase("2026-04-06")]
    [TestCase("2026-05-01")]
    [TestCase("2026-05-14")]
    [TestCase("2026-06-19")]
    [TestCase("2026-12-24")]
    [TestCase("2026-12-25")]
    [TestCase("2027-03-26")]
    [TestCase("2027-03-29")]
    [TestCase("2027-05-06")]
    [TestCase("2027-06-25")]
    [TestCase("2027-12-06")]
    [TestCase("2038-04-26")]
    public void Finnish_holidays_are_free(string day) => Assert.That(WorkingCalendar.IsWorkingDay(DateOnly.Parse(day, null)), Is.False);

    [TestCase("2026-01-02")]
    [TestCase("2026-04-02")]
    [TestCase("2026-04-07")]
    [TestCase("2026-06-18")]
    [TestCase("2026-12-23")]
    [TestCase("2026-12-28")]
    public void The_days_around_them_are_not(string day) => Assert.That(WorkingCalendar.IsWorkingDay(DateOnly.Parse(day, null)), Is.True);

    [TestCase("2026-11-23 08:00", true)]
    [TestCase("2026-11-23 07:59", false)]
    [TestCase("2026-11-23 15:59", true)]
    [TestCase("2026-11-23 16:00", false)]
    [TestCase("2026-11-22 12:00", false)]
    public void Open_is_from_opening_until_closing(string at, bool open) => Assert.That(Calendar.IsOpen(Helsinki(at)), Is.EqualTo(open));

    private static DateTimeOffset Helsinki(string local)
    {
        var time = DateTime.Parse(local, null);
        return new DateTimeOffset(time, TimeZoneInfo.FindSystemTimeZoneById("Europe/Helsinki").GetUtcOffset(time));
    }
}
