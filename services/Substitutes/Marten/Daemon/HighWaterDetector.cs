using Marten.Events;
using Npgsql;

namespace Marten.Daemon;

/// <summary>
/// Finds the number up to which the event table is final. Numbers are given out before the commit, so a gap may still be filled.
/// Whoever takes a number from the sequence holds a lock on the sequence until its transaction ends, and holds it before it has the
/// number. So when a gap is seen below a visible number, its taker is among those that hold the lock now; once these have ended, the
/// gap has been filled or never will be. No clock is involved, and transactions that have nothing to do with events do not matter.
/// </summary>
internal sealed class HighWaterDetector(DocumentStore store)
{
    private const int WindowSize = 1000;
    private readonly EventSql _sql = store.Settings.EventSettings.Sql;
    private long _pendingMark;
    private HashSet<string>? _pendingHolders;

    internal long Mark { get; private set; }

    /// <summary>The types of all events between the last mark and this one; null when not every one of them was seen.</summary>
    internal IReadOnlySet<string>? Types { get; private set; }

    /// <summary>Whether a gap is being watched, so that the next look should come soon.</summary>
    internal bool IsWaiting { get; private set; }

    internal void StartAt(long mark) => Mark = Math.Max(Mark, mark);

    internal async Task AdvanceAsync(CancellationToken token)
    {
        await using var connection = await store.DataSource.OpenConnectionAsync(token);
        Types = null;
        var (contiguous, highest, isComplete, isFull, types) = await ReadWindowAsync(connection, token);
        var hasMoved = contiguous > Mark;
        Mark = contiguous;
        IsWaiting = !isComplete;
        if (isComplete)
        {
            (_pendingHolders, Types) = (null, types);
            return;
        }

        // Most gaps are commits under way and close by themselves: who holds the lock is asked when a second look finds the same gap.
        if (hasMoved && !isFull)
        {
            Types = types;
            return;
        }

        var holders = await ReadHoldersAsync(connection, token);
        if (holders.Count == 0)
        {
            Mark = highest;
            _pendingHolders = null;
            IsWaiting = false;
            return;
        }

        if (_pendingHolders is null || _pendingMark <= Mark)
        {
            (_pendingMark, _pendingHolders) = (highest, holders);
            return;
        }

        _pendingHolders.IntersectWith(holders);
        if (_pendingHolders.Count > 0)
            return;
        Mark = _pendingMark;
        (_pendingMark, _pendingHolders) = (highest, holders);
    }

    private async Task<(long Contiguous, long Highest, bool IsComplete, bool IsFull, IReadOnlySet<string> Types)> ReadWindowAsync(NpgsqlConnection connection, CancellationToken token)
    {
        // Bounded on both sides: with one side open, and a table that has not been analysed yet, the planner sorts the whole table.
        await using var command = new NpgsqlCommand(
            $"""
            select seq_id, type from {_sql.Events} where seq_id > $1 and seq_id <= $1 + {WindowSize}
            union all
            select max(seq_id), null from {_sql.Events}
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Mark });
        await command.PrepareAsync(token);
        var (seen, highest) = (new List<(long Number, string Type)>(), Mark);
        await using (var reader = await command.ExecuteReaderAsync(token))
        {
            while (await reader.ReadAsync(token))
            {
                if (!await reader.IsDBNullAsync(1, token))
                    seen.Add((reader.GetInt64(0), reader.GetString(1)));
                else if (!await reader.IsDBNullAsync(0, token))
                    highest = Math.Max(highest, reader.GetInt64(0));
            }
        }

        seen.Sort();
        var contiguous = seen.Aggregate(Mark, (last, next) => next.Number == last + 1 ? next.Number : last);
        var types = seen.Where(e => e.Number <= contiguous).Select(e => e.Type).ToHashSet(StringComparer.Ordinal);
        return (contiguous, highest, contiguous == highest, highest > Mark + WindowSize, types);
    }

    private async Task<HashSet<string>> ReadHoldersAsync(NpgsqlConnection connection, CancellationToken token)
    {
        await using var command = new NpgsqlCommand(
            """
            select virtualtransaction from pg_locks
            where locktype = 'relation' and granted and mode = 'RowExclusiveLock' and relation = $1::regclass
              and database = (select oid from pg_database where datname = current_database())
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _sql.Sequence });
        await using var reader = await command.ExecuteReaderAsync(token);
        var holders = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(token))
            holders.Add(reader.GetString(0));
        return holders;
    }
}
