using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using JasperFx.Events.Daemon;
using Marten.Events;
using Marten.Sessions;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Marten.Daemon;

/// <summary>
/// One connection of its own listens for appends and, in HotCold mode, holds an advisory lock per subscription. It is used twice a
/// second. The server ends it when it has been idle for three seconds: a holder that is frozen, and so cannot be told anything, loses
/// its locks all the same.
/// </summary>
internal sealed class ProjectionDaemon(DocumentStore store, DaemonMode mode, ILogger logger) : IProjectionDaemon
{
    private const string ReloadPayload = "reload";
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);
    private readonly EventSql _sql = store.Settings.EventSettings.Sql;
    private readonly SemaphoreSlim _startStop = new(1, 1);
    private readonly List<RunningAgent> _running = [];
    private readonly Lock _gate = new();
    private CancellationTokenSource? _stopping;
    private HighWaterAgent? _highWater;
    private Task _work = Task.CompletedTask;

    public bool IsRunning => _stopping is { IsCancellationRequested: false };

    public async Task StartAllAsync()
    {
        await _startStop.WaitAsync();
        try
        {
            if (IsRunning)
                return;
            var stopping = new CancellationTokenSource();
            var highWater = new HighWaterAgent(store, logger);
            (_stopping, _highWater) = (stopping, highWater);
            store.Appended += highWater.Wake;
            _work = Task.Run(() => Task.WhenAll(highWater.RunAsync(stopping.Token), CoordinateAsync(highWater, stopping.Token)));
        }
        finally
        {
            _startStop.Release();
        }
    }

    public async Task StopAllAsync()
    {
        await _startStop.WaitAsync();
        try
        {
            if (_stopping is not { } stopping || _highWater is not { } highWater)
                return;
            await stopping.CancelAsync();
            await _work;
            store.Appended -= highWater.Wake;
            (_stopping, _highWater) = (null, null);
            stopping.Dispose();
            highWater.Dispose();
        }
        finally
        {
            _startStop.Release();
        }
    }

    public async Task WaitForNonStaleData(TimeSpan timeout)
    {
        var waited = Stopwatch.StartNew();
        await using var last = store.DataSource.CreateCommand($"select coalesce(max(seq_id), 0) from {_sql.Events}");
        var target = (long)(await last.ExecuteScalarAsync())!;
        var shards = store.Settings.EventSettings.Subscriptions.Select(s => s.ShardName.Identity).ToList();
        while (true)
        {
            var progress = await store.Advanced.AllProjectionProgress();
            if (shards.TrueForAll(shard => progress.Any(p => p.ShardName == shard && p.Sequence >= target)))
                return;
            if (waited.Elapsed > timeout)
                throw new TimeoutException($"Not all subscriptions have reached {target} within {timeout}: {string.Join(", ", progress.Select(p => $"{p.ShardName} {p.Sequence}"))}");
            await Task.Delay(10);
        }
    }

    public long HighWaterMark() => _highWater?.Mark ?? 0;

    [SuppressMessage("Design", "CA1068", Justification = "The order of the package's own signature.")]
    public async Task RewindSubscriptionAsync(string subscriptionName, CancellationToken token, long? sequenceFloor = 0, DateTimeOffset? timestamp = default)
    {
        var settings = store.Settings.EventSettings.Subscriptions.Find(s => s.Name == subscriptionName)
            ?? throw new ArgumentOutOfRangeException(nameof(subscriptionName), $"There is no subscription named {subscriptionName}.");
        await store.EnsureEventTablesAsync(token);
        var floor = timestamp is { } time ? await SubscriptionAgent.FloorOfAsync(store, _sql, time, token) : sequenceFloor ?? 0;
        await using var command = store.DataSource.CreateCommand(
            $"""
            with p as (
              insert into {_sql.Progression} (name, last_seq_id, last_updated) values ($1, $2, transaction_timestamp())
              on conflict (name) do update set last_seq_id = excluded.last_seq_id, last_updated = excluded.last_updated returning 1)
            select pg_notify('{_sql.Channel}', '{ReloadPayload}') from p
            """);
        command.Parameters.With(NpgsqlDbType.Varchar, settings.ShardName.Identity).With(NpgsqlDbType.Bigint, floor);
        await command.ExecuteNonQueryAsync(token);
        ReloadAgents();
    }

    public void Dispose()
    {
        if (_highWater is { } highWater)
            store.Appended -= highWater.Wake;

        // The semaphore stays usable: a host may be stopped once more after its services have been disposed of.
        _stopping?.Cancel();
    }

    private async Task CoordinateAsync(HighWaterAgent highWater, CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            try
            {
                await store.EnsureEventTablesAsync(token);
                await HoldConnectionAsync(highWater, token);
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // the coordinator must outlive whatever happens to its connection
            catch (Exception exception)
#pragma warning restore CA1031
            {
                logger.CoordinatorFailed(exception);
                if (mode == DaemonMode.HotCold)
                    CancelAgents();
                await Task.WhenAny(Task.Delay(RetryDelay, token));
            }
        }

        CancelAgents();
        await Task.WhenAll(Snapshot().Select(a => a.Work));
    }

    private async Task HoldConnectionAsync(HighWaterAgent highWater, CancellationToken token)
    {
        await using var connection = await store.DataSource.OpenConnectionAsync(token);
        connection.Notification += (_, notification) =>
        {
            if (notification.Payload == ReloadPayload)
                ReloadAgents();
            highWater.Wake();
        };
        try
        {
            await ExecuteAsync(connection, mode == DaemonMode.HotCold ? $"set idle_session_timeout = '3s'; listen {_sql.Channel}" : $"listen {_sql.Channel}", token);
            while (!token.IsCancellationRequested)
            {
                await StartAgentsAsync(connection, highWater, token);
                var sinceBeat = Stopwatch.StartNew();

                // The driver counts whole milliseconds, and takes none for a wait without an end.
                for (var left = Beat; left.TotalMilliseconds >= 1; left = Beat - sinceBeat.Elapsed)
                    await connection.WaitAsync(left, token);
            }
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
                await LeaveAsync(connection);
        }
    }

    /// <summary>The connection goes back to the pool: it must keep neither locks nor settings.</summary>
    private async Task LeaveAsync(NpgsqlConnection connection)
    {
        CancelAgents();
        await Task.WhenAny(Task.WhenAll(Snapshot().Select(a => a.Work)), Task.Delay(TimeSpan.FromSeconds(2)));
        try
        {
            await ExecuteAsync(connection, "select pg_advisory_unlock_all(); unlisten *; reset idle_session_timeout", CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The connection is gone, and the locks with it; should it only have been slow, it goes now.
            NpgsqlConnection.ClearPool(connection);
        }
    }

    private async Task StartAgentsAsync(NpgsqlConnection connection, HighWaterAgent highWater, CancellationToken token)
    {
        List<SubscriptionSettings> idle;
        lock (_gate)
        {
            _running.RemoveAll(a => a.Work.IsCompleted && a.Cancellation.IsCancellationRequested);
            idle = [.. store.Settings.EventSettings.Subscriptions.Where(s => !_running.Exists(a => a.Agent.Shard == s.ShardName.Identity))];
        }

        var mine = mode == DaemonMode.HotCold ? await TryLockAsync(connection, idle, token) : idle;
        foreach (var settings in mine)
        {
            var agent = new SubscriptionAgent(settings, store, highWater, logger);
            var cancellation = CancellationTokenSource.CreateLinkedTokenSource(token);
            lock (_gate)
                _running.Add(new RunningAgent(agent, cancellation, Task.Run(() => agent.RunAsync(cancellation.Token), CancellationToken.None)));
        }

        lock (_gate)
            store.IsFollowedHereAlone = mode == DaemonMode.HotCold && _running.Count == store.Settings.EventSettings.Subscriptions.Count && !_running.Exists(a => a.Cancellation.IsCancellationRequested);
    }

    private async Task<List<SubscriptionSettings>> TryLockAsync(NpgsqlConnection connection, List<SubscriptionSettings> idle, CancellationToken token)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock(k) from unnest($1) with ordinality as l(k, n) order by n", connection) { CommandTimeout = 2 };
        command.Parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Bigint, idle.Select(s => LockKey(s.ShardName.Identity)).ToArray());
        await using var reader = await command.ExecuteReaderAsync(token);
        var mine = new List<SubscriptionSettings>();
        foreach (var settings in idle)
        {
            if (await reader.ReadAsync(token) && reader.GetBoolean(0))
                mine.Add(settings);
        }

        return mine;
    }

    private long LockKey(string shard)
    {
        const ulong offset = 14695981039346656037;
        const ulong prime = 1099511628211;
        var hash = offset;
        foreach (var c in $"{store.Settings.EventSettings.DatabaseSchemaName}:{shard}")
            hash = (hash ^ c) * prime;
        return unchecked((long)hash);
    }

    private List<RunningAgent> Snapshot()
    {
        lock (_gate)
            return [.. _running];
    }

    private void CancelAgents()
    {
        store.IsFollowedHereAlone = false;
        foreach (var agent in Snapshot())
            agent.Cancellation.Cancel();
    }

    private void ReloadAgents()
    {
        foreach (var agent in Snapshot())
            agent.Agent.Reload();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken token)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 2 };
        await command.ExecuteNonQueryAsync(token);
    }

    private sealed record RunningAgent(SubscriptionAgent Agent, CancellationTokenSource Cancellation, Task Work);
}
