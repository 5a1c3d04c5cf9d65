using System.Globalization;
using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Intake;

/// <summary>Whether the centre is on duty round the clock (E-03).</summary>
public sealed record DutySettings(bool RoundTheClock);

/// <summary>How long each step may take while Intake watches.</summary>
/// <param name="Held">In immediate danger, instead of <paramref name="Received"/>.</param>
/// <param name="Information">For the requester to add what is missing.</param>
/// <param name="Grace">After the due time, before the next level is told.</param>
/// <param name="HeldGrace">In immediate danger, instead of <paramref name="Grace"/>.</param>
/// <param name="Objection">For the requester to object to an answer.</param>
public sealed record StepAllowances(Allowance Received, Allowance Held, Allowance Information, Allowance Escalated, Allowance Grace, Allowance HeldGrace, Allowance Objection);

/// <summary>How absence from school is followed (C-41 to C-54, E-26).</summary>
/// <param name="PeriodStarts">The days of the year, <c>MM-dd</c>, on which the hours are counted from nought again.</param>
/// <param name="Topic">What a consultation that comes of it is about.</param>
/// <param name="Prevention">Codes of the guidance before the first step.</param>
/// <param name="Steps">The lowest first.</param>
/// <param name="StepDue">For a step to be complete.</param>
/// <param name="Reminder">From one reminder to the next.</param>
public sealed record AbsenceSettings(
    IReadOnlyList<string> PeriodStarts, string Topic, IReadOnlyList<string> Prevention, IReadOnlyList<AbsenceStep> Steps, Allowance StepDue, Allowance Reminder);

/// <summary>A counting period.</summary>
/// <param name="Until">Last day.</param>
/// <param name="EndsAt">The first moment after it.</param>
public sealed record AbsencePeriod(DateOnly From, DateOnly Until, DateTimeOffset EndsAt);

/// <summary>The parts of an area's policy that Intake reads.</summary>
public sealed record IntakeSettings(WorkingHours WorkingHours, DutySettings Duty, StepAllowances Deadlines, AbsenceSettings Absence);

/// <summary>Due times of an area by its policy and calendar.</summary>
public sealed class IntakePolicy(Catalogue catalogue)
{
    private readonly Dictionary<string, (IntakeSettings Settings, WorkingCalendar Calendar)> _areas = catalogue.Areas.ToDictionary(
        area => area.Code,
        area =>
        {
            var settings = catalogue.Policy<IntakeSettings>(area.Code);
            Check(area.Code, settings.Absence, catalogue);
            return (settings, new WorkingCalendar(settings.WorkingHours));
        });

    /// <summary>Until Triage takes over.</summary>
    public NextStep AfterReceiving(string area, bool danger, DateTimeOffset now)
    {
        var allowances = _areas[area].Settings.Deadlines;
        return Watched(area, _areas[area].Calendar.Due(now, danger ? allowances.Held : allowances.Received), danger);
    }

    /// <summary>For the requester to add what is missing.</summary>
    public NextStep AfterAsking(string area, DateTimeOffset now) => Watched(area, _areas[area].Calendar.Due(now, _areas[area].Settings.Deadlines.Information), danger: false);

    /// <summary>For the party that takes over after an overdue step.</summary>
    public NextStep AfterEscalation(string area, bool danger, DateTimeOffset now)
    {
        var allowances = _areas[area].Settings.Deadlines;
        return Watched(area, _areas[area].Calendar.Due(now, danger ? allowances.Held : allowances.Escalated), danger);
    }

    /// <summary>A due time set elsewhere, with our own grace before the next level is told.</summary>
    public NextStep Watched(string area, DateTimeOffset dueBy, bool danger)
    {
        var allowances = _areas[area].Settings.Deadlines;
        return new NextStep(dueBy, _areas[area].Calendar.Due(dueBy, danger ? allowances.HeldGrace : allowances.Grace));
    }

    /// <summary>Until the requester's time to object is over; then the consultation is closed without any grace.</summary>
    public NextStep AfterAnswer(string area, DateTimeOffset now)
    {
        var end = _areas[area].Calendar.Due(now, _areas[area].Settings.Deadlines.Objection);
        return new NextStep(end, end);
    }

    public bool IsOnDuty(string area, DateTimeOffset now) => _areas[area].Settings.Duty.RoundTheClock || _areas[area].Calendar.IsOpen(now);

    public DateOnly Today(string area, DateTimeOffset now) => _areas[area].Calendar.DayOf(now);

    /// <summary>When the working day of <paramref name="day"/> begins.</summary>
    public DateTimeOffset OpensOn(string area, DateOnly day) => _areas[area].Calendar.OpensOn(day);

    /// <summary>The counting period of absence that <paramref name="now"/> is in.</summary>
    public AbsencePeriod AbsencePeriod(string area, DateTimeOffset now)
    {
        var today = Today(area, now);
        var starts = Starts(_areas[area].Settings.Absence).SelectMany(start => new[] { -1, 0, 1 }.Select(year => start.AddYears(today.Year + year - start.Year))).Order().ToList();
        var (from, next) = (starts.Last(start => start <= today), starts.First(start => start > today));
        return new AbsencePeriod(from, next.AddDays(-1), _areas[area].Calendar.StartOf(next));
    }

    /// <summary>Hours of absence with the steps that the area's policy has for them.</summary>
    public RecordAbsenceHours.Command AbsenceHours(Guid id, string area, decimal hours, AbsenceKinds? kinds, Guid? reason, DateTimeOffset now)
    {
        var (settings, calendar) = _areas[area];
        return new RecordAbsenceHours.Command(id, hours, kinds, reason, settings.Absence.Steps, calendar.Due(now, settings.Absence.StepDue), calendar.DayOf(now), now);
    }

    public DateTimeOffset NextAbsenceReminder(string area, DateTimeOffset now) => _areas[area].Calendar.Due(now, _areas[area].Settings.Absence.Reminder);

    public IReadOnlyList<string> AbsencePrevention(string area) => _areas[area].Settings.Absence.Prevention;

    public string AbsenceTopic(string area) => _areas[area].Settings.Absence.Topic;

    private static IEnumerable<DateOnly> Starts(AbsenceSettings absence) =>
        absence.PeriodStarts.Select(start => DateOnly.ParseExact($"2000-{start}", "O", CultureInfo.InvariantCulture));

    /// <summary>Steps out of order would be skipped, and a code without words or meaning would show only when somebody needs it.</summary>
    private static void Check(string area, AbsenceSettings absence, Catalogue catalogue)
    {
        var limits = absence.Steps.Select(step => step.Over).ToList();
        var fault = limits.Zip(limits.Skip(1)).Any(pair => pair.First >= pair.Second) || absence.Steps.Select(step => step.Code).Distinct().Count() != absence.Steps.Count ? "the steps of absence do not rise, or two have one code"
            : absence.Steps.SelectMany(step => step.Needs).Except(AbsenceNeeds.All).Any() ? "a step of absence has a need that is not known"
            : absence.Steps.SelectMany(step => step.Guidance).Concat(absence.Prevention).Except(catalogue.Texts.Guidance.Keys).Any() ? "guidance on absence has no words"
            : catalogue.Topics.All(topic => topic.Code != absence.Topic) ? "the topic of absence is not known"
            : !Starts(absence).Any() ? "absence has no counting period"
            : null;
        if (fault is not null)
        {
            throw new JsonException($"Policy of {area}: {fault}.");
        }
    }
}
