using System.Globalization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.KnowledgeHolders;

/// <summary>A holder of knowledge as the catalogue shows one.</summary>
public sealed record KnowledgeHolderEntry(Guid Id, KnowledgeHolderFacts Facts, DateTimeOffset? EndedAt, long Version)
{
    /// <summary>Somebody may be pointed to it on that day.</summary>
    public bool IsInForce(DateOnly today) => EndedAt is null && Facts.ValidUntil >= today;
}

/// <summary>A holder of knowledge over REST.</summary>
/// <param name="InForce">Somebody may be pointed to it today.</param>
/// <param name="Version">Also the ETag.</param>
public sealed record KnowledgeHolderAnswer(
    Guid HolderId, Label Name, string Country, IReadOnlyList<string> Topics, IReadOnlyList<string> Languages, string Contact, DateOnly ValidUntil, bool InForce, long Version);

/// <summary>A page of the holders of knowledge, by id.</summary>
/// <param name="Next">Send it as <c>cursor</c> for the next page; null on the last.</param>
public sealed record KnowledgeHolderPage(IReadOnlyList<KnowledgeHolderAnswer> Items, string? Next);

/// <summary>Whoever may read the pool reads all holders of knowledge: nothing of them is anybody's own.</summary>
public static class KnowledgeHolderDirectory
{
    public static void MapKnowledgeHolderDirectory(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/", async (string? topic, bool? alsoEnded, string? cursor, int? size, StreamStore streams, Catalogue catalogue, TimeProvider clock, CancellationToken cancellation) =>
        {
            var today = Today(clock);
            var (items, next) = await Page(new WantedPage(topic, alsoEnded == true, cursor, size), streams, catalogue, today, cancellation);
            return Results.Json(new KnowledgeHolderPage([.. items.Select(entry => Render(entry, today))], next), StrictJson.Options);
        })
            .RequireAuthorization(Scopes.ExpertsRead)
            .WithName("ListKnowledgeHolders")
            .WithSummary("Who has more exact knowledge, a page at a time: organisations and units, never people.")
            .Produces<KnowledgeHolderPage>();

        endpoints.MapGet("/{id:guid}", async (Guid id, HttpContext http, StreamStore streams, TimeProvider clock, CancellationToken cancellation) =>
            await streams.Load<KnowledgeHolderEntry>(id, cancellation) is { } entry ? Answer(http, entry, clock) : Problems.Unknown())
            .RequireAuthorization(Scopes.ExpertsRead)
            .WithName("ReadKnowledgeHolder")
            .WithSummary("One holder of knowledge.")
            .Produces<KnowledgeHolderAnswer>();
    }

    /// <exception cref="InvalidInputException">An unknown topic or cursor, or too large a page.</exception>
    internal static Task<(IReadOnlyList<KnowledgeHolderEntry> Items, string? Next)> Page(
        WantedPage wanted, StreamStore streams, Catalogue catalogue, DateOnly today, CancellationToken cancellation) =>
        wanted.Of<KnowledgeHolderEntry>(
            streams,
            catalogue,
            ("data ->> 'endedAt' is null and data -> 'facts' ->> 'validUntil' >= ?", [today.ToString("O", CultureInfo.InvariantCulture)]),
            entry => entry.Id,
            cancellation);

    internal static IResult Answer(HttpContext http, KnowledgeHolderEntry entry, TimeProvider clock, int status = StatusCodes.Status200OK)
    {
        http.Response.Headers.ETag = Versions.Tag(entry.Version);
        return Results.Json(Render(entry, Today(clock)), StrictJson.Options, statusCode: status);
    }

    /// <summary>The entry as a decision left it.</summary>
    internal static async Task<KnowledgeHolderEntry> After(Outcome<KnowledgeHolder> outcome, Guid id, StreamStore streams, CancellationToken cancellation) =>
        outcome.View as KnowledgeHolderEntry ?? await streams.Load<KnowledgeHolderEntry>(id, cancellation) ?? throw new InvalidOperationException("A registered holder of knowledge has an entry.");

    internal static DateOnly Today(TimeProvider clock) => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    private static KnowledgeHolderAnswer Render(KnowledgeHolderEntry entry, DateOnly today) => new(
        entry.Id, entry.Facts.Name, entry.Facts.Country, entry.Facts.Topics, entry.Facts.Languages, entry.Facts.Contact, entry.Facts.ValidUntil, entry.IsInForce(today), entry.Version);
}
