using System.Globalization;
using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Contracts.TeamAssembly;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Coverage;

/// <summary>A need of one request that nobody covered. The request itself is not told, and cannot be found from it.</summary>
/// <param name="Id">Derived from the request and the need, so that the same need of a request counts once.</param>
/// <param name="Kind">topic or sector.</param>
/// <param name="FoundAt">When it was found last.</param>
public sealed record UncoveredNeed(Guid Id, string Area, string Kind, string Code, DateTimeOffset FoundAt)
{
    public static UncoveredNeed Of(Guid consultation, string area, string kind, string code, DateTimeOffset at) => new(Ids.Derived("uncovered-need", consultation, kind, code), area, kind, code, at);
}

/// <summary>Nobody in the pool could meet a need: the pool remembers what it lacked.</summary>
public sealed class NoteNeedsOnServiceGapFound(Inbox inbox) : IConsumer<ServiceGapFound>
{
    public Task Consume(ConsumeContext<ServiceGapFound> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var found = context.Message;
        return inbox.Once(context, nameof(NoteNeedsOnServiceGapFound), work => UncoveredNeeds.Note(
            work, found.UnmetNeeds.Select(need => need.Split(':', 2)).Where(parts => parts.Length == 2).Select(parts => UncoveredNeed.Of(found.ConsultationId, found.Area, parts[0], parts[1], found.FoundAt))));
    }
}

/// <summary>Nothing that exists fits the matter: its topics are what was lacking.</summary>
public sealed class NoteTopicsOnServiceGapRecorded(Inbox inbox) : IConsumer<ServiceGapRecorded>
{
    public Task Consume(ConsumeContext<ServiceGapRecorded> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var recorded = context.Message;
        return inbox.Once(context, nameof(NoteTopicsOnServiceGapRecorded), work => UncoveredNeeds.Note(
            work, recorded.Topics.Select(topic => UncoveredNeed.Of(recorded.ConsultationId, recorded.Area, UncoveredNeeds.Topic, topic, recorded.RecordedAt))));
    }
}

/// <summary>What requests of an area needed and nobody covered, by need.</summary>
/// <param name="Kind">topic or sector.</param>
/// <param name="Requests">How many requests lacked it.</param>
/// <param name="LastFoundAt">When that happened last.</param>
/// <param name="ExpertsNow">Experts of the area's counties who know of the topic and can be asked today; null for a sector.</param>
public sealed record GapRow(string Area, string Kind, string Code, long Requests, DateTimeOffset LastFoundAt, long? ExpertsNow = null);

/// <summary>The gaps of the pool, those with the most requests first.</summary>
public sealed record GapsAnswer(IReadOnlyList<GapRow> Items);

/// <summary>What the pool lacked when somebody needed it (C-03): where to look for competence next.</summary>
public static class UncoveredNeeds
{
    public const string Topic = "topic";
    private const int MostRows = 500;

    public static void MapUncoveredNeeds(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/gaps", async (string? area, string? since, HttpContext http, StreamStore streams, Catalogue catalogue, TimeProvider clock, CancellationToken cancellation) =>
            Caller.From(http.User).Claim(ClaimNames.Expert) is not null
                ? Problems.Of(StatusCodes.Status403Forbidden, Problems.NotAllowed, "An expert reads only their own entry.")
                : Results.Json(await Of(area, since, streams, catalogue, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), cancellation), StrictJson.Options))
            .RequireAuthorization(Scopes.ExpertsRead)
            .WithName("ReadGaps")
            .WithSummary("Needs of past requests that nobody covered, by area, with who covers them today.")
            .Produces<GapsAnswer>();

    /// <param name="area">Null or empty for all.</param>
    /// <param name="since">ISO 8601 date; null or empty for all that is known.</param>
    /// <exception cref="InvalidInputException">An unknown area, or no date.</exception>
    internal static async Task<GapsAnswer> Of(string? area, string? since, StreamStore streams, Catalogue catalogue, DateOnly today, CancellationToken cancellation)
    {
        var conditions = new List<string>();
        var parameters = new List<object>();
        if (TopicCoverage.Known(area, "area", catalogue.Areas.Select(known => known.Code)) is { } one)
        {
            conditions.Add("data ->> 'area' = ?");
            parameters.Add(one);
        }

        if (since is { Length: > 0 })
        {
            conditions.Add("(data ->> 'foundAt')::timestamptz >= ?");
            parameters.Add(DateOnly.TryParseExact(since, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first)
                ? new DateTimeOffset(first.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)
                : throw new InvalidInputException("since", "A date as 2026-12-31."));
        }

        var rows = await streams.Rows<UncoveredNeed, GapRow>(
            "jsonb_build_object('area', data ->> 'area', 'kind', data ->> 'kind', 'code', data ->> 'code', 'requests', count(*), 'lastFoundAt', max((data ->> 'foundAt')::timestamptz))",
            $"{(conditions.Count == 0 ? string.Empty : $"where {string.Join(" and ", conditions)}")} group by data ->> 'area', data ->> 'kind', data ->> 'code' order by count(*) desc, data ->> 'area', data ->> 'kind', data ->> 'code' limit {MostRows}",
            cancellation,
            [.. parameters]);
        var cells = await TopicCoverage.Cells(streams, today, cancellation);
        long? Now(GapRow row) => row.Kind != Topic ? null
            : cells.Where(cell => cell.Topic == row.Code && cell.County is { } county && catalogue.AreaOf(county)?.Code == row.Area).Sum(cell => cell.Experts);
        return new GapsAnswer([.. rows.Select(row => row with { ExpertsNow = Now(row) })]);
    }

    /// <summary>Keeps each of them; the newest finding of the same need holds.</summary>
    internal static async Task<Outcome<IReadOnlyList<UncoveredNeed>>> Note(Work work, IEnumerable<UncoveredNeed> needs)
    {
        var kept = new List<UncoveredNeed>();
        foreach (var need in needs.DistinctBy(need => need.Id).OrderBy(need => need.Id))
        {
            // Two findings of one need may come at once; always in one order, so that they wait for each other and not both at the same time.
            await work.Lock($"uncovered-need:{need.Id}", CancellationToken.None);
            if (await work.Load<UncoveredNeed>(need.Id, CancellationToken.None) is { } known && known.FoundAt >= need.FoundAt)
            {
                continue;
            }

            work.Store(need);
            kept.Add(need);
        }

        return new Outcome<IReadOnlyList<UncoveredNeed>>(kept, kept.Count, null, kept.Count > 0);
    }
}
