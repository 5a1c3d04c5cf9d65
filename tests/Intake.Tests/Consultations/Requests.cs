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

    public static readonly ConsultationErased Erased = new(Id, Now.AddMinutes(10), Now.AddDays(37));

    public static readonly Guid ExpertId = Guid.Parse("00000000-0000-0000-0000-0000000000e1");
    public static readonly Guid OtherExpertId = Guid.Parse("00000000-0000-0000-0000-0000000000e2");
    public static readonly Guid InvitationId = Guid.Parse("00000000-0000-0000-0000-0000000000a1");
    public static readonly DateOnly LastDay = new(2027, 2, 12);
    public static readonly Member OwnWorker = new(null, "responsibleWorker", null, null, null, null, new DateOnly(2026, 11, 23), LastDay);
    public static readonly Member Expert = new(ExpertId, "expert", "health", "county-hospital", "psychologist", "virtual", new DateOnly(2026, 11, 23), LastDay);
    public static readonly ExpertAdmitted Admitted = new(Id, ExpertId, InvitationId, LastDay, Now.AddMinutes(6));
    public static readonly ConsultationArranged Arranged = new(Id, Expert with { Role = "consultant" }, Now.AddMinutes(7), Routed.DecidedAt, Step(7));
    public static readonly TeamStarted Started = new(Id, [OwnWorker, Expert], true, Now.AddMinutes(7), Routed.DecidedAt, Step(7));
    public static readonly ServiceGapFound Gap = new(Id, Now.AddMinutes(7), Routed.DecidedAt, Step(8));
    public static readonly HandedToCoordinator Handed = new(Id, "roundsOver", Now.AddMinutes(7), Routed.DecidedAt, Step(9));
    public static readonly ConsultationAnswered Answered = new(Id, Guid.Parse("00000000-0000-0000-0000-0000000000f1"), ["k-1"], "expert", Now.AddMinutes(8), Routed.DecidedAt, ObjectUntil(10));
    public static readonly TeamEnded Ended = new(Id, "goalsReached", Now.AddMinutes(8), Routed.DecidedAt, ObjectUntil(11));
    public static readonly ReferralProposed Proposed = new(Id, "hospital-unit", Now.AddMinutes(6), Step(12));
    public static readonly ReferralAccepted Accepted = new(Id, "hospital-unit", Now.AddMinutes(7), Step(13));
    public static readonly ReferralReturned Returned = new(Id, "hospital-unit", "noCapacity", Now.AddMinutes(7), Step(14));
    public static readonly AnswerObjected Objected = new(Id, Guid.Parse("00000000-0000-0000-0000-0000000000f2"), Now.AddMinutes(9));
    public static readonly TriageAwaited Awaited = new(Id, Objected.ObjectedAt, Step(15));
    public static readonly ConsultationClosed Closed = new(Id, "confirmed", Now.AddMinutes(9));

    public static ConsultationEvent[] Upto(params ConsultationEvent[] more) => [Submitted, TookOver, Routed, .. more];

    /// <summary>Time to object until so many hours after <see cref="Now"/>.</summary>
    public static NextStep ObjectUntil(int hours) => new(Now.AddHours(hours), Now.AddHours(hours));

    /// <summary>Due so many hours after <see cref="Now"/>, overdue an hour later.</summary>
    public static NextStep Step(int hours) => new(Now.AddHours(hours), Now.AddHours(hours + 1));
}
