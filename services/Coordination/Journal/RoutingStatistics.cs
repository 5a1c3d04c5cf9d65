using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Coordination.Journal;

/// <summary>A calendar quarter in Finland.</summary>
/// <param name="Name">For example <c>2026-Q4</c>.</param>
/// <param name="Until">The first moment after it.</param>
public sealed partial record Quarter(string Name, DateTimeOffset From, DateTimeOffset Until)
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Helsinki");

    /// <summary>The quarter of a moment.</summary>
    public static Quarter Of(DateTimeOffset moment)
    {
        var local = TimeZoneInfo.ConvertTime(moment, Zone);
        return Of(local.Year, (local.Month + 2) / 3);
    }

    /// <summary>Null when it is no quarter's name.</summary>
    public static Quarter? Named(string name) => Form().Match(name) is { Success: true } match
        ? Of(int.Parse(match.Groups["year"].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture))
        : null;

    /// <summary>The one before.</summary>
    public Quarter Previous => Of(From.AddDays(-1));

    /// <summary>The one after.</summary>
    public Quarter Next => Of(Until);

    private static Quarter Of(int year, int number)
    {
        var first = new DateTime(year, (number * 3) - 2, 1, 0, 0, 0, DateTimeKind.Unspecified);
        return new Quarter(string.Create(CultureInfo.InvariantCulture, $"{year:d4}-Q{number}"), Local(first), Local(first.AddMonths(3)));
    }

    private static DateTimeOffset Local(DateTime midnight) => new DateTimeOffset(midnight, Zone.GetUtcOffset(midnight)).ToUniversalTime();

    [GeneratedRegex("^(?<year>20[0-9]{2})-Q(?<number>[1-4])\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}

/// <summary>Decisions of one kind.</summary>
/// <param name="DecidingRow">Code of the policy's row that the recommendation came from; null when there was none.</param>
/// <param name="Recommended">Code of a route; null when none was recommended.</param>
/// <param name="Reason">Why the recommendation was not followed; null when it was.</param>
/// <param name="ByPolicy">The area let them through without a coordinator.</param>
/// <param name="PolicyVersion">Name of the policy that they were decided under, for example <c>default.1+sisa.2</c>.</param>
public sealed record DecisionCount(string Area, string? DecidingRow, string? Recommended, string Route, string? Reason, bool ByPolicy, long Count, string PolicyVersion)
{
    /// <summary>Another route than the one that was recommended.</summary>
    public bool IsOverride => Recommended is not null && Recommended != Route;
}

/// <summary>Matters of one kind that repeat.</summary>
/// <param name="Kind">phenomenon or serviceGap.</param>
/// <param name="Topic">Null for those that name none.</param>
/// <param name="Service">Null for those that name none.</param>
public sealed record RepeatCount(string Kind, string Area, string County, string? Topic, string? Service, long Matters);

/// <summary>Counts what the journal tells of a quarter: nothing is kept beside it, so that nothing can differ from it.</summary>
public sealed class RoutingStatistics(NpgsqlDataSource store)
{
    /// <summary>Fewer matters are not shown: somebody might tell who they are (C-102; the number is ours).</summary>
    public const int SmallestGroup = 5;

    private const string Entries = $"{StoreExtensions.Schema}.mt_doc_journalentry";

    // Times in the journal are all in UTC and written alike, so that they compare as text.
    private const string InQuarter = "d.data ->> 'at' >= $1 and d.data ->> 'at' < $2 and ($3::text is null or d.data -> 'event' ->> 'area' = $3)";

    private const string Decisions = $"""
        select d.data -> 'event' ->> 'area', known.event ->> 'decidingRow', known.event ->> 'recommendedRoute', d.data -> 'event' ->> 'route',
               d.data -> 'event' ->> 'reasonCode', d.data -> 'event' ->> 'decidedBy' = 'policy', d.data -> 'event' ->> 'policyVersion', count(*)
        from {Entries} d
        left join lateral (
            select weighed.data -> 'event' as event from {Entries} weighed
            where weighed.consultation_id = d.consultation_id and weighed.data ->> 'what' = 'CaseAssessed' and weighed.data ->> 'streamId' = d.data ->> 'streamId'
                and (weighed.data ->> 'streamVersion')::bigint < (d.data ->> 'streamVersion')::bigint
            order by (weighed.data ->> 'streamVersion')::bigint desc limit 1) known on true
        where d.data ->> 'what' = 'RouteDecided' and {InQuarter}
        group by 1, 2, 3, 4, 5, 6, 7 order by 1, 7, 2, 3, 4, 5, 6
        """;

    private const string Repeats = $"""
        select case d.data ->> 'what' when 'PhenomenonSignalled' then 'phenomenon' else 'serviceGap' end, d.data -> 'event' ->> 'area', d.data -> 'event' ->> 'county', topic, service, count(distinct d.consultation_id)
        from {Entries} d
        left join lateral jsonb_array_elements_text(d.data -> 'event' -> 'topics') topic on true
        left join lateral jsonb_array_elements_text(d.data -> 'event' -> 'services') service on true
        where d.data ->> 'what' in ('PhenomenonSignalled', 'ServiceGapRecorded') and {InQuarter}
        group by 1, 2, 3, 4, 5 having count(distinct d.consultation_id) >= $4 order by 1, 2, 6 desc, 3, 4, 5
        """;

    /// <summary>Every decision on a route, counted by what was recommended and what was decided.</summary>
    public Task<IReadOnlyList<DecisionCount>> DecisionsIn(Quarter quarter, string? area, CancellationToken cancellation) => Read(
        Decisions,
        quarter,
        area,
        row => new DecisionCount(row.GetString(0), Text(row, 1), Text(row, 2), row.GetString(3), Text(row, 4), row.GetBoolean(5), row.GetInt64(7), row.GetString(6)),
        cancellation);

    /// <summary>Phenomena and service gaps by topic, service and county, without small groups.</summary>
    public Task<IReadOnlyList<RepeatCount>> RepeatsIn(Quarter quarter, string? area, CancellationToken cancellation) => Read(
        Repeats,
        quarter,
        area,
        row => new RepeatCount(row.GetString(0), row.GetString(1), row.GetString(2), Text(row, 3), Text(row, 4), row.GetInt64(5)),
        cancellation,
        SmallestGroup);

    private async Task<IReadOnlyList<T>> Read<T>(string sql, Quarter quarter, string? area, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object[] more)
    {
        await using var command = store.CreateCommand(sql);
        command.Parameters.AddWithValue(Written(quarter.From));
        command.Parameters.AddWithValue(Written(quarter.Until));
        command.Parameters.AddWithValue(NpgsqlTypes.NpgsqlDbType.Text, (object?)area ?? DBNull.Value);
        foreach (var parameter in more)
        {
            command.Parameters.AddWithValue(parameter);
        }

        var counts = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            counts.Add(read(reader));
        }

        return counts;
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static string Written(DateTimeOffset moment) => moment.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
}
