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
    private const int StreamsAtOnce = 100;
    private const int MessagesAtOnce = 100;
    private const string Parked = $"{StoreExtensions.Schema}.mt_doc_parkedmessage";
    private const string Progress = $"{StoreExtensions.Schema}.mt_doc_streamprogress";

    // The first of each stream, where it is its turn now, or where it is time to do something about it.
    private const string FirstOfStreams =
        $"""
        where id in (
          select first.id from (select distinct on (turn) id, turn, version, previous_version, reason, next_at from {Parked} order by turn, version) as first
          left join {Progress} as progress on progress.id = first.turn
          where first.next_at <= ?
             or coalesce(cast(progress.data ->> 'version' as bigint), 0) >= first.version
             or (first.reason = '{ParkedMessage.Gap}' and coalesce(cast(progress.data ->> 'version' as bigint), 0) >= first.previous_version))
        order by next_at limit ?
        """;

    private static readonly TimeSpan FaultsHoldBackFor = TimeSpan.FromDays(1);
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
        await using var session = store.QuerySession();
        Interlocked.Exchange(ref _count, (await session.AdvancedSql.QueryAsync<long>($"select count(*) from {Parked}", cancellation))[0]);
        foreach (var first in await session.QueryAsync<ParkedMessage>(FirstOfStreams, cancellation, clock.GetUtcNow(), StreamsAtOnce))
        {
            try
            {
                await LookAtStream(first, cancellation);
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                // One stream that cannot be helped must not stand in the way of the others; it rests until its next time.
                Failed(logger, exception);
            }
        }
    }

    /// <summary>Marks what is going to be done in a transaction of its own and does it after, so that nothing is locked while the broker is asked.</summary>
    private async Task LookAtStream(ParkedMessage first, CancellationToken cancellation)
    {
        var (done, waiting) = await Claim(first, cancellation);
        if (waiting.Count == 0)
        {
            return;
        }

        if (waiting[0].PreviousVersion > done || waiting[0].IsEmptied)
        {
            await AskForReplay(waiting[0], done, cancellation);
            return;
        }

        foreach (var message in waiting.TakeWhile(message => !message.IsEmptied))
        {
            await queues.PutBack(message, cancellation);
        }
    }

    /// <summary>What of the stream is to be done now: one message to ask a replay for, or a run of messages whose turn it is; none where another replica is at it.</summary>
    private async Task<(long Done, IReadOnlyList<ParkedMessage> Waiting)> Claim(ParkedMessage first, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        var now = clock.GetUtcNow();
        var parked = await session.QueryAsync<ParkedMessage>("where turn = ? order by version limit ? for update skip locked", cancellation, first.Turn, MessagesAtOnce);
        var done = (await session.LoadAsync<StreamProgress>(first.Turn, cancellation))?.Version ?? 0;
        foreach (var over in parked.Where(message => message.Version <= done))
        {
            session.Delete<ParkedMessage>(over.Id);
        }

        var claimed = new List<ParkedMessage>();
        if (parked.FirstOrDefault(message => message.Version > done) is { } head && IsDue(head, done, now))
        {
            claimed.AddRange(head.PreviousVersion > done ? [head] : Run(parked.Where(message => message.Version > done)));
        }

        foreach (var message in claimed)
        {
            // What is put back is expected to be done; comes it back, then because it is too early.
            var isReplay = message.PreviousVersion > done && message.Id == claimed[0].Id;
            var attempts = isReplay ? message.Attempts + 1 : message.Reason == ParkedMessage.TooEarly ? message.Attempts : 0;
            session.Store(message with { Reason = isReplay ? ParkedMessage.Gap : ParkedMessage.TooEarly, Attempts = attempts, NextAt = now + ParkedMessage.Rest(attempts + 2) });
        }

        await session.SaveChangesAsync(cancellation);
        return (done, claimed);
    }

    private static bool IsDue(ParkedMessage message, long done, DateTimeOffset now) =>
        message.NextAt <= now || (message.Reason == ParkedMessage.Gap && message.PreviousVersion <= done);

    /// <summary>From the first on, those that follow each other without a gap.</summary>
    private static IEnumerable<ParkedMessage> Run(IEnumerable<ParkedMessage> waiting)
    {
        long? last = null;
        foreach (var message in waiting)
        {
            if (last is { } version && message.PreviousVersion != version)
            {
                yield break;
            }

            last = message.Version;
            yield return message;
        }
    }

    private async Task AskForReplay(ParkedMessage message, long done, CancellationToken cancellation)
    {
        await using (var session = store.QuerySession())
        {
            var failed = await session.QueryAsync<FaultedMessage>(
                "where data ->> 'turn' = ? and cast(data ->> 'version' as bigint) > ? and cast(data ->> 'version' as bigint) <= ? and cast(data ->> 'failedAt' as timestamptz) > ?",
                cancellation,
                message.Turn,
                done,
                message.PreviousVersion,
                clock.GetUtcNow() - FaultsHoldBackFor);
            if (failed.Count > 0)
            {
                // It is not missing but stands in the error queue; once more it would fail once more. Not for ever, in case it got lost there.
                return;
            }
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
