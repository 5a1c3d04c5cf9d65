using MassTransit;
using Microsoft.Extensions.Logging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Messaging;

/// <summary>A message that a consumer has dealt with; written in the transaction of its effects.</summary>
public sealed record InboxEntry
{
    /// <summary><c>consumer:message id</c>.</summary>
    public required string Id { get; init; }

    public required string Message { get; init; }

    public required string Source { get; init; }

    public required Guid StreamId { get; init; }

    public required long StreamVersion { get; init; }

    /// <summary>Code of the rejection, when the decider said no.</summary>
    public string? Rejection { get; init; }

    public required DateTimeOffset DoneAt { get; init; }
}

/// <summary>A message is about a stream that this service does not know yet.</summary>
public sealed class UnknownStreamException(string reaction, string code) : Exception($"{reaction}: {code}");

/// <summary>Runs a reaction once per message, whatever is delivered how often.</summary>
public sealed partial class Inbox(StreamStore streams, ServiceIdentity service, TimeProvider clock, ILogger<Inbox> logger)
{
    /// <summary>Noted when a reaction leaves a message out that it can never deal with: what comes behind it is not held up.</summary>
    public static readonly Rejection NotReadable = new("platform.message-not-readable", "The message holds what this service cannot read.");

    /// <summary>Decides within one transaction together with the note that <paramref name="context"/>'s message is done.</summary>
    /// <param name="reaction">Name of the reaction; part of the key, so that two reactions to one message do not hide each other.</param>
    public async Task Once<TMessage, TState>(ConsumeContext<TMessage> context, string reaction, Func<Work, Task<Outcome<TState>>> react)
        where TMessage : class
    {
        var id = context.MessageId ?? throw new InvalidOperationException("A message without an id cannot be done once.");
        var key = $"{reaction}:{id:N}";
        var origin = new Origin(service.Name, context.CorrelationId?.ToString(), id.ToString());
        var done = await streams.InOneTransaction(
            origin,
            async work =>
            {
                if (await work.Load<InboxEntry>(key, context.CancellationToken) is not null)
                {
                    return null;
                }

                var outcome = await react(work);
                if (outcome.Rejection is { Kind: RejectionKind.NotFound } unknown)
                {
                    // What it is about has not arrived: never acknowledged away, but parked for a while and then kept in the error queue.
                    throw new UnknownStreamException(reaction, unknown.Code);
                }

                work.Insert(new InboxEntry
                {
                    Id = key,
                    Message = typeof(TMessage).Name,
                    Source = context.Headers.Get<string>(Envelope.SourceHeader) ?? string.Empty,
                    StreamId = StreamOf(context),
                    StreamVersion = context.Headers.Get<long>(Envelope.StreamVersionHeader) ?? 0,
                    Rejection = outcome.Rejection?.Code,
                    DoneAt = clock.GetUtcNow(),
                });
                Turn.NoteIn(work, context);
                return outcome;
            },
            context.CancellationToken);

        if (done is not null)
        {
            Turn.WasNoted(context);
        }

        if (done?.Rejection is { } rejection)
        {
            Rejected(logger, reaction, id, rejection.Code);
        }
        else if (done is null)
        {
            Repeated(logger, reaction, id);
        }
    }

    internal static Guid StreamOf(ConsumeContext context) =>
        Guid.TryParse(context.Headers.Get<string>(Envelope.StreamIdHeader), out var stream) ? stream : context.MessageId ?? Guid.Empty;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Reaction} to message {MessageId} was rejected: {Code}")]
    private static partial void Rejected(ILogger logger, string reaction, Guid messageId, string code);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Reaction} to message {MessageId} was done before")]
    private static partial void Repeated(ILogger logger, string reaction, Guid messageId);
}
