using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;
using Microsoft.Extensions.Logging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Messaging;

/// <summary>What a relay publishes.</summary>
/// <param name="Name">Name of the subscription and of its position; never renamed.</param>
/// <param name="Map">The contract message for a stored event, or null when the event is private.</param>
/// <param name="Only">The event types to read; empty for all.</param>
public sealed record RelayDefinition(string Name, Func<object, object?> Map, params Type[] Only);

/// <summary>The position of the message that a relay published last.</summary>
public sealed record RelayPosition
{
    public required string Id { get; init; }

    public long Published { get; init; }

    /// <summary>The end of the page that it looked at last.</summary>
    public long? Seen { get; init; }
}

/// <summary>
/// The outbox: reads the service's own events in order and publishes their contract messages. The position moves only after
/// the broker has confirmed. A message that no queue takes stops the relay until one does; an event that cannot be read or mapped parks
/// its stream, and the others go on.
/// </summary>
public sealed partial class Relay(string source, RelayDefinition definition, Publisher publisher, RelayHealth health, TimeProvider clock, ILogger<Relay> logger) : ISubscription
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly StreamChains _chains = new(definition);
    private PageEnd? _end;

    public async Task<IChangeListener> ProcessEventsAsync(EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        var (published, floor, parked) = await Before(page, operations, cancellationToken);
        var unread = new Queue<UnreadEvent>(await UnreadEvent.In(page, floor, definition.Only, withArchived: true, operations, cancellationToken));
        var outgoing = new List<Outgoing>();
        var previous = published;
        foreach (var happened in page.Events)
        {
            ParkUnread(unread, happened.Sequence, parked);
            if (await Next(happened, previous, parked, operations, cancellationToken) is { } next)
            {
                outgoing.Add(next);
                previous = happened.Sequence;
            }
        }

        ParkUnread(unread, long.MaxValue, parked);

        // Order matters within a stream only; streams are published side by side, each message confirmed before the next of its stream.
        try
        {
            await Task.WhenAll(outgoing.GroupBy(item => item.Happened.StreamId).Select(async stream =>
            {
                foreach (var item in stream)
                {
                    await PublishUntilConfirmed(item, cancellationToken);
                }
            }));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Another replica goes on with it: here nothing stands still any more.
            health.Passed(definition.Name);
            throw;
        }

        parked.Write(operations);

        // A position that a crash of the store takes back only lets the page be published once more, with the same ids.
        operations.QueueSqlCommand(AfterCommit.WithoutWaitingForTheDisk);
        operations.Store(new RelayPosition { Id = definition.Name, Published = previous, Seen = page.SequenceCeiling });
        health.Passed(definition.Name);
        return AfterCommit.RestAfter(page, () => _end = parked.IsEmpty ? new PageEnd(page.SequenceCeiling, previous) : null, cancellationToken);
    }

    /// <summary>What the page before has left. Where this process has committed that page itself and nothing was parked, there is nothing to read.</summary>
    private async Task<(long Published, long Floor, ParkedInPage Parked)> Before(EventRange page, IDocumentOperations operations, CancellationToken cancellation)
    {
        if (_end is { } end && end.Ceiling == page.SequenceFloor)
        {
            return (end.Published, end.Ceiling, new ParkedInPage(definition.Name, []));
        }

        var position = await operations.LoadAsync<RelayPosition>(definition.Name, cancellation);
        var parked = await operations.QueryAsync<ParkedStream>("where data ->> 'relay' = ?", cancellation, definition.Name);

        // A page of which nothing could be read may not have been handed over at all.
        var floor = definition.Only.Length == 0 && position?.Seen is { } seen ? Math.Min(seen, page.SequenceFloor) : page.SequenceFloor;
        return (position?.Published ?? 0, floor, new ParkedInPage(definition.Name, parked));
    }

    /// <summary>Parks the streams of what could not be read and comes before the position: nothing later of them may be published first.</summary>
    private void ParkUnread(Queue<UnreadEvent> unread, long position, ParkedInPage parked)
    {
        while (unread.TryPeek(out var next) && next.Sequence < position)
        {
            unread.Dequeue();
            if (!parked.Holds(next.StreamId, next.Sequence))
            {
                NotRead(logger, definition.Name, next.StreamId, next.Sequence);
                _chains.Forget(next.StreamId);
                parked.Park(next.StreamId, next.Version, next.Sequence, nameof(UnreadEvent), clock.GetUtcNow());
            }
        }
    }

    /// <summary>The message of one event with its place in its stream's chain; null when the event is private.</summary>
    internal static async Task<Outgoing?> MessageOf(
        string source, RelayDefinition definition, StreamChains chains, IEvent happened, long previousPosition, IQuerySession session, CancellationToken cancellation)
    {
        var message = definition.Map(happened.Data);
        var before = await chains.Before(happened, message, session, cancellation);
        return message is null
            ? null
            : new Outgoing(happened, message, new Envelope(source, definition.Name, happened.StreamId, happened.Version, happened.Sequence, previousPosition, before));
    }

    private async Task<Outgoing?> Next(IEvent happened, long previous, ParkedInPage parked, IQuerySession session, CancellationToken cancellation)
    {
        if (parked.Holds(happened.StreamId, happened.Sequence))
        {
            return null;
        }

        try
        {
            return await MessageOf(source, definition, _chains, happened, previous, session, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && !PauseWhileUnavailable.IsTransient(exception))
        {
            NotMapped(logger, definition.Name, happened.StreamId, happened.EventTypeName, happened.Sequence, exception);
            _chains.Forget(happened.StreamId);
            parked.Park(happened.StreamId, happened.Version, happened.Sequence, exception.GetType().Name, clock.GetUtcNow());
            return null;
        }
    }

    private async Task PublishUntilConfirmed(Outgoing item, CancellationToken cancellation)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await item.Send((message, stamp) => publisher.Publish(message, stamp, cancellation));
                Spans.Lag.Record((clock.GetUtcNow() - item.Happened.Timestamp).TotalSeconds, new KeyValuePair<string, object?>("otplatform.relay", definition.Name));
                return;
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                health.Failed(definition.Name, exception);
                NotConfirmed(logger, definition.Name, item.What, item.Envelope.Position, exception);
                await Task.Delay(pause, cancellation);
            }
        }
    }

    private sealed record PageEnd(long Ceiling, long Published);

    [LoggerMessage(Level = LogLevel.Error, Message = "Relay {Relay} stands still: {Message} at {Position} was not confirmed; tried again")]
    private static partial void NotConfirmed(ILogger logger, string relay, string message, long position, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Relay {Relay} parks stream {StreamId}: {Event} at {Position} cannot be mapped; the other streams go on")]
    private static partial void NotMapped(ILogger logger, string relay, Guid streamId, string @event, long position, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Relay {Relay} parks stream {StreamId}: the event at {Position} cannot be read; the other streams go on")]
    private static partial void NotRead(ILogger logger, string relay, Guid streamId, long position);
}
