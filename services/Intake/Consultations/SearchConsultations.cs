using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>What is looked for; a client's reference is never part of an address, which ends in logs.</summary>
/// <param name="ClientRef">The partner's own pseudonymous case key, as it was sent.</param>
/// <param name="Status">Only those with this status.</param>
/// <param name="Cursor"><c>next</c> of the page before.</param>
/// <param name="Size">Entries on a page: 1 to 100, 50 when left out; what is beyond is taken as the nearest of them.</param>
public sealed record SearchBody(string? ClientRef, string? Status, string? Cursor, int? Size);

/// <summary>Finds the caller's own requests about one client by the partner's own reference.</summary>
public static class SearchConsultations
{
    public static void MapSearchConsultations(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/search", async (HttpContext http, StreamStore streams, Pseudonyms pseudonyms, Catalogue catalogue, RequestersWords words, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            var raw = await StrictJson.ReadBody(http.Request, cancellation);
            IdentityCodes.Refuse(raw);
            var body = StrictJson.Parse<SearchBody>(raw);
            if (body.ClientRef is not { Length: <= SubmissionRules.LongestLine } clientRef || !SubmissionRules.Says(clientRef))
            {
                throw new InvalidInputException("$.clientRef", "The reference that the request was sent with is required.");
            }

            if (caller.Claim(ClaimNames.Organisation) is not { } organisation)
            {
                return Results.Json(new ConsultationPage([], null), StrictJson.Options);
            }

            var page = await ReadConsultation.Page(
                caller, new PageOf(body.Status, body.Cursor, body.Size, pseudonyms.Matter(organisation, clientRef), PageFields.OfBody), streams, catalogue, words, cancellation);
            return Results.Json(page, StrictJson.Options);
        })
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("SearchConsultations")
            .WithSummary("The caller's own consultations about one client, by the caller's own reference of the client; newest first.")
            .Accepts<SearchBody>("application/json")
            .Produces<ConsultationPage>();
}
