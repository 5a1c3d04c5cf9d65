using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Coordination.Journal;

/// <summary>Every contract event is written down once, and the read models of its consultation with it, in one transaction.</summary>
/// <typeparam name="TMessage">A contract event.</typeparam>
public sealed class WriteJournalOnContractEvent<TMessage>(StreamStore streams, ServiceIdentity service, JournalFeed feed) : IConsumer<TMessage>
    where TMessage : class
{
    public async Task Consume(ConsumeContext<TMessage> context)
    {
        var entry = EntryOf(context);
        var origin = new Origin(service.Name, context.CorrelationId?.ToString(), entry.Id.ToString());
        var position = await streams.InOneTransaction(origin, async work =>
        {
            var reached = await Write(work, entry, context.CancellationToken);
            Turn.NoteIn(work, context);
            return reached;
        }, context.CancellationToken);
        Turn.WasNoted(context);
        feed.Reached(position);
    }

    /// <summary>What comes before its submission is written down, and waits for it to get its position: nobody could tell yet whose queue it changes.</summary>
    private static async Task<long> Write(Work work, JournalEntry entry, CancellationToken cancellation)
    {
        // One writer at a time, until its commit: so the positions are in the order of commit and without a gap.
        await work.Lock(JournalHead.Only, cancellation);
        var head = await work.Load<JournalHead>(JournalHead.Only, cancellation) ?? new JournalHead { Position = 0 };
        if (await work.Load<JournalEntry>(entry.Id, cancellation) is not null)
        {
            return head.Position;
        }

        if (entry.ConsultationId is not { } id)
        {
            head = head with { Position = head.Position + 1 };
            work.Insert(entry with { Position = head.Position });
            work.Store(head);
            return head.Position;
        }

        var earlier = await work.Query<JournalEntry>("where consultation_id = ?", cancellation, id);
        (entry, earlier) = WithoutErased(work, id, entry, earlier);
        var matter = Matter.Of([.. earlier, entry]);
        work.Store(matter.Timeline(id));
        if (matter.QueueEntry is not { } queued)
        {
            work.Insert(entry);
            return head.Position;
        }

        var told = earlier.Where(known => known.Position > 0).ToList();
        foreach (var next in earlier.Where(known => known.Position == 0).OrderBy(known => known.At).ThenBy(known => known.StreamVersion).Prepend(entry))
        {
            head = head with { Position = head.Position + 1 };
            told.Add(next);
            work.Store(next with { Position = head.Position, After = Matter.Of(told).QueueEntry });
        }

        work.Store(queued);
        work.Store(head);
        return head.Position;
    }

    /// <summary>With the erasure goes what was written down before it, and what arrives after it is written down without.</summary>
    private static (JournalEntry Entry, IReadOnlyList<JournalEntry> Earlier) WithoutErased(Work work, Guid id, JournalEntry entry, IReadOnlyList<JournalEntry> earlier)
    {
        if (earlier.Any(known => known.What == nameof(ConsultationErased)))
        {
            return (Redaction.Of(entry), earlier);
        }

        if (entry.What != nameof(ConsultationErased))
        {
            return (entry, earlier);
        }

        var redacted = earlier.Select(Redaction.Of).ToList();
        foreach (var known in redacted.Where(Redaction.Concerns))
        {
            work.Store(known);
        }

        work.EmptyParked(id);
        return (entry, redacted);
    }

    private static JournalEntry EntryOf(ConsumeContext<TMessage> context)
    {
        var about = ContractEvent.About(context.Message);
        return new JournalEntry
        {
            Id = context.MessageId ?? throw Incomplete("id"),
            Position = 0,
            Source = context.Headers.Get<string>(Envelope.SourceHeader) ?? throw Incomplete(Envelope.SourceHeader),
            StreamId = Guid.TryParse(context.Headers.Get<string>(Envelope.StreamIdHeader), out var stream) ? stream : throw Incomplete(Envelope.StreamIdHeader),
            StreamVersion = context.Headers.Get<long>(Envelope.StreamVersionHeader) ?? throw Incomplete(Envelope.StreamVersionHeader),
            ConsultationId = about.ConsultationId,
            What = typeof(TMessage).Name,
            Event = EventJson.Of(context.Message),
            At = about.At,
            Traceparent = context.Headers.Get<string>(Envelope.TraceparentHeader),
        };
    }

    private static InvalidOperationException Incomplete(string what) => new($"A {typeof(TMessage).Name} without its {what} cannot be written down.");
}

/// <summary>What the service keeps, and the consumers that write it.</summary>
public static class JournalFeatures
{
    public static readonly IReadOnlyList<QueueConsumers> Consumers =
    [
        .. Topology.Subscriptions
            .Where(subscription => ContractEvent.Queues.Contains(subscription.Queue))
            .Select(subscription => new QueueConsumers(subscription.Queue, [.. subscription.Messages.Select(message => typeof(WriteJournalOnContractEvent<>).MakeGenericType(message)), .. subscription.Queue == Topology.CoordinationTopic ? [typeof(KeepTopicOnTopicChanged)] : Type.EmptyTypes])),
    ];

    public static void Documents(Marten.MartenRegistry schema)
    {
        schema.For<JournalHead>();
        schema.For<JournalEntry>()
            .Duplicate(entry => entry.Position)
            .Duplicate(entry => entry.ConsultationId!)
            .Index(entry => entry.What, index => index.Predicate = "data ->> 'what' in ('RouteDecided', 'PhenomenonSignalled', 'ServiceGapRecorded')");
        schema.For<TopicCopy>();
        schema.For<ConsultationTimeline>();
        schema.For<QueueEntry>()
            .Index([entry => entry.OpenIn!, entry => entry.SortKey])
            .Index([entry => entry.Area, entry => entry.Status, entry => entry.SortKey])
            .Index(entry => entry.OfferedTo!, index => index.Predicate = "(data ->> 'offeredTo') is not null")
            .Index(entry => entry.Receiver!, index => index.Predicate = "(data ->> 'receiver') is not null")
            .Duplicate(entry => entry.AssessedUntil!, configure: index => index.Predicate = "assessed_until is not null")
            .Duplicate(entry => entry.AnsweringExpert!, configure: index => index.Predicate = "answering_expert is not null");
    }
}
