using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>The requester no longer needs the help; wins over whatever is under way.</summary>
public static class WithdrawConsultation
{
    public sealed record Command(Guid ConsultationId, DateTimeOffset Now);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Status: ConsultationStatus.NotSubmitted } => Consultation.NotSubmitted,
        { Status: ConsultationStatus.Withdrawn } => Decision<ConsultationEvent>.Nothing,
        _ => new ConsultationWithdrawn(command.ConsultationId, command.Now),
    };

    public static void MapWithdrawConsultation(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/withdrawal", async (
            Guid id, HttpContext http, StreamStore streams, RequestersWords words, TimeProvider clock, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await streams.Load<RequestersView>(id, cancellation) is not { } view || caller.Claim(ClaimNames.Organisation) != view.Organisation)
            {
                return Problems.Unknown();
            }

            var outcome = await streams.Decide(
                Consultation.Aggregate,
                id,
                state => Decide(state, new Command(id, clock.GetUtcNow())),
                new Origin(caller.Subject, id.ToString(), http.TraceIdentifier),
                cancellation,
                Versions.Expected(http.Request));
            return outcome.Rejection is { } rejection ? Problems.Of(rejection) : ReadConsultation.Answer(http, words.Render(outcome.View as RequestersView ?? view));
        })
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("WithdrawConsultation")
            .WithSummary("Withdraw the request. Needs If-Match.")
            .Produces<ConsultationAnswer>();
}
