using Marten;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace OtPlatform.Platform.Messaging;

/// <summary>
/// Lets the messages of a stream pass in the stream's order and each once: what was done is passed over, what comes before its
/// predecessor or before the thing that it is about is parked, and what fails is noted before it goes to the error queue.
/// </summary>
internal sealed partial class InTurn(QueueConsumers queue, IDocumentStore store, TimeProvider clock, ILogger logger)
{
    public async Task Run(ConsumeContext context, Func<Task> deliver)
    {
        if (Turn.Of(context, queue.Queue) is not { } turn)
        {
            await deliver();
            return;
        }

        var last = await Progress(turn, context.CancellationToken);
        if (turn.Version <= last)
        {
            Spans.Repeated.Add(1, new KeyValuePair<string, object?>("otplatform.queue", queue.Queue));
            Repeated(logger, queue.Queue, turn.StreamId, turn.Version);
            return;
        }

        if (turn.PreviousVersion > last)
        {
            GapFound(logger, queue.Queue, turn.Source, turn.StreamId, last, turn.Version);
            await Park(context, turn, ParkedMessage.Gap);
            return;
        }

        context.AddOrUpdatePayload(() => turn, _ => turn);
        try
        {
            await deliver();
        }
        catch (Exception exception) when (IsAbout<UnknownStreamException>(exception) && !context.CancellationToken.IsCancellationRequested)
        {
            if (!await Park(context, turn, ParkedMessage.TooEarly))
            {
                await NoteFault(context, turn, exception);
                throw;
            }

            return;
        }
        catch (Exception exception) when (!PauseWhileUnavailable.IsTransient(exception) && !context.CancellationToken.IsCancellationRequested)
        {
            await NoteFault(context, turn, exception);
            throw;
        }

        if (!turn.IsNoted)
        {
            await NoteProgress(turn, context.CancellationToken);
        }
    }

    private static bool IsAbout<T>(Exception? exception)
        where T : Exception => exception is T || (exception is not null && IsAbout<T>(exception.InnerException));

    private async Task<long> Progress(Turn turn, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return (await session.LoadAsync<StreamProgress>(turn.Key, cancellation))?.Version ?? 0;
    }

    private async Task NoteProgress(Turn turn, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        session.Store(new StreamProgress { Id = turn.Key, Version = turn.Version });
        await session.SaveChangesAsync(cancellation);
    }

    /// <summary>False when it has come too early too often.</summary>
    private async Task<bool> Park(ConsumeContext context, Turn turn, string reason)
    {
        var now = clock.GetUtcNow();
        await using var session = store.LightweightSession();
        var id = $"{queue.Queue}:{context.MessageId:N}";
        var known = await session.LoadAsync<ParkedMessage>(id, context.CancellationToken);
        if (known is { Attempts: >= ParkedMessage.MostAttempts, Reason: ParkedMessage.TooEarly } && reason == ParkedMessage.TooEarly)
        {
            session.Delete<ParkedMessage>(id);
            await session.SaveChangesAsync(context.CancellationToken);
            return false;
        }

        var attempts = known?.Reason == reason ? known.Attempts + 1 : 1;
        session.Store(new ParkedMessage
        {
            Id = id,
            Queue = queue.Queue,
            Source = turn.Source,
            Relay = turn.Relay,
            StreamId = turn.StreamId,
            Version = turn.Version,
            PreviousVersion = turn.PreviousVersion,
            Reason = reason,
            ContentType = context.ReceiveContext.ContentType?.ToString() ?? string.Empty,
            Body = Convert.ToBase64String(context.ReceiveContext.Body.GetBytes()),
            ParkedAt = known?.ParkedAt ?? now,
            Attempts = attempts,
            NextAt = reason == ParkedMessage.Gap && known is null ? now : now + ParkedMessage.Rest(attempts),
        });
        await session.SaveChangesAsync(context.CancellationToken);
        Spans.Parked.Add(1, new KeyValuePair<string, object?>("otplatform.queue", queue.Queue), new KeyValuePair<string, object?>("otplatform.reason", reason));
        return true;
    }

    private async Task NoteFault(ConsumeContext context, Turn turn, Exception exception)
    {
        await using var session = store.LightweightSession();
        session.Store(new FaultedMessage
        {
            Id = $"{queue.Queue}:{context.MessageId:N}",
            Turn = turn.Key,
            Version = turn.Version,
            Reason = exception.GetType().Name,
            FailedAt = clock.GetUtcNow(),
        });
        await session.SaveChangesAsync(context.CancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Queue}: version {Version} of stream {StreamId} was done before")]
    private static partial void Repeated(ILogger logger, string queue, Guid streamId, long version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Queue}: stream {StreamId} of {Source} is done up to {Last}, and {Version} came before what is between; it is parked")]
    private static partial void GapFound(ILogger logger, string queue, string source, Guid streamId, long last, long version);
}
