using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OtPlatform.Contracts.Commands;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Platform.Messaging;

/// <summary>Puts parked messages back into their queues as soon as it is their turn, and asks the owner to replay what is missing before them.</summary>
public sealed partial class ParkedMessages(
    IDocumentStore store, ServiceIdentity service, Publisher publisher, BrokerQueues queues, TimeProvider clock, ILogger<ParkedMessages> logger) : BackgroundService
{
    private const int AtOnce = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static long _count;

    static ParkedMessages() =>
        Spans.Meter.CreateObservableGauge("otplatform.message.parked_now", () => Interlocked.Read(ref _count), "{message}", "Messages that wait outside their queue");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAtAll(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(logger, exception);
            }
        }
    }

    private async Task LookAtAll(CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        var parked = await session.QueryAsync<ParkedMessage>($"where true order by data ->> 'parkedAt', id limit {AtOnce} for update skip locked", cancellation);
        Interlocked.Exchange(ref _count, parked.Count);
        foreach (var stream in parked.GroupBy(message => Turn.KeyOf(message.Queue, message.Source, message.Relay, message.StreamId)))
        {
            await LookAtStream(stream.Key, [.. stream.OrderBy(message => message.Version)], session, cancellation);
        }

        await session.SaveChangesAsync(cancellation);
    }

    private async Task LookAtStream(string turn, IReadOnlyList<ParkedMessage> waiting, IDocumentSession session, CancellationToken cancellation)
    {
        var done = (await session.LoadAsync<StreamProgress>(turn, cancellation))?.Version ?? 0;
        foreach (var message in waiting)
        {
            if (message.Version <= done)
            {
                session.Delete<ParkedMessage>(message.Id);
                continue;
            }

            var isReady = message.PreviousVersion <= done;
            if (isReady && (message.Reason == ParkedMessage.Gap || message.NextAt <= clock.GetUtcNow()))
            {
                await queues.PutBack(message, cancellation);
                var attempts = message.Reason == ParkedMessage.TooEarly ? message.Attempts : 0;
                session.Store(message with { Reason = ParkedMessage.TooEarly, Attempts = attempts, NextAt = clock.GetUtcNow() + ParkedMessage.Rest(attempts + 2) });
            }
            else if (!isReady && message.NextAt <= clock.GetUtcNow())
            {
                await AskForReplay(message, turn, done, session, cancellation);
                session.Store(message with { Attempts = message.Attempts + 1, NextAt = clock.GetUtcNow() + ParkedMessage.Rest(message.Attempts + 1) });
            }

            // The others of the stream have to wait for this one anyway.
            return;
        }
    }

    private async Task AskForReplay(ParkedMessage message, string turn, long done, IDocumentSession session, CancellationToken cancellation)
    {
        var failed = await session.QueryAsync<FaultedMessage>(
            "where data ->> 'turn' = ? and cast(data ->> 'version' as bigint) > ? and cast(data ->> 'version' as bigint) <= ?", cancellation, turn, done, message.PreviousVersion);
        if (failed.Count > 0)
        {
            // It is not missing but stands in the error queue; once more it would fail once more.
            return;
        }

        Asked(logger, message.Queue, message.Source, message.StreamId, done, message.Version);
        Spans.Replays.Add(1, new KeyValuePair<string, object?>("otplatform.queue", message.Queue));
        var request = new Replay(message.Source, message.Relay, message.Queue, message.StreamId, done + 1, message.Version);
        await publisher.Publish(
            request,
            context =>
            {
                context.MessageId = Ids.New(clock.GetUtcNow());
                context.Headers.Set(Envelope.SourceHeader, service.Name);
            },
            cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Queue}: {Source} is asked to replay stream {StreamId} after {Done} up to {Version}")]
    private static partial void Asked(ILogger logger, string queue, string source, Guid streamId, long done, long version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Parked messages could not be looked at; tried again")]
    private static partial void Failed(ILogger logger, Exception exception);
}
