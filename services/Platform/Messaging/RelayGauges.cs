using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Platform.Messaging;

/// <summary>Measures how far each subscription is behind the newest event of the store.</summary>
public sealed partial class RelayGauges(IDocumentStore store, RelayHealth health, ILogger<RelayGauges> logger) : BackgroundService
{
    private static readonly TimeSpan MayStandFor = TimeSpan.FromSeconds(30);
    private const string HighWaterMark = "HighWaterMark";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, long> _backlog = [];
    private readonly Dictionary<string, (long Sequence, long Since)> _moved = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Spans.Meter.CreateObservableGauge(
            "otplatform.relay.backlog",
            () => _backlog.Select(entry => new Measurement<long>(entry.Value, new KeyValuePair<string, object?>("otplatform.relay", entry.Key))),
            "{event}",
            "Events that a subscription has not passed yet");
        using var timer = new PeriodicTimer(Pause);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Measure(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                NotMeasured(logger, exception);
            }
        }
    }

    /// <summary>By subscription: the events that it has not passed yet.</summary>
    public async Task<IReadOnlyDictionary<string, long>> Measure(CancellationToken cancellation)
    {
        var newest = await Newest(cancellation);
        foreach (var subscription in await store.Advanced.AllProjectionProgress(token: cancellation))
        {
            if (subscription.ShardName != HighWaterMark)
            {
                _backlog[subscription.ShardName] = Math.Max(0, newest - subscription.Sequence);
                Watch(subscription.ShardName, subscription.Sequence, newest);
            }
        }

        return _backlog;
    }

    // Not the sequence itself: a number that was rolled back is nothing that anybody could pass.
    private async Task<long> Newest(CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return (await session.AdvancedSql.QueryAsync<long>($"select coalesce(max(seq_id), 0) from {StoreExtensions.Schema}.mt_events", cancellation))[0];
    }

    /// <summary>A subscription that has something to do and does not move is not ready: it cannot read an event, or nobody runs it.</summary>
    private void Watch(string subscription, long sequence, long newest)
    {
        var (last, since) = _moved.GetValueOrDefault(subscription, (sequence, Stopwatch.GetTimestamp()));
        if (last != sequence || sequence >= newest)
        {
            _moved[subscription] = (sequence, Stopwatch.GetTimestamp());
            health.Passed(subscription);
            return;
        }

        _moved[subscription] = (last, since);
        if (Stopwatch.GetElapsedTime(since) > MayStandFor)
        {
            health.Failed(subscription, new TimeoutException());
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The backlog of the subscriptions could not be measured")]
    private static partial void NotMeasured(ILogger logger, Exception exception);
}
