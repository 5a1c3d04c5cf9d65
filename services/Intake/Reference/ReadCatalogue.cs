using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using OtPlatform.Contracts;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;

namespace OtPlatform.Intake.Reference;

/// <summary>Names of the lists that can be asked for.</summary>
/// <param name="Lists">Names to ask for one by one.</param>
public sealed record CatalogueIndex(IReadOnlyList<string> Lists);

/// <summary>The code lists that a partner's forms are built from; they change seldom, and an entity tag says when.</summary>
public static class ReadCatalogue
{
    private const int TagBytes = 12;

    public static void MapCatalogue(this IEndpointRouteBuilder endpoints)
    {
        var catalogue = endpoints.MapGroup("/v1/catalogue").WithTags("Catalogue").RefuseUnsaidQueries();
        var known = endpoints.ServiceProvider.GetRequiredService<Catalogue>();

        // By the text itself: a list that has changed is another.
        var published = new ConditionalWeakTable<string, PublishedList>();

        catalogue.MapGet("/", () => Results.Json(new CatalogueIndex([.. known.Lists.Keys]), StrictJson.Options))
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ListCatalogue")
            .WithSummary("Names of all lists.")
            .Produces<CatalogueIndex>();

        catalogue.MapGet("/{list}", (string list, HttpContext http) =>
        {
            if (!known.Lists.TryGetValue(list, out var text))
            {
                return Problems.Unknown();
            }

            var found = published.GetValue(text, Publish);

            http.Response.Headers.ETag = found.Tag;
            http.Response.Headers.CacheControl = "private, no-cache";
            return http.Request.Headers.IfNoneMatch.Any(tags => tags is not null && tags.Split(',', StringSplitOptions.TrimEntries).Any(tag => tag == found.Tag || tag == $"W/{found.Tag}" || tag == "*"))
                ? Results.StatusCode(StatusCodes.Status304NotModified)
                : Results.Bytes(found.Body, "application/json; charset=utf-8");
        })
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ReadCatalogue")
            .WithSummary("One list with its version. If-None-Match with the last ETag answers 304 while nothing has changed.")
            .Produces<object>()
            .Produces(StatusCodes.Status304NotModified)
            .TakesHeaders("If-None-Match")
            .GivesHeaders("ETag");
    }

    private static PublishedList Publish(string list)
    {
        var body = Encoding.UTF8.GetBytes(list);
        return new PublishedList($"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, TagBytes))}\"", body);
    }

    private sealed record PublishedList(string Tag, byte[] Body);
}
