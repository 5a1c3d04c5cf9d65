using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.ExpertPool.V1;

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

/// <summary>Which page is asked for.</summary>
/// <param name="Topic">Only who knows of it; null for all.</param>
/// <param name="AlsoEnded">Also who has ended or was not registered anew in time.</param>
/// <param name="CursorName">What the caller calls the cursor.</param>
/// <param name="SizeName">What the caller calls the size.</param>
internal sealed record WantedHolders(string? Topic, bool AlsoEnded, string? Cursor, int? Size, string CursorName = "cursor", string SizeName = "size");

/// <summary>Whoever may read the pool reads all holders of knowledge: nothing of them is anybody's own.</summary>
public static class KnowledgeHolderDirectory
{
    private const int LargestPage = 100;
    private const int UsualPage = 50;

    public static void MapKnowledgeHolderDirectory(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/", async (string? topic, bool? alsoEnded, string? cursor, int? size, StreamStore streams, Catalogue catalogue, TimeProvider clock, CancellationToken cancellation) =>
        {
            var today = Today(clock);
            var (items, next) = await Page(new WantedHolders(topic, alsoEnded == true, cursor, size), streams, catalogue, today, cancellation);
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
    internal static async Task<(IReadOnlyList<KnowledgeHolderEntry> Items, string? Next)> Page(
        WantedHolders wanted, StreamStore streams, Catalogue catalogue, DateOnly today, CancellationToken cancellation)
    {
        var conditions = new List<string>();
        var parameters = new List<object>();
        void Only(string condition, object parameter)
        {
            conditions.Add(condition);
            parameters.Add(parameter);
        }

        if (wanted.Topic is { Length: > 0 } topic)
        {
            Only("jsonb_exists(data -> 'facts' -> 'topics', ?)", catalogue.Topics.Any(known => known.Code == topic) ? topic : throw new InvalidInputException("topic", "Not a known code of this list."));
        }

        if (!wanted.AlsoEnded)
        {
            Only("data ->> 'endedAt' is null and data -> 'facts' ->> 'validUntil' >= ?", today.ToString("O", CultureInfo.InvariantCulture));
        }

        if (wanted.Cursor is { Length: > 0 } cursor)
        {
            Only("id > ?", Guid.TryParseExact(cursor, "N", out var after) ? after : throw new InvalidInputException(wanted.CursorName, "Send the cursor exactly as the last page gave it."));
        }

        var take = PageSize.Of(wanted.Size, UsualPage, LargestPage, wanted.SizeName);
        var condition = conditions.Count == 0 ? string.Empty : $"where {string.Join(" and ", conditions)}";
        var found = await streams.Query<KnowledgeHolderEntry>($"{condition} order by id limit ?", cancellation, [.. parameters, take + 1]);
        return ([.. found.Take(take)], found.Count > take ? found[take - 1].Id.ToString("N") : null);
    }

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

public sealed partial class CatalogueService
{
    public const string KnowledgeHolders = "knowledgeHolders";

    [Authorize(Scopes.ExpertsRead)]
    public override async Task<Wire.ListResponse> List(Wire.ListRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.List != KnowledgeHolders)
        {
            throw new InvalidInputException("list", "Not a known code of this list.");
        }

        var wanted = new WantedHolders(request.Topic, request.AlsoEnded, request.PageToken, request.PageSize == 0 ? null : request.PageSize, "page_token", "page_size");
        var (items, next) = await KnowledgeHolderDirectory.Page(wanted, streams, catalogue, Today, context.CancellationToken);
        return new Wire.ListResponse { KnowledgeHolders = { items.Select(Of) }, NextPageToken = next ?? string.Empty };
    }
}
