using OtPlatform.Contracts;
using OtPlatform.Intake.PartnerApi;
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
        { Status: ConsultationStatus.Withdrawn } => Decision<ConsultationEvent>.Nothing,
        { Ended: { } ended } => ended,
        _ => new ConsultationWithdrawn(command.ConsultationId, command.Now),
    };

    public static void MapWithdrawConsultation(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/withdrawal", async (Guid id, HttpContext http, RequestersDesk desk, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await desk.Own(id, caller, cancellation) is not { } view)
            {
                return Problems.Unknown();
            }

            var written = await Withdraw(desk, view, caller, http.TraceIdentifier, Versions.Expected(http.Request), cancellation);
            return await ReadConsultation.Answer(http, desk, written, caller, cancellation);
        })
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("WithdrawConsultation")
            .WithSummary("Withdraw the request. Needs If-Match.")
            .Produces<ConsultationAnswer>()
            .OnVersion()
            .Refuses(Refusals.WhenOver);

    internal static Task<Written> Withdraw(RequestersDesk desk, RequestersView view, Caller caller, string cause, long? expected, CancellationToken cancellation) =>
        desk.Write(view, caller, cause, expected, new Dictionary<string, string>(), (state, now, _) => Decide(state, new Command(view.Id, now)), cancellation);
}
