using System.Collections.Frozen;
using System.Diagnostics;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;
using MassTransit;
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
}

/// <summary>
/// The outbox: reads the service's own events in order and publishes their contract messages. The position moves only after
/// the broker has confirmed; a message that no queue takes stops the relay until one does.
/// </summary>
public sealed partial class Relay(string source, RelayDefinition definition, Func<IBus> bus, RelayHealth health, ILogger logger) : ISubscription
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // A confirm that went down with the broker never comes; the same message once more is harmless, its id is the same.
    private static readonly TimeSpan ConfirmLimit = TimeSpan.FromSeconds(10);

    public async Task<IChangeListener> ProcessEventsAsync(EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        var last = await operations.LoadAsync<RelayPosition>(definition.Name, cancellationToken) ?? new RelayPosition { Id = definition.Name };
        var previous = last.Published;
        var outgoing = new List<(IEvent Happened, object Message, Envelope Envelope)>();
        foreach (var happened in page.Events)
        {
            if (definition.Map(happened.Data) is { } message)
            {
                outgoing.Add((happened, message, new Envelope(source, definition.Name, happened.StreamId, happened.Version, happened.Sequence, previous)));
                previous = happened.Sequence;
            }
        }

        // Order matters within a stream only; streams are published side by side, each confirmed before its next.
        await Task.WhenAll(outgoing.GroupBy(item => item.Happened.StreamId).Select(async stream =>
        {
            foreach (var (happened, message, envelope) in stream)
            {
                await PublishUntilConfirmed(happened, message, envelope, cancellationToken);
            }
        }));

        if (previous != last.Published)
        {
            operations.Store(last with { Published = previous });
        }

        health.Passed(definition.Name);
        return NullChangeListener.Instance;
    }

    private async Task PublishUntilConfirmed(IEvent happened, object message, Envelope envelope, CancellationToken cancellation)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                using var span = Spans.Source.StartActivity($"publish {message.GetType().Name}", ActivityKind.Internal, ParentOf(happened));
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                limit.CancelAfter(ConfirmLimit);
                await bus().Publish(message, message.GetType(), Pipe.Execute<PublishContext>(context => Stamp(context, happened, envelope)), limit.Token).WaitAsync(limit.Token);
                Spans.Published.Add(1, new KeyValuePair<string, object?>("otplatform.message", message.GetType().Name));
                return;
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                health.Failed(definition.Name, exception);
                NotConfirmed(logger, definition.Name, message.GetType().Name, envelope.Position, exception);
                await Task.Delay(pause, cancellation);
            }
        }
    }

    private static void Stamp(PublishContext context, IEvent happened, Envelope envelope)
    {
        context.MessageId = happened.Id;
        context.CorrelationId = Guid.TryParse(happened.CorrelationId, out var correlation) ? correlation : envelope.StreamId;
        context.Headers.Set(Envelope.SourceHeader, envelope.Source);
        context.Headers.Set(Envelope.RelayHeader, envelope.Relay);
        context.Headers.Set(Envelope.StreamIdHeader, envelope.StreamId.ToString());
        context.Headers.Set(Envelope.StreamVersionHeader, envelope.StreamVersion);
        context.Headers.Set(Envelope.PositionHeader, envelope.Position);
        context.Headers.Set(Envelope.PreviousPositionHeader, envelope.PreviousPosition);
        if ((Activity.Current?.Id ?? StoredParent(happened)) is { } traceparent)
        {
            context.Headers.Set(Envelope.TraceparentHeader, traceparent);
        }

        if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
        {
            rabbit.Mandatory = true;
        }
    }

    private static ActivityContext ParentOf(IEvent happened) =>
        ActivityContext.TryParse(StoredParent(happened), null, isRemote: true, out var context) ? context : default;

    private static string? StoredParent(IEvent happened) =>
        happened.Headers is { } headers && headers.TryGetValue(TraceHeaders.Parent, out var parent) ? parent?.ToString() : null;

    [LoggerMessage(Level = LogLevel.Error, Message = "Relay {Relay} stands still: {Message} at {Position} was not confirmed; tried again")]
    private static partial void NotConfirmed(ILogger logger, string relay, string message, long position, Exception exception);
}

/// <summary>Which relays stand still, and since when; part of readiness.</summary>
public sealed class RelayHealth(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DateTimeOffset Since, string Reason)> _failing = [];

    public IReadOnlyDictionary<string, (DateTimeOffset Since, string Reason)> Failing
    {
        get
        {
            lock (_gate)
            {
                return _failing.ToFrozenDictionary();
            }
        }
    }

    internal void Failed(string relay, Exception exception)
    {
        lock (_gate)
        {
            _failing.TryAdd(relay, (clock.GetUtcNow(), exception.GetType().Name));
        }
    }

    internal void Passed(string relay)
    {
        lock (_gate)
        {
            _failing.Remove(relay);
        }
    }
}
