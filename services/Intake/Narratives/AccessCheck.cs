using System.Data;
using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace OtPlatform.Intake.Narratives;

/// <summary>Where an access log is not what was written.</summary>
/// <param name="Owner">The consultation; empty for the anchors of a day.</param>
/// <param name="Number">The first line that is wrong.</param>
public sealed record BrokenLog(Guid Owner, long Number, string What);

/// <summary>What a check came to.</summary>
/// <param name="Broken">The first fault of each log, in the order of their consultations.</param>
/// <param name="LastDay">The newest anchored day and its hash, to be compared with the one in the service's log.</param>
public sealed record AccessFindings(long Logs, long Lines, long Anchors, IReadOnlyList<BrokenLog> Broken, string? LastDay);

/// <summary>
/// Verifies every access log: each line against its hash and the line before it, the last one against the head, all against the anchors,
/// and the anchors against the hash of their day. Reads the tables themselves, and nothing that the service remembers.
/// </summary>
public sealed class AccessCheck(NpgsqlDataSource service, KeyStore store)
{
    private const string Lines = "ot.mt_doc_textaccess";
    private const string Heads = "ot.mt_doc_accesshead";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task<AccessFindings> Run(CancellationToken cancellation)
    {
        // The anchors first: what was anchored has been written. Heads and lines as they stood at one moment, because the service goes on.
        var (anchors, broken, lastDay) = await ReadAnchors(cancellation);
        await using var connection = await service.OpenConnectionAsync(cancellation);
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var heads = await ReadHeads(connection, cancellation);
        var (logs, lines, anchored) = (0L, 0L, anchors.Values.Sum(known => (long)known.Count));
        await using var select = new NpgsqlCommand($"select owner, id, data::text from {Lines} order by owner, (data ->> 'number')::bigint, id", connection);
        await using var reader = await select.ExecuteReaderAsync(cancellation);
        Chain? chain = null;
        while (await reader.ReadAsync(cancellation))
        {
            var owner = reader.GetGuid(0);
            if (chain?.Owner != owner)
            {
                chain?.End(broken);
                chain = new Chain(owner, heads, anchors);
                logs++;
            }

            lines++;
            chain.Next(reader.GetGuid(1), LineOf(reader.GetString(2)));
        }

        chain?.End(broken);
        var left = heads.Keys.Concat(anchors.Keys).Distinct().ToList();
        broken.AddRange(left.Select(owner => new BrokenLog(owner, 1, "the whole log is missing")));
        return new AccessFindings(logs, lines, anchored, [.. broken.OrderBy(fault => fault.Owner)], lastDay);
    }

    private static TextAccess? LineOf(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<TextAccess>(json, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<Dictionary<Guid, (long Number, string Hash)>> ReadHeads(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var select = new NpgsqlCommand($"select id, (data ->> 'number')::bigint, data ->> 'hash' from {Heads}", connection);
        await using var reader = await select.ExecuteReaderAsync(cancellation);
        var heads = new Dictionary<Guid, (long, string)>();
        while (await reader.ReadAsync(cancellation))
        {
            heads[reader.GetGuid(0)] = (reader.GetInt64(1), reader.GetString(2));
        }

        return heads;
    }

    private async Task<(Dictionary<Guid, Dictionary<long, (string Hash, DateOnly Day)>> Anchors, List<BrokenLog> Broken, string? LastDay)> ReadAnchors(CancellationToken cancellation)
    {
        var anchors = new Dictionary<Guid, Dictionary<long, (string, DateOnly)>>();
        var byDay = new Dictionary<DateOnly, List<(Guid, long, string)>>();
        await using (var select = store.Command("select owner, number, hash, day from access_anchors"))
        await using (var reader = await select.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                var (owner, number, hash, day) = (reader.GetGuid(0), reader.GetInt64(1), reader.GetString(2), reader.GetFieldValue<DateOnly>(3));
                anchors.TryAdd(owner, []);
                anchors[owner][number] = (hash, day);
                byDay.TryAdd(day, []);
                byDay[day].Add((owner, number, hash));
            }
        }

        var (broken, previous, last) = (new List<BrokenLog>(), string.Empty, (string?)null);
        await using var days = store.Command("select day, previous, hash from access_anchor_days order by day");
        await using var read = await days.ExecuteReaderAsync(cancellation);
        while (await read.ReadAsync(cancellation))
        {
            var (day, before, hash) = (read.GetFieldValue<DateOnly>(0), read.GetString(1), read.GetString(2));
            var known = byDay.Remove(day, out var heads) ? heads : [];
            if (before != previous || AccessAnchors.DayHash(before, day, known) != hash)
            {
                broken.Add(new BrokenLog(Guid.Empty, 0, $"the anchors of {day:yyyy-MM-dd} are not what was anchored"));
            }

            (previous, last) = (hash, $"{day:yyyy-MM-dd} {hash}");
        }

        broken.AddRange(byDay.Keys.Select(day => new BrokenLog(Guid.Empty, 0, $"the day {day:yyyy-MM-dd} of the anchors is missing")));
        return (anchors, broken, last);
    }

    /// <summary>One log while it is read.</summary>
    private sealed class Chain(Guid owner, Dictionary<Guid, (long Number, string Hash)> heads, Dictionary<Guid, Dictionary<long, (string Hash, DateOnly Day)>> anchors)
    {
        private readonly (long Number, string Hash)? _head = heads.Remove(owner, out var head) ? head : null;
        private readonly Dictionary<long, (string Hash, DateOnly Day)> _anchors = anchors.TryGetValue(owner, out var known) ? known : [];
        private long _number;
        private string _hash = string.Empty;
        private BrokenLog? _first;

        public Guid Owner => owner;

        public void Next(Guid id, TextAccess? line)
        {
            if (_first is not null)
            {
                return;
            }

            var expected = _number + 1;
            var fault = line switch
            {
                null => (expected, "the line cannot be read"),
                _ when line.Number <= _number => (line.Number, "a line was put in that was never written"),
                _ when line.Number > expected => (expected, "the line is missing"),
                _ when line.Id != id || line.Owner != owner || line.Seal() != line.Hash => (expected, "the line was changed"),
                _ when line.Previous != _hash => (expected, "the line does not follow from the one before it"),
                _ when _anchors.TryGetValue(expected, out var anchor) && anchor.Hash != line.Hash => (expected, $"the line is not the one that was anchored on {anchor.Day:yyyy-MM-dd}"),
                _ when expected > (_head?.Number ?? 0) => (expected, "the line stands after the last that was written"),
                _ => ((long, string)?)null,
            };
            if (fault is var (number, what))
            {
                _first = new BrokenLog(owner, number, what);
                return;
            }

            (_number, _hash) = (expected, line!.Hash);
        }

        public void End(List<BrokenLog> broken)
        {
            anchors.Remove(owner);
            var lastAnchored = _anchors.Keys.DefaultIfEmpty(0).Max();
            var fault = _first
                ?? (lastAnchored > _number ? Fault(_number + 1, $"the line is missing; anchored was {lastAnchored.ToString(CultureInfo.InvariantCulture)} on {_anchors[lastAnchored].Day:yyyy-MM-dd}") : null)
                ?? (_head is not { } last ? Fault(_number, "the log has lost its head")
                    : last.Number > _number ? Fault(_number + 1, "the line is missing: the log was cut off")
                    : last.Hash != _hash ? Fault(_number, "the head is not the last line")
                    : null);
            if (fault is not null)
            {
                broken.Add(fault);
            }
        }

        private BrokenLog Fault(long number, string what) => new(owner, number, what);
    }
}
