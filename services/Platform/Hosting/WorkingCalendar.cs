namespace OtPlatform.Platform.Hosting;

/// <summary>How long something may take. Exactly one of the three is set.</summary>
public sealed record Allowance(int? WorkingDays = null, int? WorkingHours = null, int? Minutes = null);

/// <summary>When an office is open.</summary>
/// <param name="TimeZone">IANA name.</param>
public sealed record WorkingHours(string TimeZone, TimeOnly OpensAt, TimeOnly ClosesAt);

/// <summary>Counts working time: opening hours from Monday to Friday, without Finnish public holidays and the eves that are kept as such.</summary>
public sealed class WorkingCalendar(WorkingHours hours)
{
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(hours.TimeZone);

    /// <summary>The moment at which <paramref name="allowance"/> is used up when it starts at <paramref name="from"/>.</summary>
    public DateTimeOffset Due(DateTimeOffset from, Allowance allowance) => allowance switch
    {
        { Minutes: { } minutes } => from.AddMinutes(minutes),
        { WorkingHours: { } wanted } => AfterWorkingTime(from, TimeSpan.FromHours(wanted)),
        { WorkingDays: { } days } => AfterWorkingTime(from, days * (hours.ClosesAt - hours.OpensAt)),
        _ => throw new ArgumentException("An allowance sets one of working days, working hours and minutes.", nameof(allowance)),
    };

    public bool IsOpen(DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, _zone);
        var time = TimeOnly.FromTimeSpan(local.TimeOfDay);
        return IsWorkingDay(DateOnly.FromDateTime(local.Date)) && time >= hours.OpensAt && time < hours.ClosesAt;
    }

    /// <summary>The day that it is at <paramref name="at"/> in the office's time zone.</summary>
    public DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, _zone).Date);

    /// <summary>The first moment of a day.</summary>
    public DateTimeOffset StartOf(DateOnly day) => At(day, TimeOnly.MinValue);

    /// <summary>When the office would open on a day, free or not.</summary>
    public DateTimeOffset OpensOn(DateOnly day) => At(day, hours.OpensAt);

    public static bool IsWorkingDay(DateOnly day) =>
        day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !IsHoliday(day);

    private DateTimeOffset AfterWorkingTime(DateTimeOffset from, TimeSpan left)
    {
        var local = TimeZoneInfo.ConvertTime(from, _zone);
        var day = DateOnly.FromDateTime(local.Date);
        var start = TimeOnly.FromTimeSpan(local.TimeOfDay);
        while (true)
        {
            if (IsWorkingDay(day) && start < hours.ClosesAt)
            {
                start = start < hours.OpensAt ? hours.OpensAt : start;
                var open = hours.ClosesAt - start;
                if (left <= open)
                {
                    return At(day, start.Add(left));
                }

                left -= open;
            }

            day = day.AddDays(1);
            start = hours.OpensAt;
        }
    }

    private DateTimeOffset At(DateOnly day, TimeOnly time)
    {
        var local = day.ToDateTime(time, DateTimeKind.Unspecified);
        return new DateTimeOffset(local, _zone.GetUtcOffset(local)).ToUniversalTime();
    }

    // Public holidays on weekdays; Midsummer Eve and Christmas Eve are kept as free days by agreement.
    private static bool IsHoliday(DateOnly day)
    {
        var easter = EasterSunday(day.Year);
        return (day.Month, day.Day) is (1, 1) or (1, 6) or (5, 1) or (12, 6) or (12, 24) or (12, 25) or (12, 26)
            || day == easter.AddDays(-2) || day == easter.AddDays(1) || day == easter.AddDays(39)
            || (day is { Month: 6, DayOfWeek: DayOfWeek.Friday, Day: >= 19 and <= 25 });
    }

    // The anonymous Gregorian computus: holds for every year of the calendar.
    private static DateOnly EasterSunday(int year)
    {
        var (a, b, c) = (year % 19, year / 100, year % 100);
        var h = ((19 * a) + b - (b / 4) - ((b - ((b + 8) / 25) + 1) / 3) + 15) % 30;
        var l = (32 + (2 * (b % 4)) + (2 * (c / 4)) - h - (c % 4)) % 7;
        var m = (a + (11 * h) + (22 * l)) / 451;
        var n = h + l - (7 * m) + 114;
        return new DateOnly(year, n / 31, (n % 31) + 1);
    }
}
