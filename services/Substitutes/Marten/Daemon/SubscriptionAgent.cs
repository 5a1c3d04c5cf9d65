using System.Diagnostics;
using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten.Events;
using Marten.Exceptions;
using Marten.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Marten.Daemon;

/// <summary>Feeds one subscription, page after page, for as long as it may run here.</summary>
internal sealed class SubscriptionAgent(SubscriptionSettings settings, DocumentStore store, HighWaterAgent highWater, ILogger logger)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EmptyPageInterval = TimeSpan.FromMilliseconds(100);
    private readonly EventSql _sql = store.Settings.EventSettings.Sql;
    private readonly string _shard = settings.ShardName.Identity;
    private readonly string[] _aliases = [.. store.Settings.EventSettings.AliasesFor(settings.IncludedTypes)];
    private volatile bool _mustReload;
    private readonly Stopwatch _sinceMove = Stopwatch.StartNew();
    private long _stored;
    private long _position;

    internal string Shard => _shard;

    /// <summary>Makes the agent read its position again, after somebody has rewound it.</summary>
    internal void Reload() => _mustReload = true;

    internal async Task RunAsync(CancellationToken token)
    {
        var attempt = 0;
        var isLoaded = false;
        while (!token.IsCancellationRequested)
        {
            try
            {
                if (!isLoaded || _mustReload)
                {
                    _mustReload = false;
                    await LoadProgressAsync(token);
                    isLoaded = true;
                    logger.AgentStarted(_shard, _position);
                }

                await RunPageAsync(token);
                attempt = 0;
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                break;
            }
            catch (ProgressMovedException)
            {
                logger.ProgressMovedElsewhere(_shard, _stored);
                isLoaded = false;
            }
            catch (SubscriptionStoppedException stopped)
            {
                logger.CriticalFailure(stopped.InnerException!, _shard, _position);
                break;
            }
#pragma warning disable CA1031 // whatever a subscription throws, its page is tried again for ever: nothing may be lost
            catch (Exception exception)
#pragma warning restore CA1031
            {
                attempt++;
                var delay = TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, FirstDelay.Ticks << Math.Min(attempt - 1, 10)));
                logger.PageFailed(exception, _shard, _stored, attempt, delay);
                isLoaded = false;
                await Task.WhenAny(Task.Delay(delay, token));
            }
        }

        logger.AgentStopped(_shard);
    }

    private async Task RunPageAsync(CancellationToken token)
    {
        var mark = await highWater.WaitAboveAsync(_position, EmptyPageInterval, token);
        if (_position > _stored && _sinceMove.Elapsed > EmptyPageInterval)
            await MoveProgressAsync(_position, token);
        if (mark <= _position)
            return;

        if (_aliases.Length > 0 && !highWater.MayHold(_position, mark, _aliases))
        {
            _position = mark;
            return;
        }

        var floor = _position;
        var (page, unreadable) = await ReadPageAsync(floor, mark, token);
        if (page.Size > 0 || unreadable.Count > 0)
        {
            await ProcessAsync(page, unreadable, token);
            _stored = page.SequenceCeiling;
            _sinceMove.Restart();
        }

        _position = page.SequenceCeiling;
    }

    private async Task ProcessAsync(EventRange page, List<DeadLetterEvent> unreadable, CancellationToken token)
    {
        await using var scope = settings.NeedsScope ? store.Services!.CreateAsyncScope() : (AsyncServiceScope?)null;
        var subscription = settings.Resolve(scope?.ServiceProvider ?? store.Services);
        await using var session = store.OpenSession();
        var controller = new SubscriptionController(settings, store);
        var listener = await subscription.ProcessEventsAsync(page, controller, session, token);
        if (controller.CriticalFailure is { } failure)
            await StopAsync(failure, controller.LastProcessed, token);

        session.Store<DeadLetterEvent>(unreadable);

        // A page that is done is committed even when the daemon stops meanwhile: otherwise somebody would do it again.
        session.Queue(new ProgressOperation(_sql, _shard, _stored, page.SequenceCeiling));
        await listener.BeforeCommitAsync(session, session, CancellationToken.None);
        session.Listeners.Add(new AfterCommit(listener));
        await session.SaveChangesAsync(CancellationToken.None);
    }

    private async Task StopAsync(Exception failure, long? lastProcessed, CancellationToken token)
    {
        if (lastProcessed is { } last && last > _stored)
            await MoveProgressAsync(last, token);
        throw new SubscriptionStoppedException(failure);
    }

    private async Task MoveProgressAsync(long to, CancellationToken token)
    {
        await using var session = store.OpenSession();
        session.Queue(new ProgressOperation(_sql, _shard, _stored, to));
        await session.SaveChangesAsync(token);
        _stored = _position = to;
        _sinceMove.Restart();
    }

    private async Task<(EventRange Page, List<DeadLetterEvent> Unreadable)> ReadPageAsync(long floor, long mark, CancellationToken token)
    {
        var filter = (_aliases.Length > 0 ? " and e.type = any($4)" : "") + (settings.IncludeArchivedEvents ? "" : " and not e.is_archived");
        var (events, unreadable, last) = (new List<IEvent>(), new List<DeadLetterEvent>(), floor);
        await using var session = store.OpenSession();
        var count = await session.ExecuteAsync(
            $"{_sql.PageFrom}{filter} order by e.seq_id limit $3",
            p =>
            {
                p.With(NpgsqlDbType.Bigint, floor).With(NpgsqlDbType.Bigint, mark).With(NpgsqlDbType.Integer, settings.Options.BatchSize);
                if (_aliases.Length > 0)
                    p.With(NpgsqlDbType.Array | NpgsqlDbType.Varchar, _aliases);
            },
            async reader =>
            {
                for (; await reader.ReadAsync(token); last = reader.GetInt64(0))
                    ReadEvent(reader, events, unreadable);
                return events.Count + unreadable.Count;
            },
            token);
        return (new EventRange(settings.ShardName, floor, count == settings.Options.BatchSize ? last : mark, events), unreadable);
    }

    private void ReadEvent(NpgsqlDataReader row, List<IEvent> events, List<DeadLetterEvent> unreadable)
    {
        var errors = store.Settings.Projections.Errors;
        try
        {
            events.Add(store.EventReader.Read(row));
        }
#pragma warning disable CA1031 // the row is here as a whole: whatever goes wrong lies with its content
        catch (Exception exception) when (exception is UnknownEventTypeException ? errors.SkipUnknownEvents : errors.SkipSerializationErrors)
#pragma warning restore CA1031
        {
            // The text may quote the event.
            unreadable.Add(DeadLetterEvent.Of(settings.ShardName, row.GetInt64(0), exception, "The event cannot be read.", store));
            logger.EventUnreadable(_shard, row.GetInt64(0), exception.GetType().Name);
        }
    }

    private async Task LoadProgressAsync(CancellationToken token)
    {
        await store.EnsureEventTablesAsync(token);
        await using var read = store.DataSource.CreateCommand($"select last_seq_id from {_sql.Progression} where name = $1");
        read.Parameters.With(NpgsqlDbType.Varchar, _shard);
        if (await read.ExecuteScalarAsync(token) is long known)
        {
            _position = _stored = known;
            return;
        }

        var start = await StartingPointAsync(token);
        await using var insert = store.DataSource.CreateCommand(
            $"insert into {_sql.Progression} (name, last_seq_id, last_updated) values ($1, $2, transaction_timestamp()) on conflict (name) do nothing");
        insert.Parameters.With(NpgsqlDbType.Varchar, _shard).With(NpgsqlDbType.Bigint, start);
        if (await insert.ExecuteNonQueryAsync(token) == 0)
            throw new ProgressMovedException();
        _position = _stored = start;
    }

    private async Task<long> StartingPointAsync(CancellationToken token)
    {
        var options = settings.Options;
        if (options.FromSequence is { } sequence)
            return sequence;
        if (options.FromPresent)
        {
            await using var last = store.DataSource.CreateCommand($"select coalesce(max(seq_id), 0) from {_sql.Events}");
            return (long)(await last.ExecuteScalarAsync(token))!;
        }

        return options.FromTime is { } time ? await FloorOfAsync(store, _sql, time, token) : 0;
    }

    /// <summary>The number after which everything from this time on lies.</summary>
    internal static async Task<long> FloorOfAsync(DocumentStore store, EventSql sql, DateTimeOffset time, CancellationToken token)
    {
        await using var command = store.DataSource.CreateCommand(
            $"select coalesce((select min(seq_id) - 1 from {sql.Events} where timestamp >= $1), (select max(seq_id) from {sql.Events}), 0)");
        command.Parameters.With(NpgsqlDbType.TimestampTz, time.UtcDateTime);
        return (long)(await command.ExecuteScalarAsync(token))!;
    }

    private sealed class AfterCommit(IChangeListener listener) : DocumentSessionListenerBase
    {
        public override Task AfterCommitAsync(IDocumentSession session, Services.IChangeSet commit, CancellationToken token) => listener.AfterCommitAsync(session, commit, token);
    }

    private sealed class SubscriptionStoppedException(Exception reason) : Exception(reason.Message, reason);
}
