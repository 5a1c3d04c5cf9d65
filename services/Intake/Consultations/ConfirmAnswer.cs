using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>The requester has what they need, or knows that the receiver has taken the matter: the consultation is closed.</summary>
public static class ConfirmAnswer
{
    public const string Reason = "confirmed";

    public sealed record Command(Guid ConsultationId, DateTimeOffset Now);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Status: ConsultationStatus.Closed } => Decision<ConsultationEvent>.Nothing,
        { Ended: { } ended } => ended,
        { TakesConfirmation: false } => Consultation.NotAnswered,
        _ => new ConsultationClosed(command.ConsultationId, Reason, command.Now),
    };

    public static void MapConfirmAnswer(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/confirmation", async (Guid id, HttpContext http, RequestersDesk desk, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await desk.Own(id, caller, cancellation) is not { } view)
            {
                return Problems.Unknown();
            }

            var written = await desk.Write(
                view, caller, http.TraceIdentifier, Versions.Expected(http.Request), new Dictionary<string, string>(), (state, now, _) => Decide(state, new Command(id, now)), cancellation);
            return await ReadConsultation.Answer(http, desk, written, caller, cancellation);
        })
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("ConfirmAnswer")
            .WithSummary("Say that you have what you need; the consultation is closed. Needs If-Match.")
            .Produces<ConsultationAnswer>();
}
