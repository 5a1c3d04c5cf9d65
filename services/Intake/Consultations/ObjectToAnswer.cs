using OtPlatform.Contracts;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>The answer does not help.</summary>
/// <param name="Reason">In the requester's own words; may be left out.</param>
public sealed record ObjectionBody(string? Reason);

/// <summary>The requester does not have what they need from the answer or the holder of knowledge: the matter is in triage again (R1).</summary>
public static class ObjectToAnswer
{
    private const string ReasonText = "objection";

    public sealed record Command(AnswerObjected Objected, NextStep Next);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { TakesObjection: false } => Consultation.NotAnswered,
        _ => new ConsultationEvent[] { command.Objected, new TriageAwaited(command.Objected.ConsultationId, command.Objected.ObjectedAt, command.Next) },
    };

    public static void MapObjectToAnswer(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/objection", async (Guid id, HttpContext http, RequestersDesk desk, IntakePolicy policy, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await desk.Own(id, caller, cancellation) is not { } view)
            {
                return Problems.Unknown();
            }

            var expected = Versions.Expected(http.Request);
            var written = await desk.Write(
                view,
                caller,
                http.TraceIdentifier,
                expected,
                TextsOf(await BodyOf(http.Request, cancellation)),
                (state, now, texts) => Decide(state, new Command(
                    new AnswerObjected(id, texts.TryGetValue(ReasonText, out var reason) ? reason : null, now), policy.AfterReceiving(view.Area, view.EmergencyNotice is EmergencyNotice.ImmediateDanger, now))),
                cancellation);
            return await ReadConsultation.Answer(http, desk, written, caller, cancellation);
        })
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("ObjectToAnswer")
            .WithSummary("Say that the answer does not help; the matter is assessed again. Needs If-Match.")
            .Accepts<ObjectionBody>(isOptional: true, "application/json")
            .Produces<ConsultationAnswer>()
            .OnVersion()
            .Refuses([.. Refusals.WhenOver, Consultation.NotAnswered]);

    private static async Task<ObjectionBody> BodyOf(HttpRequest request, CancellationToken cancellation)
    {
        if (await StrictJson.ReadOptionalBody(request, cancellation) is not { } raw)
        {
            return new ObjectionBody(null);
        }

        IdentityCodes.Refuse(raw);
        var body = StrictJson.Parse<ObjectionBody>(raw);
        return SubmissionRules.FaultOf(body.Reason, required: false) is { } fault ? throw new InvalidInputException("$.reason", fault) : body;
    }

    private static Dictionary<string, string> TextsOf(ObjectionBody body) =>
        !SubmissionRules.Says(body.Reason) ? [] : new Dictionary<string, string> { [ReasonText] = body.Reason };
}
