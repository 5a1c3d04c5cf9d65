using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <summary>All words and hours of a follow-up are destroyed for good (C-98), also while it is open. A consultation that came of it is erased by itself.</summary>
public static class EraseAbsenceFollowUp
{
    /// <param name="CompleteBy">When no backup can bring the words back any more.</param>
    public sealed record Command(Guid FollowUpId, DateTimeOffset Now, DateTimeOffset CompleteBy);

    public static Decision<AbsenceEvent> Decide(AbsenceFollowUp state, Command command) => state switch
    {
        { Id: var id } when id == Guid.Empty => AbsenceFollowUp.Unknown,
        { Erased: true } => Decision<AbsenceEvent>.Nothing,
        _ => new AbsenceFollowUpErased(command.FollowUpId, command.Now, command.CompleteBy),
    };

    public static void MapEraseAbsenceFollowUp(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/erasure", async (Guid id, HttpContext http, AbsenceDesk desk, Erasures erasures, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await desk.Own(id, caller, cancellation) is not { } view)
            {
                return Problems.Unknown();
            }

            var expected = Versions.Expected(http.Request);
            if (view.Erased is not null)
            {
                return await desk.Answer(http, new AbsenceWritten(view, null), caller, cancellation);
            }

            var outcome = await erasures.Erase(
                AbsenceFollowUp.Aggregate,
                id,
                (state, now, completeBy) => Decide(state, new Command(id, now, completeBy)),
                (work, stop) => Redact(work, id, stop),
                caller,
                http.TraceIdentifier,
                expected,
                cancellation);
            return await desk.Answer(http, new AbsenceWritten(outcome.View as AbsenceFollowUpView ?? view, outcome.Rejection), caller, cancellation);
        })
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("EraseAbsenceFollowUp")
            .WithSummary("Destroy the words and hours of a follow-up for good. A consultation that came of it is erased by itself. Needs If-Match.")
            .Produces<AbsenceAnswer>()
            .OnVersion();

    internal static async Task Redact(Work work, Guid id, CancellationToken cancellation)
    {
        await work.Redact<AbsenceFollowUpStarted>(id, started => started with { MatterKey = null, TextIds = new Dictionary<string, Guid>() }, cancellation);
        await work.Redact<AbsenceHoursRecorded>(id, recorded => recorded with { Hours = 0, Kinds = null }, cancellation);
        await work.Redact<AbsenceHoursCorrected>(id, corrected => corrected with { Hours = 0, Kinds = null, ReasonTextId = Guid.Empty }, cancellation);
        await work.Redact<AbsenceMeetingHeld>(id, held => held with { HeldOn = default, ParticipantRoles = [], TextIds = new Dictionary<string, Guid>() }, cancellation);
        await work.Redact<AbsenceContactRecorded>(id, made => made with { ContactKind = string.Empty, MadeOn = default }, cancellation);
        await work.Redact<AbsenceFollowUpAgreed>(id, agreed => agreed with { FollowUp = agreed.FollowUp with { ResponsibleRef = string.Empty } }, cancellation);
    }
}
