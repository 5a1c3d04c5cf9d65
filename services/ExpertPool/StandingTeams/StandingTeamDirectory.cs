using OtPlatform.Contracts;
using OtPlatform.ExpertPool.Experts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.StandingTeams;

/// <summary>A standing team as it is kept.</summary>
public sealed record StandingTeamEntry(Guid Id, StandingTeamFacts Facts, DateTimeOffset? DissolvedAt, long Version);

/// <summary>A standing team as it is shown.</summary>
/// <param name="Away">Those of its members who are not in the pool, or suspended.</param>
/// <param name="Version">Also the ETag.</param>
public sealed record StandingTeamAnswer(
    Guid TeamId, Label Name, IReadOnlyList<Guid> Members, IReadOnlyList<Guid> Away, IReadOnlyList<string> Topics, IReadOnlyList<string> Areas, bool Dissolved, long Version);

/// <summary>A page of the standing teams, by id.</summary>
/// <param name="Next">Send it as <c>cursor</c> for the next page; null on the last.</param>
public sealed record StandingTeamPage(IReadOnlyList<StandingTeamAnswer> Items, string? Next);

/// <summary>Whoever may read the pool reads all standing teams, with the members who are away.</summary>
public static class StandingTeamDirectory
{
    public static void MapStandingTeamDirectory(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/", async (string? topic, bool? alsoEnded, string? cursor, int? size, StreamStore streams, Catalogue catalogue, CancellationToken cancellation) =>
        {
            var (items, next) = await Page(new WantedPage(topic, alsoEnded == true, cursor, size), streams, catalogue, cancellation);
            return Results.Json(new StandingTeamPage(items, next), StrictJson.Options);
        })
            .RequireAuthorization(Scopes.ExpertsRead)
            .WithName("ListStandingTeams")
            .WithSummary("The standing teams, a page at a time, with the members who are away.")
            .Produces<StandingTeamPage>();

    /// <exception cref="InvalidInputException">An unknown topic or cursor, or too large a page.</exception>
    internal static async Task<(IReadOnlyList<StandingTeamAnswer> Items, string? Next)> Page(WantedPage wanted, StreamStore streams, Catalogue catalogue, CancellationToken cancellation)
    {
        var (found, next) = await wanted.Of<StandingTeamEntry>(streams, catalogue, ("data ->> 'dissolvedAt' is null", []), entry => entry.Id, cancellation);
        var away = await Away([.. found.SelectMany(entry => entry.Facts.Members).Distinct()], streams, cancellation);
        return ([.. found.Select(entry => Render(entry, away))], next);
    }

    /// <summary>The team as a decision left it.</summary>
    internal static async Task<StandingTeamAnswer> After(Outcome<StandingTeam> outcome, Guid id, StreamStore streams, CancellationToken cancellation)
    {
        var entry = outcome.View as StandingTeamEntry ?? await streams.Load<StandingTeamEntry>(id, cancellation) ?? throw new InvalidOperationException("A defined standing team has an entry.");
        return Render(entry, await Away(entry.Facts.Members, streams, cancellation));
    }

    internal static IResult Answer(HttpContext http, StandingTeamAnswer answer, int status = StatusCodes.Status200OK)
    {
        http.Response.Headers.ETag = Versions.Tag(answer.Version);
        return Results.Json(answer, StrictJson.Options, statusCode: status);
    }

    /// <summary>Those who are not in the pool, or suspended.</summary>
    internal static async Task<IReadOnlyList<Guid>> Away(IReadOnlyList<Guid> experts, StreamStore streams, CancellationToken cancellation) =>
        [.. experts.Except((await streams.Query<ExpertDirectoryEntry>("where id = any(?)", cancellation, experts.ToArray())).Where(expert => !expert.Suspended).Select(expert => expert.Id))];

    private static StandingTeamAnswer Render(StandingTeamEntry entry, IReadOnlyList<Guid> away) => new(
        entry.Id, entry.Facts.Name, entry.Facts.Members, [.. entry.Facts.Members.Intersect(away)], entry.Facts.Topics, entry.Facts.Areas, entry.DissolvedAt is not null, entry.Version);
}
