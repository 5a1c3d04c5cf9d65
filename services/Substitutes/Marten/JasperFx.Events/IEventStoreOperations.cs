namespace JasperFx.Events;

/// <summary>Everything that a session can do with events.</summary>
public interface IEventStoreOperations : IEventOperations, IQueryEventStore
{
    /// <summary>Wraps an event's body, so that the caller can set metadata before appending it.</summary>
    IEvent BuildEvent(object data);

    /// <param name="stream">The stream's id.</param>
    /// <param name="expectedVersion">The version that the stream will have after the append.</param>
    /// <param name="events">The new events.</param>
    StreamAction Append(Guid stream, long expectedVersion, IEnumerable<object> events);

    StreamAction StartStream<TAggregate>(Guid id, IEnumerable<object> events)
        where TAggregate : class;

    /// <summary>Reads the stream's version now and fails in SaveChangesAsync when somebody else has moved it since.</summary>
    Task AppendOptimistic(string streamKey, CancellationToken token, params object[] events);

    Task AppendOptimistic(string streamKey, params object[] events);

    Task AppendOptimistic(Guid streamId, CancellationToken token, params object[] events);

    Task AppendOptimistic(Guid streamId, params object[] events);

    void ArchiveStream(Guid streamId);

    void ArchiveStream(string streamKey);

    /// <summary>Puts another body, of the same or another type, in the place of a stored event and gives it a new id.</summary>
    Guid CompletelyReplaceEvent<T>(long sequence, T eventBody)
        where T : class;
}
