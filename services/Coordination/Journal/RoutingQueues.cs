using System.Text.Json;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Coordination.Journal;

/// <summary>Whose queues a caller sees.</summary>
/// <param name="Area">Null for all areas.</param>
public sealed record QueueScope(string? Area)
{
    private const string Integrator = "integrator";

    /// <summary>A coordinator's own area, all areas for an integrating system, null for anybody else.</summary>
    public static QueueScope? Of(Caller caller) => caller switch
    {
        _ when caller.Claim(ClaimNames.Area) is { } area => new QueueScope(area),
        _ when caller.Claim(ClaimNames.Organisation) == Integrator => new QueueScope((string?)null),
        _ => null,
    };

    /// <summary>Its own, and what it is asked to take.</summary>
    public bool Sees(QueueEntry entry) => Area is null || entry.Area == Area || entry.OfferedTo == Area;

    /// <summary>This scope narrowed to <paramref name="area"/>; null when that is outside it.</summary>
    public QueueScope? To(string area) => Area is null || Area == area ? new QueueScope(area) : null;
}

/// <summary>A page of a routing queue in the order in which it is worked.</summary>
/// <param name="Next">Key of the last entry when more follow it; null on the last page.</param>
public sealed record QueuePage(IReadOnlyList<QueueEntry> Entries, string? Next, long Position, IReadOnlyDictionary<ConsultationStatus, int> Counts);

/// <summary>Reads the routing queues: a page is one read of an index that holds the open consultations alone.</summary>
public sealed class RoutingQueues(StreamStore streams, NpgsqlDataSource store, JournalFeed feed)
{
    public const int LargestPage = 200;

    /// <param name="status">Null for all open ones.</param>
    /// <param name="after">Key of the last entry seen; null for the first page.</param>
    public async Task<QueuePage> Page(QueueScope scope, ConsultationStatus? status, string? after, int size, CancellationToken cancellation)
    {
        // The position first: what is newer than it may be on the page already, but nothing older is missing.
        var position = await feed.Last(cancellation);
        var condition = new List<string>();
        var values = new List<object>();
        void Where(string sql, object value)
        {
            condition.Add(sql);
            values.Add(value);
        }

        if (status is { } wanted)
        {
            Where("data ->> 'status' = ?", wanted.ToString());
            if (scope.Area is { } area)
            {
                Where("data ->> 'area' = ?", area);
            }
        }
        else if (scope.Area is { } area)
        {
            Where("data ->> 'openIn' = ?", area);
        }
        else
        {
            condition.Add("data ->> 'openIn' is not null");
        }

        if (after is not null)
        {
            Where("data ->> 'sortKey' > ?", after);
        }

        var found = await streams.Query<QueueEntry>($"where {string.Join(" and ", condition)} order by data ->> 'sortKey' limit {size + 1}", cancellation, [.. values]);
        return new QueuePage([.. found.Take(size)], found.Count > size ? found[size - 1].SortKey : null, position, await Counts(scope, cancellation));
    }

    /// <summary>What other areas offer to this one, in the order in which it is worked.</summary>
    public Task<IReadOnlyList<QueueEntry>> OfferedTo(string area, CancellationToken cancellation) =>
        streams.Query<QueueEntry>($"where data ->> 'offeredTo' = ? order by data ->> 'sortKey' limit {LargestPage}", cancellation, area);

    /// <summary>What an expert is invited to assess and still may, first what is due first.</summary>
    public async Task<IReadOnlyList<QueueEntry>> AssessedBy(Guid expert, DateTimeOffset now, CancellationToken cancellation)
    {
        var asked = await streams.Query<QueueEntry>(
            "where assessed_until > ? and data -> 'assessors' @> ?::jsonb", cancellation, now, JsonSerializer.Serialize(new[] { new Dictionary<string, Guid> { ["expertId"] = expert } }));
        return [.. asked.Where(entry => entry.IsAssessedBy(expert, now)).OrderBy(entry => entry.SortKey, StringComparer.Ordinal)];
    }

    /// <summary>One consultation, or null when it is unknown or out of the scope.</summary>
    public async Task<QueueEntry?> Find(QueueScope scope, Guid id, CancellationToken cancellation) =>
        await streams.Load<QueueEntry>(id, cancellation) is { } entry && scope.Sees(entry) ? entry : null;

    private async Task<IReadOnlyDictionary<ConsultationStatus, int>> Counts(QueueScope scope, CancellationToken cancellation)
    {
        await using var command = store.CreateCommand(
            $"select data ->> 'status', count(*)::int from {StoreExtensions.Schema}.mt_doc_queueentry where {(scope.Area is null ? "data ->> 'openIn' is not null" : "data ->> 'openIn' = $1")} group by 1");
        if (scope.Area is { } area)
        {
            command.Parameters.AddWithValue(area);
        }

        var counts = new Dictionary<ConsultationStatus, int>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            counts[Enum.Parse<ConsultationStatus>(reader.GetString(0))] = reader.GetInt32(1);
        }

        return counts;
    }
}
