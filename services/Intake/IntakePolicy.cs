using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Intake;

/// <summary>Whether the centre is on duty round the clock (E-03).</summary>
public sealed record DutySettings(bool RoundTheClock);

/// <summary>How long each step may take while Intake watches.</summary>
public sealed record StepAllowances(Allowance Received, Allowance Escalated, Allowance Grace);

/// <summary>The parts of an area's policy that Intake reads.</summary>
public sealed record IntakeSettings(WorkingHours WorkingHours, DutySettings Duty, StepAllowances Deadlines);

/// <summary>Due times of an area by its policy and calendar.</summary>
public sealed class IntakePolicy(Catalogue catalogue)
{
    private readonly Dictionary<string, (IntakeSettings Settings, WorkingCalendar Calendar)> _areas = catalogue.Areas.ToDictionary(
        area => area.Code,
        area =>
        {
            var settings = catalogue.Policy<IntakeSettings>(area.Code);
            return (settings, new WorkingCalendar(settings.WorkingHours));
        });

    /// <summary>Until Triage takes over.</summary>
    public NextStep AfterReceiving(string area, DateTimeOffset now) => Watched(area, _areas[area].Calendar.Due(now, _areas[area].Settings.Deadlines.Received));

    /// <summary>For the party that takes over after an overdue step.</summary>
    public NextStep AfterEscalation(string area, DateTimeOffset now) => Watched(area, _areas[area].Calendar.Due(now, _areas[area].Settings.Deadlines.Escalated));

    /// <summary>A due time set elsewhere, with our own grace before the next level is told.</summary>
    public NextStep Watched(string area, DateTimeOffset dueBy) => new(dueBy, _areas[area].Calendar.Due(dueBy, _areas[area].Settings.Deadlines.Grace));

    public bool IsOnDuty(string area, DateTimeOffset now) => _areas[area].Settings.Duty.RoundTheClock || _areas[area].Calendar.IsOpen(now);
}
