using OtPlatform.Contracts;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>A partner asks for help, once and in their own words. Acknowledged means stored.</summary>
public static class SubmitConsultation
{
    /// <param name="Submission">The facts, with ids of the vaulted texts.</param>
    /// <param name="KeyPerson">When the area lets it go by way of its key person. Danger never waits for one.</param>
    public sealed record Command(ConsultationSubmitted Submission, KeyPersonAsked? KeyPerson = null);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => (state, command.Submission) switch
    {
        ({ Status: not null }, _) => Decision<ConsultationEvent>.Nothing,
        (_, { ImmediateDanger: true } danger) => new ConsultationEvent[] { danger, new ImmediateDangerReported(danger.ConsultationId, danger, danger.SubmittedAt) },
        (_, { HighRisk: false } submission) when command.KeyPerson is { } keyPerson => new ConsultationEvent[] { submission, keyPerson },
        (_, var submission) => submission,
    };

    public static void MapSubmitConsultation(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/", Handle)
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("SubmitConsultation")
            .WithSummary("Ask for help. The Idempotency-Key header makes a repeat harmless.")
            .Accepts<SubmissionBody>("application/json")
            .Produces<ConsultationAnswer>(StatusCodes.Status202Accepted)
            .TakesHeaders(IdempotencyKey.Header)
            .GivesHeaders("Location")
            .Refuses(StatusCodes.Status403Forbidden, Submissions.NoOrganisation, Submissions.OtherCounty)
            .Refuses(Submissions.KeyReused, Submissions.InProgress, Consultation.AlreadyErased);

    private static async Task<IResult> Handle(HttpContext http, Submissions submissions, CancellationToken cancellation)
    {
        var caller = Caller.From(http.User);
        var (acknowledged, refusal) = await submissions.Submit(
            caller, IdempotencyKey.From(http.Request), () => StrictJson.ReadBody(http.Request, cancellation), http.TraceIdentifier, cancellation);
        if (acknowledged is null)
        {
            return Acknowledgements.Refused(http, refusal!);
        }

        http.Response.Headers.ETag = acknowledged.Tag;
        http.Response.Headers.Location = $"/v1/consultations/{acknowledged.ConsultationId}";
        return Results.Text(acknowledged.Answer, "application/json; charset=utf-8", statusCode: StatusCodes.Status202Accepted);
    }
}
