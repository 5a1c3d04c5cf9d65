using System.Runtime.CompilerServices;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Coordination.Journal;

/// <summary>How far the journal has come, for those who wait for more: told at once by this process, and asked for what other replicas write.</summary>
public sealed partial class JournalFeed(StreamStore streams, ILogger<JournalFeed> logger) : BackgroundService
{
    private const int Page = 200;
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _known;
    private int _waiting;

    /// <summary>The last position now.</summary>
    public async Task<long> Last(CancellationToken cancellation) =>
        (await streams.Load<JournalHead>(JournalHead.Only, cancellation))?.Position ?? 0;

    /// <summary>Waits until the journal is past <paramref name="position"/>, and gives its last position known then.</summary>
    public async Task<long> Beyond(long position, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            while (true)
            {
                Task moved;
                lock (_gate)
                {
                    if (_known > position)
                    {
                        return _known;
                    }

                    moved = _moved.Task;
                }

                await moved.WaitAsync(cancellation);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>The next entries after <paramref name="position"/>, at most a page of them.</summary>
    public Task<IReadOnlyList<JournalEntry>> Read(long position, CancellationToken cancellation) =>
        streams.Query<JournalEntry>($"where position > ? order by position limit {Page}", cancellation, position);

    /// <summary>Every entry after <paramref name="position"/>, then those that come, each once, until cancelled.</summary>
    public async IAsyncEnumerable<JournalEntry> After(long position, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            await Beyond(position, cancellation);
            foreach (var entry in await Read(position, cancellation))
            {
                yield return entry;
                position = entry.Position;
            }
        }
    }

    internal void Reached(long position)
    {
        TaskCompletionSource? passed = null;
        lock (_gate)
        {
            if (position > _known)
            {
                _known = position;
                passed = _moved;
                _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        passed?.SetResult();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(AskEvery);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (Volatile.Read(ref _waiting) == 0)
            {
                continue;
            }

            try
            {
                Reached(await Last(stoppingToken));
            }
            catch (Exception exception) when (PauseWhileUnavailable.IsTransient(exception) || exception is Npgsql.NpgsqlException)
            {
                NotRead(logger, exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The journal's position could not be read")]
    private static partial void NotRead(ILogger logger, Exception exception);
}
