using OtPlatform.Contracts;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>What a requester has said of their own consultation, when the rules for its body hold.</summary>
/// <param name="View">As it stood when they said it.</param>
/// <param name="Texts">Ids of the sealed texts by kind.</param>
/// <param name="Now">When they said it; identifies the word.</param>
public sealed record Said<TBody>(RequestersView View, TBody Body, IReadOnlyDictionary<string, Guid> Texts, DateTimeOffset Now, IntakePolicy Policy, Catalogue Catalogue)
{
    public Guid Id => View.Id;

    public Guid? Text(string kind) => Texts.TryGetValue(kind, out var id) ? id : null;

    /// <summary>Until Triage has taken the matter over.</summary>
    public NextStep UntilTriage(bool danger) => Policy.AfterReceiving(View.Area, danger, Now);
}

/// <summary>One thing that a requester may say after the submission.</summary>
/// <param name="Check">Names what is wrong with the body.</param>
/// <param name="Texts">The body's words by kind; they go to the vault.</param>
public sealed record LaterWord<TBody>(
    Action<SubmissionRules, TBody> Check,
    Func<TBody, IReadOnlyDictionary<string, string>> Texts,
    Func<Consultation, Said<TBody>, Decision<ConsultationEvent>> Decide)
    where TBody : class;

/// <summary>Takes a requester's later words in, whichever they are and whichever interface they come through: whose consultation, identity codes, bounds, version, vault.</summary>
public sealed class LaterWords(RequestersDesk desk, Catalogue catalogue, IntakePolicy policy, TimeProvider clock)
{
    /// <summary>The desk that knows whose consultation it is.</summary>
    public RequestersDesk Desk => desk;

    /// <exception cref="InvalidInputException">The body is not what it has to be.</exception>
    public Task<Written> Take<TBody>(LaterWord<TBody> word, byte[] raw, RequestersView view, Caller caller, string cause, long? expected, CancellationToken cancellation)
        where TBody : class
    {
        IdentityCodes.Refuse(raw);
        var body = StrictJson.Parse<TBody>(raw);
        var rules = new SubmissionRules(catalogue, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
        word.Check(rules, body);
        return rules.Errors.Count > 0
            ? throw new InvalidInputException(rules.Errors)
            : desk.Write(
                view,
                caller,
                cause,
                expected,
                word.Texts(body).Where(text => SubmissionRules.Says(text.Value)).ToDictionary(),
                (state, now, texts) => word.Decide(state, new Said<TBody>(view, body, texts, now, policy, catalogue)),
                cancellation);
    }
}

/// <summary>The partner API's actions that are later words.</summary>
internal static class LaterWordEndpoints
{
    /// <param name="action">Last part of the address, as <c>allowedActions</c> names it.</param>
    /// <param name="bodyless">A request without a body stands for an empty one.</param>
    public static RouteHandlerBuilder MapLaterWord<TBody>(this IEndpointRouteBuilder endpoints, string action, string name, string summary, LaterWord<TBody> word, bool bodyless = false)
        where TBody : class =>
        endpoints.MapPost($"/{{id:guid}}/{action}", async (Guid id, HttpContext http, LaterWords words, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await words.Desk.Own(id, caller, cancellation) is not { } view)
            {
                return Problems.Unknown();
            }

            var expected = Versions.Expected(http.Request);
            var raw = bodyless ? await StrictJson.ReadOptionalBody(http.Request, cancellation) ?? "{}"u8.ToArray() : await StrictJson.ReadBody(http.Request, cancellation);
            var written = await words.Take(word, raw, view, caller, http.TraceIdentifier, expected, cancellation);
            return await ReadConsultation.Answer(http, words.Desk, written, caller, cancellation);
        })
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName(name)
            .WithSummary($"{summary} Needs If-Match.")
            .Accepts<TBody>(bodyless, "application/json")
            .Produces<ConsultationAnswer>()
            .OnVersion();
}
