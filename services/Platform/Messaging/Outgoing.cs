using System.Diagnostics;
using JasperFx.Events;
using MassTransit;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Messaging;

/// <summary>A contract message of a stored event, ready to be published.</summary>
internal sealed record Outgoing(IEvent Happened, object Message, Envelope Envelope)
{
    public string What => Message.GetType().Name;

    /// <summary>Runs the sending in a span that continues the trace of the change.</summary>
    public async Task Send(Func<object, Action<SendContext>, Task> send)
    {
        using var span = Spans.Source.StartActivity($"publish {What}", ActivityKind.Internal, Parent());
        await send(Message, Stamp);
        Spans.Published.Add(1, new KeyValuePair<string, object?>("otplatform.message", What));
    }

    private void Stamp(SendContext context)
    {
        context.MessageId = Happened.Id;
        context.CorrelationId = Guid.TryParse(Happened.CorrelationId, out var correlation) ? correlation : Envelope.StreamId;
        Envelope.Stamp(context);
        if (StoredParent() is { } traceparent)
        {
            context.Headers.Set(Envelope.TraceparentHeader, traceparent);
        }
    }

    private ActivityContext Parent() =>
        ActivityContext.TryParse(StoredParent(), null, isRemote: true, out var context) ? context : default;

    private string? StoredParent() =>
        Happened.Headers is { } headers && headers.TryGetValue(TraceHeaders.Parent, out var parent) ? parent?.ToString() : null;
}
