using OtPlatform.Contracts.Intake;
using OtPlatform.Contracts.Triage;

namespace OtPlatform.Coordination.Journal;

/// <summary>What an erasure takes out of the journal: the matter, the municipality, the worker's reference and the answers of a screening (R8).</summary>
internal static class Redaction
{
    /// <summary>An entry of this kind holds some of it.</summary>
    public static bool Concerns(JournalEntry entry) =>
        entry.What is nameof(ConsultationSubmitted) or nameof(ImmediateDangerReported) or nameof(ResponsibleWorkerChanged) or nameof(RouteDecided);

    /// <summary>The entry without it.</summary>
    public static JournalEntry Of(JournalEntry entry) => Concerns(entry) ? entry with { Event = EventJson.Of(Redacted(ContractEvent.Of(entry))) } : entry;

    private static object Redacted(object message) => message switch
    {
        ConsultationSubmitted e => Redacted(e),
        ImmediateDangerReported { Consultation: { } submitted } e => e with { Consultation = Redacted(submitted) },
        ResponsibleWorkerChanged e => e with { Ref = string.Empty },
        RouteDecided { Matter: { } matter } e => e with { Matter = matter with { ResponsibleWorkerRef = null } },
        _ => message,
    };

    private static ConsultationSubmitted Redacted(ConsultationSubmitted submitted) => submitted with
    {
        MatterKey = null,
        Municipality = null,
        ResponsibleWorkerRef = null,
        Screening = null,
        TextIds = new Dictionary<string, Guid>(),
    };
}
