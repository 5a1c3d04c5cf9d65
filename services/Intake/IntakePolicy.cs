using OtPlatform.Contracts;
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
}
