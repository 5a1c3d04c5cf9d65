using OtPlatform.Contracts;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>
/// The area's key person passes a request on to the coordinators (C-06). They add no words and change none: whoever reads it later reads
/// what the requester wrote.
/// </summary>
public static class PassOn
{
    /// <param name="Next">For the coordinators.</param>
    public sealed record Command(Guid ConsultationId, DateTimeOffset Now, NextStep Next);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { PassedOnAt: not null } => Decision<ConsultationEvent>.Nothing,
        { Responsible: not Accountable.KeyPerson } => Consultation.NotWithKeyPerson,
        _ => new PassedOn(command.ConsultationId, command.Now, command.Next),
    };

    public static void MapPassOn(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/pass-on", async (Guid id, HttpContext http, StreamStore streams, RequestersDesk desk, IntakePolicy policy, TimeProvider clock, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await streams.Load<RequestersView>(id, cancellation) is not { } view || !ReadConsultation.MaySee(caller, view))
            {
                return Problems.Unknown();
            }

            var expected = Versions.Expected(http.Request);
            if (!IsKeyPerson(caller, view))
            {
                return Problems.Of(Consultation.NotWithKeyPerson);
            }

            var now = clock.GetUtcNow();
            var outcome = await streams.Decide(
                Consultation.Aggregate,
                id,
                state => Decide(state, new Command(id, now, policy.AfterReceiving(view.Area, danger: false, now))),
                new Origin(caller.Subject, id.ToString(), http.TraceIdentifier),
                cancellation,
                expected);
            return await ReadConsultation.Answer(http, desk, new Written(outcome.View as RequestersView ?? view, outcome.Rejection), caller, cancellation);
        })
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("PassOn")
            .WithSummary("As the area's key person, pass a request on to the coordinators as it is. Needs If-Match.")
            .Produces<ConsultationAnswer>()
            .OnVersion()
            .Refuses([.. Refusals.WhenOver, Consultation.NotWithKeyPerson]);

    internal static bool IsKeyPerson(Caller caller, RequestersView view) => view.KeyPerson is { } keyPerson && caller.Claim(ClaimNames.Organisation) == keyPerson;
}
