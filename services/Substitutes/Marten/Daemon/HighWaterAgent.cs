using System.Diagnostics;
using Marten.Events;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marten.Daemon;

/// <summary>Keeps the high-water mark of one process up to date for its subscriptions.</summary>
internal sealed class HighWaterAgent(DocumentStore store, ILogger logger) : IDisposable
{
    private const string ProgressName = "HighWaterMark";
    private const int MostSteps = 100;
    private static readonly TimeSpan IdlePoll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan GapPoll = TimeSpan.FromMilliseconds(5);

    // Appends that follow each other within this time share a look.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(1);
    private readonly HighWaterDetector _detector = new(store);
    private readonly EventSql _sql = store.Settings.EventSettings.Sql;
    private readonly Queue<Step> _steps = new();
    private readonly Signal _wake = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _mark;
    private long _written;

    internal long Mark => Interlocked.Read(ref _mark);

    internal void Wake() => _wake.Set();

    /// <summary>Waits until the mark is above the position, or until the time is over.</summary>
    internal async Task<long> WaitAboveAsync(long position, TimeSpan timeout, CancellationToken token)
    {
        Task moved;
        lock (_gate)
        {
            if (_mark > position)
                return _mark;
            moved = _moved.Task;
        }

        await Task.WhenAny(moved, Task.Delay(timeout, token));
        token.ThrowIfCancellationRequested();
        return Mark;
    }

    /// <summary>Whether there may be an event of one of these types after the position and up to the mark.</summary>
    internal bool MayHold(long position, long mark, IEnumerable<string> types)
    {
        lock (_gate)
        {
            var known = position;
            foreach (var step in _steps.Where(s => s.To > position && s.From < mark))
            {
                if (step.From > known || step.Types is not { } seen || seen.Overlaps(types))
                    return true;
                known = step.To;
            }

            return known < mark;
        }
    }

    internal async Task RunAsync(CancellationToken token)
    {
        var sinceWrite = Stopwatch.StartNew();
        var isLoaded = false;
        while (!token.IsCancellationRequested)
        {
            try
            {
                if (!isLoaded)
                    await LoadAsync(token);
                isLoaded = true;
                var (from, looked) = (_detector.Mark, Stopwatch.GetTimestamp());
                await _detector.AdvanceAsync(token);
                Publish(new Step(from, _detector.Mark, _detector.Types));
                if (sinceWrite.Elapsed > WriteInterval && Mark > _written)
                {
                    await WriteAsync(token);
                    sinceWrite.Restart();
                }

                await _wake.WaitAsync(_detector.IsWaiting ? GapPoll : IdlePoll, token);
                if (BetweenLooks - Stopwatch.GetElapsedTime(looked) is { Ticks: > 0 } rest)
                    await Task.Delay(rest, token);
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // without the mark every subscription stands still: this loop must outlive anything
            catch (Exception exception)
#pragma warning restore CA1031
            {
                logger.HighWaterFailed(exception);
                await Task.WhenAny(Task.Delay(IdlePoll, token));
            }
        }
    }

    public void Dispose() => _wake.Dispose();

    private void Publish(Step step)
    {
        TaskCompletionSource moved;
        lock (_gate)
        {
            if (step.To <= _mark)
                return;
            _steps.Enqueue(step);
            if (_steps.Count > MostSteps)
                _steps.Dequeue();
            _mark = step.To;
            moved = _moved;
            _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        moved.SetResult();
    }

    private async Task LoadAsync(CancellationToken token)
    {
        await store.EnsureEventTablesAsync(token);
        await using var command = store.DataSource.CreateCommand($"select last_seq_id from {_sql.Progression} where name = '{ProgressName}'");
        if (await command.ExecuteScalarAsync(token) is long written)
        {
            _detector.StartAt(written);
            _written = written;
        }
    }

    private async Task WriteAsync(CancellationToken token)
    {
        var mark = Mark;
        await using var command = store.DataSource.CreateCommand(
            $"""
            insert into {_sql.Progression} as p (name, last_seq_id, last_updated) values ('{ProgressName}', $1, transaction_timestamp())
            on conflict (name) do update set last_seq_id = excluded.last_seq_id, last_updated = excluded.last_updated where p.last_seq_id < excluded.last_seq_id
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mark });
        await command.ExecuteNonQueryAsync(token);
        _written = mark;
    }

    /// <summary>A move of the mark, with the types of all events that it passed; without them where not every one was seen.</summary>
    private sealed record Step(long From, long To, IReadOnlySet<string>? Types);
}
