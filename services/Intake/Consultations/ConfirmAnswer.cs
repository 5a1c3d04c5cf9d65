using OtPlatform.Contracts;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>The requester has what they need, or knows that the receiver has taken the matter: the consultation is closed. Who has reached the named holder of knowledge has an answer, and a date to object to it.</summary>
public static class ConfirmAnswer
{
    public const string Reason = "confirmed";

    /// <param name="UntilObjected">Until the time to object is over, once the holder of knowledge is reached.</param>
    public sealed record Command(Guid ConsultationId, DateTimeOffset Now, NextStep UntilObjected);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Status: ConsultationStatus.Closed } => Decision<ConsultationEvent>.Nothing,
        { Ended: { } ended } => ended,
        { LastWordAt: var last } when last == command.Now => Decision<ConsultationEvent>.Nothing,
        { Status: ConsultationStatus.PointedToKnowledgeHolder } =>
            state.WithAlarmKept(new ContactConfirmed(command.ConsultationId, command.Now, command.UntilObjected), command.Now),
        { TakesConfirmation: false } => Consultation.NotAnswered,
        _ => new ConsultationClosed(command.ConsultationId, Reason, command.Now),
    };

    public static void MapConfirmAnswer(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/confirmation", async (Guid id, HttpContext http, RequestersDesk desk, IntakePolicy policy, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await desk.Own(id, caller, cancellation) is not { } view)
            {
                return Problems.Unknown();
            }

            var written = await desk.Write(
                view, caller, http.TraceIdentifier, Versions.Expected(http.Request), new Dictionary<string, string>(), (state, now, _) => Decide(state, new Command(id, now, policy.AfterAnswer(view.Area, now))), cancellation);
            return await ReadConsultation.Answer(http, desk, written, caller, cancellation);
        })
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("ConfirmAnswer")
            .WithSummary("Say that you have what you need, and the consultation is closed; or that you have reached the holder of knowledge. Needs If-Match.")
            .Produces<ConsultationAnswer>()
            .OnVersion()
            .Refuses([.. Refusals.WhenOver, Consultation.NotAnswered]);
}
