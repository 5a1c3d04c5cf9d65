using System.Globalization;
using OtPlatform.Contracts;
using OtPlatform.ExpertPool.Experts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Coverage;

/// <summary>Experts of one topic in one county who can be asked today.</summary>
/// <param name="County">Null for those outside the counties.</param>
/// <param name="WeeklyHours">Hours a week that they give together, for all their topics.</param>
public sealed record CoverageCell(string Topic, string? County, long Experts, decimal WeeklyHours);

/// <summary>How much there is of a topic.</summary>
internal sealed record TopicCount(string Topic, long Count);

/// <summary>One topic across the counties.</summary>
/// <param name="Counties">Those with somebody, by code.</param>
/// <param name="EmptyCounties">Those with nobody (C-150), by code.</param>
/// <param name="External">Experts outside the counties.</param>
/// <param name="KnowledgeHolders">Holders of knowledge to whom somebody can at least be pointed.</param>
public sealed record CoveredTopic(string Topic, IReadOnlyList<CoverageCell> Counties, IReadOnlyList<string> EmptyCounties, long External, long KnowledgeHolders);

/// <summary>The pool by topic and county, as it is today.</summary>
public sealed record CoverageAnswer(IReadOnlyList<CoveredTopic> Topics);

/// <summary>Whether the most demanding competence reaches every county, topic by topic, with what is empty (C-133, C-150).</summary>
public static class TopicCoverage
{
    private const string CanBeAsked =
        "not (data ->> 'suspended')::boolean and (data -> 'facts' ->> 'weeklyHours')::numeric > 0 and data -> 'facts' -> 'agreement' ->> 'from' <= ? and coalesce(data -> 'facts' -> 'agreement' ->> 'until', ?) >= ?";

    public static void MapTopicCoverage(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/coverage", async (string? topic, string? area, HttpContext http, StreamStore streams, Catalogue catalogue, TimeProvider clock, CancellationToken cancellation) =>
            Caller.From(http.User).Claim(ClaimNames.Expert) is not null
                ? Problems.Of(StatusCodes.Status403Forbidden, Problems.NotAllowed, "An expert reads only their own entry.")
                : Results.Json(await Of(topic, area, streams, catalogue, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), cancellation), StrictJson.Options))
            .RequireAuthorization(Scopes.ExpertsRead)
            .WithName("ReadCoverage")
            .WithSummary("Experts who can be asked today, by topic and county, with the counties that have nobody.")
            .Produces<CoverageAnswer>();

    /// <param name="topic">Null or empty for all that are valid today.</param>
    /// <param name="area">Only its counties; null or empty for all.</param>
    /// <exception cref="InvalidInputException">An unknown code.</exception>
    internal static async Task<CoverageAnswer> Of(string? topic, string? area, StreamStore streams, Catalogue catalogue, DateOnly today, CancellationToken cancellation)
    {
        var counties = Known(area, "area", catalogue.Areas.Select(known => known.Code)) is { } only
            ? catalogue.Areas.Single(known => known.Code == only).Counties.Order(StringComparer.Ordinal).ToList()
            : [.. catalogue.Counties.Select(county => county.Code).Order(StringComparer.Ordinal)];
        var one = Known(topic, "topic", catalogue.Topics.Select(known => known.Code));
        var topics = catalogue.Topics.Where(known => one is null ? known.ValidFrom <= today && !(known.ValidUntil < today) : known.Code == one).Select(known => known.Code).Order(StringComparer.Ordinal);
        var cells = (await Cells(streams, today, cancellation)).ToLookup(cell => cell.Topic);
        var holders = (await Holders(streams, today, cancellation)).ToDictionary(counted => counted.Topic, counted => counted.Count);
        return new CoverageAnswer([.. topics.Select(code => new CoveredTopic(
            code,
            [.. cells[code].Where(cell => cell.County is { } county && counties.Contains(county)).OrderBy(cell => cell.County, StringComparer.Ordinal)],
            [.. counties.Except(cells[code].Select(cell => cell.County!))],
            cells[code].Where(cell => cell.County is null).Sum(cell => cell.Experts),
            holders.GetValueOrDefault(code)))]);
    }

    /// <summary>Every topic and county that has somebody who can be asked on that day.</summary>
    internal static Task<IReadOnlyList<CoverageCell>> Cells(StreamStore streams, DateOnly today, CancellationToken cancellation)
    {
        var day = today.ToString("O", CultureInfo.InvariantCulture);
        return streams.Rows<ExpertDirectoryEntry, CoverageCell>(
            "jsonb_build_object('topic', topic, 'county', d.county, 'experts', count(*), 'weeklyHours', sum((data -> 'facts' ->> 'weeklyHours')::numeric))",
            $"cross join lateral jsonb_array_elements_text(data -> 'facts' -> 'topics') as topic where {CanBeAsked} group by topic, d.county",
            cancellation,
            day,
            day,
            day);
    }

    /// <summary>The code, or null where none is given.</summary>
    /// <exception cref="InvalidInputException">The list does not have it.</exception>
    internal static string? Known(string? code, string field, IEnumerable<string> list) =>
        code is not { Length: > 0 } ? null : list.Contains(code) ? code : throw new InvalidInputException(field, "Not a known code of this list.");

    private static Task<IReadOnlyList<TopicCount>> Holders(StreamStore streams, DateOnly today, CancellationToken cancellation) =>
        streams.Rows<KnowledgeHolders.KnowledgeHolderEntry, TopicCount>(
            "jsonb_build_object('topic', topic, 'count', count(*))",
            "cross join lateral jsonb_array_elements_text(data -> 'facts' -> 'topics') as topic where data ->> 'endedAt' is null and data -> 'facts' ->> 'validUntil' >= ? group by topic",
            cancellation,
            today.ToString("O", CultureInfo.InvariantCulture));
}
