using System.Globalization;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Messaging;

/// <summary>A stream of this service out of whose stored events an erasure has taken something.</summary>
public sealed record RedactedStream
{
    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The error queues have been looked through since.</summary>
    public required bool Seen { get; init; }
}

/// <summary>
/// What failed stands in an error queue as it was sent, until somebody puts it back. Where an erasure has changed the events of its stream
/// since, their owner sends the message once more as it is now, with its own id, and takes the old one out. What fails later with an old
/// body is found too.
/// </summary>
public sealed partial class RedactedStreams(
    IDocumentStore store, BrokerOptions broker, ServiceIdentity service, IEnumerable<RelayDefinition> relays, Publisher publisher, TimeProvider clock, ILogger<RedactedStreams> logger) : BackgroundService
{
    private static readonly string Table = StoreExtensions.TableOf<RedactedStream>();
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ForgetWhatWasSeen = TimeSpan.FromHours(1);

    private readonly ErrorQueues _errors = new(broker);
    private readonly Dictionary<string, (uint Messages, int Streams)> _known = [];
    private bool _isOutOfReach;

    /// <summary>Remembers the stream in the transaction of the erasure.</summary>
    internal static void Note(Work work, Guid stream) =>
        work.Run(
            $"insert into {Table} (id, data) values (?, jsonb_build_object('id', ?, 'at', now(), 'seen', false)) on conflict (id) do update set data = excluded.data", stream, stream.ToString());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        var (lookedAt, forgotAt) = (clock.GetTimestamp(), clock.GetTimestamp());
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (clock.GetElapsedTime(forgotAt) > ForgetWhatWasSeen)
                {
                    _known.Clear();
                    forgotAt = clock.GetTimestamp();
                }

                if (clock.GetElapsedTime(lookedAt) > LookAgain || (!_isOutOfReach && await HasNew(stoppingToken)))
                {
                    lookedAt = clock.GetTimestamp();
                    await LookThrough(stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(logger, exception);
            }
        }
    }

    private async Task<bool> HasNew(CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return (await session.AdvancedSql.QueryAsync<bool>($"select exists (select 1 from {Table} where data -> 'seen' = 'false')", cancellation))[0];
    }

    private async Task LookThrough(CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        var streams = await session.QueryAsync<RedactedStream>("where true", cancellation);
        if (streams.Count == 0)
        {
            return;
        }

        var (redacted, all) = (streams.ToDictionary(stream => stream.Id, stream => stream.At), true);
        _isOutOfReach = false;
        foreach (var (queue, messages) in await _errors.Standing(Topology.Subscriptions.Select(subscription => subscription.Queue), cancellation))
        {
            if (_known.GetValueOrDefault(queue) == (messages, streams.Count) && streams.All(stream => stream.Seen))
            {
                continue;
            }

            try
            {
                if (await _errors.Replace(queue, fault => Replaced(fault, redacted, session, cancellation), cancellation))
                {
                    _known[queue] = (messages, streams.Count);
                    continue;
                }

                // An operator has to make room there; until then each look is a long one.
                (all, _isOutOfReach) = (false, true);
                OutOfReach(logger, queue, messages);
            }
            catch (RejectedException)
            {
                // Somebody else reads it just now; the next look finds it.
                all = false;
            }
        }

        foreach (var stream in all ? streams.Where(stream => !stream.Seen) : [])
        {
            // Only as it was read: an erasure that came meanwhile is new.
            session.QueueSqlCommand($"update {Table} set data = jsonb_set(data, '{{seen}}', 'true') where id = ? and cast(data ->> 'at' as timestamptz) = ?", stream.Id, stream.At.ToUniversalTime());
        }

        await session.SaveChangesAsync(cancellation);
    }

    private async Task<bool> Replaced(Fault fault, Dictionary<Guid, DateTimeOffset> redacted, IQuerySession session, CancellationToken cancellation)
    {
        if (fault.Source != service.Name || fault is not { StreamId: { } id, StreamVersion: { } version } || !redacted.TryGetValue(id, out var at) || fault.RenewedFor >= at
            || relays.SingleOrDefault(known => known.Name == fault.Relay) is not { } relay)
        {
            return false;
        }

        var chains = new StreamChains(relay);
        Outgoing? message = null;
        foreach (var happened in await session.Events.FetchStreamAsync(id, version: version, token: cancellation))
        {
            message = await Relay.MessageOf(service.Name, relay, chains, happened, 0, session, cancellation);
        }

        if (message is null || message.Happened.Id != fault.MessageId)
        {
            return false;
        }

        await message.Send((body, stamp) => publisher.Send(
            fault.Queue,
            body,
            context =>
            {
                stamp(context);
                context.Headers.Set(Envelope.RenewedHeader, at.ToString("O", CultureInfo.InvariantCulture));
            },
            cancellation));
        Renewed(logger, fault.Queue, id, version);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Queue}: version {Version} of stream {StreamId} had failed before an erasure, and is sent as it is now")]
    private static partial void Renewed(ILogger logger, string queue, Guid streamId, long version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Queue}: so many of its {Messages} failed messages stand there that not all can be looked through for what was erased")]
    private static partial void OutOfReach(ILogger logger, string queue, uint messages);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The error queues could not be looked through for what was erased; tried again")]
    private static partial void Failed(ILogger logger, Exception exception);
}
