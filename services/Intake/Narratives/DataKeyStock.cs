using System.Diagnostics;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Intake.Narratives;

/// <summary>A data key that is stored, for an owner who need not exist yet.</summary>
/// <param name="Owner">Id of what is sealed with it, a version-7 Guid.</param>
/// <param name="Key">32 bytes.</param>
/// <param name="MadeAt">When, in the process's own ticks (<see cref="Stopwatch"/>).</param>
public sealed record DataKey(Guid Owner, byte[] Key, long MadeAt);

/// <summary>
/// New owners whose data keys are stored already, so that nobody who is being answered waits for the key database. It holds what a
/// quarter of a second needs, and nothing while little is asked. What is a second old is given up: an owner's id is no older than that.
/// Owners are given out in the order of their ids.
/// </summary>
public sealed partial class DataKeyStock(DataKeys keys, TimeProvider clock, ILogger<DataKeyStock> logger) : BackgroundService
{
    /// <summary>Most that are kept for nobody yet. A process that is killed leaves as many keys at most that have sealed nothing.</summary>
    internal const int Most = 96;

    private const int PartsOfPeriod = 4;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly LinkedList<DataKey> _stock = [];
    private readonly List<DataKey> _old = [];
    private Task? _filling;
    private DateTimeOffset _timeOfIds;
    private Guid _newestGiven;
    private long _periodBegan = Stopwatch.GetTimestamp();
    private int _taken;
    private int _takenBefore;
    private int _waiting;
    private bool _isStopping;

    /// <summary>How many are stored for nobody: those for whoever comes next and those that are about to be removed.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _stock.Count + _old.Count + (_filling is null ? 0 : 1);
            }
        }
    }

    /// <summary>A new owner and its data key, which is stored.</summary>
    public async ValueTask<DataKey> Take(CancellationToken cancellation)
    {
        Task filling;
        lock (_gate)
        {
            CountOne();
            if (First() is { } first)
            {
                _ = FillWhenLow();
                return first;
            }

            _waiting++;
            filling = FillWhenLow();
        }

        try
        {
            while (true)
            {
                await filling.WaitAsync(cancellation);
                lock (_gate)
                {
                    if (First() is { } first)
                    {
                        return first;
                    }

                    filling = FillWhenLow();
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _waiting--;
            }
        }
    }

    /// <summary>Takes back what has surely sealed nothing that is stored or may be stored yet. It is removed when a later one has been given out: nobody who comes later is sorted before.</summary>
    public void Return(DataKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_gate)
        {
            if (key.Owner == _newestGiven)
            {
                _stock.AddFirst(key);
            }
            else
            {
                _old.Add(key);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Task filling;
        lock (_gate)
        {
            _isStopping = true;
            filling = _filling ?? Task.CompletedTask;
        }

        // What is on its way is removed too; that it failed has been said.
        await Task.WhenAny(filling.WaitAsync(cancellationToken));
        await DiscardOld(all: true, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await DiscardOld(all: false, stoppingToken);
        }
    }

    private async Task DiscardOld(bool all, CancellationToken cancellation)
    {
        Guid[] owners;
        lock (_gate)
        {
            while (_stock.First is { } first && (all || IsOld(first.Value)))
            {
                _old.Add(first.Value);
                _stock.RemoveFirst();
            }

            owners = [.. _old.Select(key => key.Owner)];
        }

        if (owners.Length == 0)
        {
            return;
        }

        try
        {
            await keys.Discard(owners, cancellation);
            lock (_gate)
            {
                _old.RemoveAll(key => owners.Contains(key.Owner));
            }
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            // They are still among the old ones, and tried again.
            NotDiscarded(logger, owners.Length, exception.GetType().Name);
        }
    }

    private DataKey? First()
    {
        while (_stock.First is { } first)
        {
            _stock.RemoveFirst();
            if (!IsOld(first.Value))
            {
                _newestGiven = first.Value.Owner;
                return first.Value;
            }

            _old.Add(first.Value);
        }

        return null;
    }

    private static bool IsOld(DataKey key) => Stopwatch.GetElapsedTime(key.MadeAt) >= Period;

    private void CountOne()
    {
        var passed = Stopwatch.GetElapsedTime(_periodBegan);
        if (passed >= Period)
        {
            (_takenBefore, _taken, _periodBegan) = (passed < 2 * Period ? _taken : 0, 0, Stopwatch.GetTimestamp());
        }

        _taken++;
    }

    /// <summary>The filling that is under way, begun now when there is little left.</summary>
    private Task FillWhenLow()
    {
        var wanted = _isStopping ? 0 : Math.Min(Most, Math.Max(_taken, _takenBefore) / PartsOfPeriod);
        var missing = wanted + _waiting - _stock.Count;
        return _filling ?? (missing > 0 && _stock.Count <= wanted / 2 ? _filling = Task.Run(() => Fill(missing), CancellationToken.None) : Task.CompletedTask);
    }

    /// <summary>Another millisecond for each filling, so that what was made later is sorted later.</summary>
    private DateTimeOffset TimeOfIds()
    {
        var now = clock.GetUtcNow();
        var next = _timeOfIds + TimeSpan.FromMilliseconds(1);
        return _timeOfIds = now < next && next - now < Period ? next : now;
    }

    private async Task Fill(int missing)
    {
        try
        {
            var (time, at) = (TimeOfIds(), Stopwatch.GetTimestamp());
            var made = await keys.Create([.. Enumerable.Range(0, missing).Select(_ => Ids.New(time)).Order()], CancellationToken.None);
            lock (_gate)
            {
                foreach (var (owner, key) in made)
                {
                    _stock.AddLast(new DataKey(owner, key, at));
                }
            }
        }
        catch (Exception exception)
        {
            NotFilled(logger, missing, exception.GetType().Name);
            throw;
        }
        finally
        {
            lock (_gate)
            {
                _filling = null;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} new data keys could not be stored: {Error}")]
    private static partial void NotFilled(ILogger logger, int count, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} data keys that have sealed nothing could not be removed: {Error}; tried again")]
    private static partial void NotDiscarded(ILogger logger, int count, string error);
}
