using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>Wakes those in this process who follow a consultation: one reader of the feed for all of them.</summary>
public sealed partial class ConsultationChanges(FeedReader feed, ILogger<ConsultationChanges> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, HashSet<Follower>> _followers = [];

    /// <summary>Begins to follow one consultation; disposed by who has seen enough.</summary>
    public Follower Follow(Guid consultationId)
    {
        var follower = new Follower(this, consultationId);
        lock (_gate)
        {
            if (!_followers.TryGetValue(consultationId, out var others))
            {
                _followers[consultationId] = others = [];
            }

            others.Add(follower);
        }

        return follower;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? position = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                position ??= await feed.Newest(stoppingToken);
                await foreach (var entry in feed.After(position.Value, stoppingToken))
                {
                    Wake(entry.StreamId);
                    position = entry.Id;
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Interrupted(logger, exception);
                await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Wake(Guid consultationId)
    {
        lock (_gate)
        {
            foreach (var follower in _followers.GetValueOrDefault(consultationId) ?? [])
            {
                follower.Wake();
            }
        }
    }

    private void Leave(Follower follower)
    {
        lock (_gate)
        {
            if (_followers.TryGetValue(follower.ConsultationId, out var others) && others.Remove(follower) && others.Count == 0)
            {
                _followers.Remove(follower.ConsultationId);
            }
        }
    }

    /// <summary>One who follows a consultation.</summary>
    public sealed class Follower : IDisposable
    {
        private readonly ConsultationChanges _changes;
        private readonly SemaphoreSlim _changed = new(0, 1);

        internal Follower(ConsultationChanges changes, Guid consultationId) => (_changes, ConsultationId) = (changes, consultationId);

        internal Guid ConsultationId { get; }

        /// <summary>Returns when something may have changed, or after <paramref name="atMost"/>; what is new is for the caller to read.</summary>
        public Task Changed(TimeSpan atMost, CancellationToken cancellation) => _changed.WaitAsync(atMost, cancellation);

        /// <inheritdoc/>
        public void Dispose()
        {
            _changes.Leave(this);
            _changed.Dispose();
        }

        internal void Wake()
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The feed of changes was interrupted; followers look for themselves until it goes on")]
    private static partial void Interrupted(ILogger logger, Exception exception);
}
