using System.Globalization;
using Npgsql;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Narratives;

/// <summary>
/// Once a day the heads of all access logs that have grown go into the key database, which other people keep, and the day's hash into
/// the service's log: whoever rewrites a log afterwards, with all its hashes, has to rewrite those too.
/// </summary>
public sealed partial class AccessAnchors(KeyStore store, StreamStore streams, TimeProvider clock, ILogger<AccessAnchors> logger)
{
    private const int AtOnce = 1_000;

    /// <summary>Anchors the heads as they stand, unless that was done today already; how many, or null.</summary>
    public async Task<int?> Anchor(CancellationToken cancellation)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var anchored = await store.Exclusively<(int Heads, string Hash)?>(
            "access_anchors",
            async connection =>
            {
                var (last, previous) = await Last(connection, cancellation);
                if (last >= today)
                {
                    return null;
                }

                // From the day before on: what was written while the last anchoring ran may have missed it.
                var since = last is { } day ? new DateTimeOffset(day.AddDays(-1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : DateTimeOffset.UnixEpoch;
                await Insert(connection, today, since, cancellation);
                var heads = await Of(connection, today, cancellation);
                var hash = DayHash(previous, today, heads);
                await using var note = new NpgsqlCommand("insert into access_anchor_days (day, heads, previous, hash) values ($1, $2, $3, $4)", connection)
                {
                    Parameters = { new() { Value = today }, new() { Value = heads.Count }, new() { Value = previous }, new() { Value = hash } },
                };
                await note.ExecuteNonQueryAsync(cancellation);
                return (heads.Count, hash);
            },
            cancellation);
        if (anchored is { } done)
        {
            Anchored(logger, today, done.Heads, done.Hash);
        }

        return anchored?.Heads;
    }

    /// <summary>The hash of a day: of the day before it and of every head that was anchored, by owner.</summary>
    internal static string DayHash(string previous, DateOnly day, IEnumerable<(Guid Owner, long Number, string Hash)> heads) => AccessHash.Of(
        heads.OrderBy(head => head.Owner).ThenBy(head => head.Number)
            .Select(head => $"{head.Owner:N} {head.Number.ToString(CultureInfo.InvariantCulture)} {head.Hash}")
            .Prepend(day.ToString("O", CultureInfo.InvariantCulture))
            .Prepend(previous));

    private async Task Insert(NpgsqlConnection connection, DateOnly today, DateTimeOffset since, CancellationToken cancellation)
    {
        var after = Guid.Empty;
        while (true)
        {
            var heads = await streams.Query<AccessHead>("where changed_at >= ? and id > ? order by id limit ?", cancellation, since, after, AtOnce);
            if (heads.Count == 0)
            {
                return;
            }

            await using var insert = new NpgsqlCommand(
                "insert into access_anchors (owner, number, hash, day) select owner, number, hash, $4 from unnest($1, $2, $3) as head (owner, number, hash) on conflict do nothing", connection)
            {
                Parameters =
                {
                    new() { Value = heads.Select(head => head.Id).ToArray() },
                    new() { Value = heads.Select(head => head.Number).ToArray() },
                    new() { Value = heads.Select(head => head.Hash).ToArray() },
                    new() { Value = today },
                },
            };
            await insert.ExecuteNonQueryAsync(cancellation);
            after = heads[^1].Id;
        }
    }

    private static async Task<(DateOnly? Day, string Hash)> Last(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var select = new NpgsqlCommand("select day, hash from access_anchor_days order by day desc limit 1", connection);
        await using var reader = await select.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? (reader.GetFieldValue<DateOnly>(0), reader.GetString(1)) : (null, string.Empty);
    }

    private static async Task<IReadOnlyList<(Guid Owner, long Number, string Hash)>> Of(NpgsqlConnection connection, DateOnly day, CancellationToken cancellation)
    {
        await using var select = new NpgsqlCommand("select owner, number, hash from access_anchors where day = $1", connection) { Parameters = { new() { Value = day } } };
        await using var reader = await select.ExecuteReaderAsync(cancellation);
        var heads = new List<(Guid, long, string)>();
        while (await reader.ReadAsync(cancellation))
        {
            heads.Add((reader.GetGuid(0), reader.GetInt64(1), reader.GetString(2)));
        }

        return heads;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Access logs anchored for {Day}: {Heads} heads, hash {Hash}")]
    private static partial void Anchored(ILogger logger, DateOnly day, int heads, string hash);
}
