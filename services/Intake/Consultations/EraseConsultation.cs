using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>All words of the request are destroyed for good (C-98). An open one is withdrawn by it, which wins over whatever is under way; it still lists.</summary>
public static class EraseConsultation
{
    /// <param name="CompleteBy">When no backup can bring the words back any more.</param>
    public sealed record Command(Guid ConsultationId, DateTimeOffset Now, DateTimeOffset CompleteBy);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Status: null } => Consultation.NotSubmitted,
        { Erased: true } => Decision<ConsultationEvent>.Nothing,
        { IsOpen: true } => new ConsultationEvent[] { new ConsultationWithdrawn(command.ConsultationId, command.Now), Erased(command) },
        _ => Erased(command),
    };

    /// <summary>The submission without what belongs to one client or one worker: the matter, the municipality, the worker's reference, the answers of a screening.</summary>
    public static ConsultationSubmitted Redacted(ConsultationSubmitted submitted)
    {
        ArgumentNullException.ThrowIfNull(submitted);
        return submitted with
        {
            MatterKey = null,
            Municipality = null,
            ResponsibleWorkerRef = null,
            Screening = null,
            SchoolAbsence = null,
            TextIds = new Dictionary<string, Guid>(),
        };
    }

    public static void MapEraseConsultation(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/erasure", async (Guid id, HttpContext http, RequestersDesk desk, Erasures erasures, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await desk.Own(id, caller, cancellation) is not { } view)
            {
                return Problems.Unknown();
            }

            var written = await erasures.Erase(view, caller, http.TraceIdentifier, Versions.Expected(http.Request), cancellation);
            return await ReadConsultation.Answer(http, desk, written, caller, cancellation);
        })
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("EraseConsultation")
            .WithSummary("Destroy all words of the request for good; an open one is withdrawn. The answer says by when it holds for backups too. Needs If-Match.")
            .Produces<ConsultationAnswer>()
            .OnVersion();

    internal static async Task Redact(Work work, Guid id, CancellationToken cancellation)
    {
        await work.Redact<ConsultationSubmitted>(id, Redacted, cancellation);
        await work.Redact<ResponsibleWorkerChanged>(id, changed => changed with { Ref = string.Empty }, cancellation);
        await work.Redact<ImmediateDangerReported>(id, reported => reported with { Submission = Redacted(reported.Submission) }, cancellation);
        work.EmptyParked(id);
    }

    private static ConsultationErased Erased(Command command) => new(command.ConsultationId, command.Now, command.CompleteBy);
}
