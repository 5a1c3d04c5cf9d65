using Marten;
using MassTransit;
using Microsoft.Extensions.Logging;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Platform.Messaging;

/// <summary>
/// Lets the messages of a stream pass in the stream's order and each once: what was done is passed over, what comes before its
/// predecessor or before the thing that it is about is parked, and what fails is noted before it goes to the error queue.
/// </summary>
internal sealed partial class InTurn(QueueConsumers queue, IDocumentStore store, TimeProvider clock, ILogger logger)
{
    private readonly ConsumedMessages _messages = new(queue.Consumers);

    /// <summary>One consumer's part in a message: MassTransit shows a message to each consumer of the queue by a way of its own.</summary>
    public async Task Run(ConsumeContext context, Part part, Func<Task> deliver)
    {
        if (Turn.Of(context, queue.Queue) is not { } turn)
        {
            await deliver();
            return;
        }

        if (context.Headers.TryGetHeader(Envelope.RenewedHeader, out _))
        {
            await EmptyWaiting(turn, context.CancellationToken);
        }

        var shared = context.ReceiveContext.GetOrAddPayload(() => new Shared(_messages.Takers(context)));
        if (!await shared.MayPass(() => MayPass(context, turn), again: part.Tries++ > 0))
        {
            await _messages.NeedsNobody(context);
            return;
        }

        if (!part.IsDone && !await Pass(context, turn, shared.Takers == 1, deliver))
        {
            return;
        }

        part.IsDone = true;
        if (shared.AllDone(part) && !turn.IsNoted)
        {
            await NoteProgress(turn, context.CancellationToken);
        }
    }

    /// <summary>False for what was done before, and for what comes before its turn, which is parked.</summary>
    private async Task<bool> MayPass(ConsumeContext context, Turn turn)
    {
        var last = await Progress(turn, context.CancellationToken);
        if (turn.Version <= last)
        {
            Spans.Repeated.Add(1, new KeyValuePair<string, object?>("otplatform.queue", queue.Queue));
            Repeated(logger, queue.Queue, turn.StreamId, turn.Version);
            return false;
        }

        if (turn.PreviousVersion > last)
        {
            GapFound(logger, queue.Queue, turn.Source, turn.StreamId, last, turn.Version);
            await Park(context, turn, ParkedMessage.Gap);
            return false;
        }

        return true;
    }

    /// <summary>True when the consumer has done it, false when it came too early and is parked.</summary>
    private async Task<bool> Pass(ConsumeContext context, Turn turn, bool isAlone, Func<Task> deliver)
    {
        if (isAlone)
        {
            // Then the transaction of the effects can carry the progress.
            context.AddOrUpdatePayload(() => turn, _ => turn);
        }

        try
        {
            await deliver();
            return true;
        }
        catch (Exception exception) when (IsAbout<UnknownStreamException>(exception) && !context.CancellationToken.IsCancellationRequested)
        {
            if (!await Park(context, turn, ParkedMessage.TooEarly))
            {
                await NoteFault(context, turn, exception);
                throw;
            }

            await _messages.NeedsNobody(context);
            return false;
        }
        catch (Exception exception) when (!PauseWhileUnavailable.IsTransient(exception) && !context.CancellationToken.IsCancellationRequested)
        {
            await NoteFault(context, turn, exception);
            throw;
        }
    }

    /// <summary>What waits behind a message that was renewed was sent before the erasure too, which may wait there itself: its owner is asked for it as it is now.</summary>
    private async Task EmptyWaiting(Turn turn, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        session.QueueSqlCommand($"update {StoreExtensions.TableOf<ParkedMessage>()} set data = jsonb_set(data, '{{body}}', '\"\"') where turn = ?", turn.Key);
        await session.SaveChangesAsync(cancellation);
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
        turn.Note(session);
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
            Turn = turn.Key,
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

    /// <summary>What one consumer has done of the message at hand, over all tries.</summary>
    internal sealed class Part
    {
        public bool IsDone { get; set; }

        public int Tries { get; set; }
    }

    /// <summary>What the consumers of one delivery have in common.</summary>
    private sealed class Shared(int takers)
    {
        private readonly HashSet<Part> _done = [];
        private Task<bool>? _mayPass;

        public int Takers => takers;

        /// <summary>Looks once for all; after a pause anew, because others may have gone further.</summary>
        public Task<bool> MayPass(Func<Task<bool>> look, bool again)
        {
            lock (_done)
            {
                return again || _mayPass is null ? _mayPass = look() : _mayPass;
            }
        }

        public bool AllDone(Part part)
        {
            lock (_done)
            {
                _done.Add(part);
                return _done.Count >= takers;
            }
        }
    }
}
