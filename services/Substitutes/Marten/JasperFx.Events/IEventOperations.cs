namespace JasperFx.Events;

/// <summary>Queues new events; they are written by the session's SaveChangesAsync.</summary>
public interface IEventOperations
{
    StreamAction Append(Guid stream, IEnumerable<object> events);

    StreamAction Append(Guid stream, params object[] events);

    StreamAction Append(string stream, IEnumerable<object> events);

    StreamAction Append(string stream, params object[] events);

    /// <param name="stream">The stream's id.</param>
    /// <param name="expectedVersion">The version that the stream will have after the append.</param>
    /// <param name="events">The new events.</param>
    StreamAction Append(Guid stream, long expectedVersion, params object[] events);

    StreamAction Append(string stream, long expectedVersion, IEnumerable<object> events);

    StreamAction Append(string stream, long expectedVersion, params object[] events);

    StreamAction StartStream<TAggregate>(Guid id, params object[] events)
        where TAggregate : class;

    StreamAction StartStream(Type aggregateType, Guid id, IEnumerable<object> events);

    StreamAction StartStream(Type aggregateType, Guid id, params object[] events);

    StreamAction StartStream<TAggregate>(string streamKey, IEnumerable<object> events)
        where TAggregate : class;

    StreamAction StartStream<TAggregate>(string streamKey, params object[] events)
        where TAggregate : class;

    StreamAction StartStream(Type aggregateType, string streamKey, IEnumerable<object> events);

    StreamAction StartStream(Type aggregateType, string streamKey, params object[] events);

    StreamAction StartStream(Guid id, IEnumerable<object> events);

    StreamAction StartStream(Guid id, params object[] events);

    StreamAction StartStream(string streamKey, IEnumerable<object> events);

    StreamAction StartStream(string streamKey, params object[] events);

    StreamAction StartStream<TAggregate>(IEnumerable<object> events)
        where TAggregate : class;

    StreamAction StartStream<TAggregate>(params object[] events)
        where TAggregate : class;

    StreamAction StartStream(Type aggregateType, IEnumerable<object> events);

    StreamAction StartStream(Type aggregateType, params object[] events);

    StreamAction StartStream(IEnumerable<object> events);

    StreamAction StartStream(params object[] events);
}
