using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.AbsenceFollowUps;

/// <summary>A plain follow-up of absence and its usual next steps, by the default policy.</summary>
internal static class Absence
{
    private static readonly string[] Roles = ["teacher"];
    private static readonly Dictionary<string, Guid> Texts = [];

    public static readonly Guid Id = Guid.Parse("019ab000-0000-7000-8000-0000000000a1");
    public static readonly Guid ConsultationId = Guid.Parse("019ab000-0000-7000-8000-0000000000a2");
    public static readonly Guid ReasonId = Guid.Parse("019ab000-0000-7000-8000-0000000000a3");
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Before = Now.AddDays(-1);
    public static readonly DateTimeOffset Later = Now.AddDays(60);
    public static readonly DateOnly Today = new(2026, 11, 20);
    public static readonly AgreedFollowUp Agreed = new(new DateOnly(2026, 12, 10), "sw-114", new DateTimeOffset(2026, 12, 10, 6, 0, 0, TimeSpan.Zero));
    public static readonly AgreedFollowUp Next = new(new DateOnly(2027, 1, 20), "sw-114", new DateTimeOffset(2027, 1, 20, 6, 0, 0, TimeSpan.Zero));

    public static readonly IReadOnlyList<AbsenceStep> Policy = Repository.Catalogue.Policy<IntakeSettings>("sisa").Absence.Steps;

    public static readonly AbsenceFollowUpStarted Started = new(
        Id, "partner-pirkanmaa", "matter", "sisa", "pirkanmaa", "fi", "13-15", new DateOnly(2026, 8, 1), new DateOnly(2027, 7, 31),
        new DateTimeOffset(2027, 7, 31, 21, 0, 0, TimeSpan.Zero), "default.1", new Dictionary<string, Guid>(), Now.AddDays(-30));

    /// <summary>All three steps reached, met about and followed up.</summary>
    public static AbsenceEvent[] Over70 =>
        [Hours(71), Crossed("over-30"), Crossed("over-50"), Crossed("over-70"), Held("over-30"), Held("over-50"), Held("over-70"), FollowedUp("over-70")];

    public static RecordAbsenceHours.Command Report(decimal hours, Guid? reason = null) => new(Id, hours, null, reason, Policy, DueFrom(Now), Today, Now);

    public static HoldAbsenceMeeting.Command Meeting() => new(Id, null, Today, Roles, true, false, Texts, null, Now);

    public static AbsenceHoursRecorded Hours(decimal hours) => new(Id, hours, null, Before);

    public static AbsenceThresholdCrossed Crossed(string step) => Crossed(step, Before);

    public static AbsenceThresholdCrossed Crossed(string step, DateTimeOffset at)
    {
        var known = Policy.Single(one => one.Code == step);
        return new AbsenceThresholdCrossed(Id, step, known.Over, known.Needs, known.Guidance, at, DueFrom(at));
    }

    public static AbsenceMeetingHeld Held(string step) => new(Id, step, Today, Roles, true, false, Texts, Before);

    public static AbsenceFollowUpAgreed FollowedUp(string step) => new(Id, step, Agreed, Before);

    public static DateTimeOffset DueFrom(DateTimeOffset at) => at.AddDays(14);
}
