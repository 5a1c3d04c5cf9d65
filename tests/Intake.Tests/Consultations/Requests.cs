using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>A plain consultation and its usual next steps.</summary>
internal static class Requests
{
    public static readonly Guid Id = Guid.Parse("019ab000-0000-7000-8000-000000000001");
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    public static readonly DeciderSpec<Consultation, ConsultationEvent> Request = new(Consultation.Aggregate);

    public static readonly ConsultationSubmitted Submitted = new(
        Id, "OT-TEST-0001", "partner-pirkanmaa", "matter", ConsultationKind.ClientWork, "sisa", "pirkanmaa", "Tampere", "fi", "13-15",
        ["violence.family"], ["unclear"], ["school"], [], "social", "family-worker", Guid.Parse("00000000-0000-0000-0000-000000000002"),
        "own-worker", "w-1", 1, Urgency.Soon, false, false, false, [], "consent", null, null, null, EmergencyNotice.None,
        new Dictionary<string, Guid>(), Now, Step(1));

    public static readonly TriageTookOver TookOver = new(Id, false, Now.AddMinutes(1), Step(2));
    public static readonly InformationAsked Asked = new(Id, ["triedSoFar"], Now.AddMinutes(2), Step(3));
    public static readonly InformationAdded Added = new(Id, 2, null, null, null, false, null, null, new Dictionary<string, Guid>(), Now.AddMinutes(3), Step(4));
    public static readonly TriageResumed Resumed = new(Id, false, Now.AddMinutes(4), Step(5));
    public static readonly RouteFollowed Routed = new(Id, Route.HybridTeam, false, Now.AddMinutes(5), Step(6));
    public static readonly ConsultationWithdrawn Withdrawn = new(Id, Now.AddMinutes(6));

    /// <summary>Due so many hours after <see cref="Now"/>, overdue an hour later.</summary>
    public static NextStep Step(int hours) => new(Now.AddHours(hours), Now.AddHours(hours + 1));
}
