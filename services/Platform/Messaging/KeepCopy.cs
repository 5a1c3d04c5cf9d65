using MassTransit;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Messaging;

/// <summary>Keeps a service's own copy of what another one has told: a document for each stream, as the newest message leaves it.</summary>
public abstract class KeepCopy<TMessage, TCopy>(Inbox inbox) : IConsumer<TMessage>
    where TMessage : class
    where TCopy : class
{
    public Task Consume(ConsumeContext<TMessage> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var message = context.Message;
        return inbox.Once(context, GetType().Name, async work =>
        {
            if (After(await work.Load<TCopy>(IdOf(message), context.CancellationToken), message) is not { } copy)
            {
                return new Outcome<TCopy?>(null, 0, Inbox.NotReadable, false);
            }

            work.Store(copy);
            return new Outcome<TCopy?>(copy, 1, null, true);
        });
    }

    protected abstract Guid IdOf(TMessage message);

    /// <summary>The copy from now on; null when nothing can be made of the message.</summary>
    /// <param name="known">Null when there is none yet.</param>
    protected abstract TCopy? After(TCopy? known, TMessage message);
}
