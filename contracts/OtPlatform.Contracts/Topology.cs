namespace OtPlatform.Contracts;

/// <summary>A durable quorum queue and the events bound to it: all that one service consumes of one aggregate.</summary>
/// <param name="Queue"><c>service-aggregate</c>; part of the wire address, never renamed.</param>
/// <param name="InOrder">True when one consumer at a time may read it, so that a stream's messages keep their order across replicas.</param>
public sealed record Subscription(string Queue, bool InOrder, params Type[] Messages);

/// <summary>Every queue of the platform. Each service declares all of them before it publishes, so that a first start loses nothing.</summary>
public static class Topology
{
    public const string TriageConsultation = "triage-consultation";
    public const string TriageImmediateDanger = "triage-immediate-danger";
    public const string IntakeTriageCase = "intake-triage-case";

    public static readonly IReadOnlyList<Subscription> Subscriptions =
    [
        new(TriageConsultation, true, typeof(Intake.ConsultationSubmitted), typeof(Intake.InformationAdded), typeof(Intake.ConsultationWithdrawn)),
        new(TriageImmediateDanger, false, typeof(Intake.ImmediateDangerReported)),
        new(IntakeTriageCase, true, typeof(Triage.CaseOpened), typeof(Triage.CaseReassessed), typeof(Triage.InformationRequested), typeof(Triage.RouteDecided)),
    ];
}
