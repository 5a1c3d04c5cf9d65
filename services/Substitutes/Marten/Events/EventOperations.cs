using JasperFx.Events;
using Marten.Exceptions;
using Marten.Sessions;

namespace Marten.Events;

/// <summary>Queues appends in a session.</summary>
internal sealed class EventOperations(DocumentSession session) : QueryEventStore(session), IEventStoreOperations
{
    public IEvent BuildEvent(object data) => Settings.Wrap(data);

    public StreamAction Append(Guid stream, long expectedVersion, IEnumerable<object> events) => Append(stream, null, events, expectedVersion);

    public StreamAction Append(Guid stream, long expectedVersion, params object[] events) => Append(stream, null, events, expectedVersion);

    public StreamAction Append(string stream, long expectedVersion, IEnumerable<object> events) => Append(default, stream, events, expectedVersion);

    public StreamAction Append(string stream, long expectedVersion, params object[] events) => Append(default, stream, events, expectedVersion);

    public StreamAction Append(Guid stream, IEnumerable<object> events) => Append(stream, null, events, null);

    public StreamAction Append(Guid stream, params object[] events) => Append(stream, null, events, null);

    public StreamAction Append(string stream, IEnumerable<object> events) => Append(default, stream, events, null);

    public StreamAction Append(string stream, params object[] events) => Append(default, stream, events, null);

    public StreamAction StartStream<TAggregate>(Guid id, IEnumerable<object> events)
        where TAggregate : class => Start(id, null, typeof(TAggregate), events);

    public StreamAction StartStream<TAggregate>(Guid id, params object[] events)
        where TAggregate : class => Start(id, null, typeof(TAggregate), events);

    public StreamAction StartStream(Type aggregateType, Guid id, IEnumerable<object> events) => Start(id, null, aggregateType, events);

    public StreamAction StartStream(Type aggregateType, Guid id, params object[] events) => Start(id, null, aggregateType, events);

    public StreamAction StartStream<TAggregate>(string streamKey, IEnumerable<object> events)
        where TAggregate : class => Start(default, streamKey, typeof(TAggregate), events);

    public StreamAction StartStream<TAggregate>(string streamKey, params object[] events)
        where TAggregate : class => Start(default, streamKey, typeof(TAggregate), events);

    public StreamAction StartStream(Type aggregateType, string streamKey, IEnumerable<object> events) => Start(default, streamKey, aggregateType, events);

    public StreamAction StartStream(Type aggregateType, string streamKey, params object[] events) => Start(default, streamKey, aggregateType, events);

    public StreamAction StartStream(Guid id, IEnumerable<object> events) => Start(id, null, null, events);

    public StreamAction StartStream(Guid id, params object[] events) => Start(id, null, null, events);

    public StreamAction StartStream(string streamKey, IEnumerable<object> events) => Start(default, streamKey, null, events);

    public StreamAction StartStream(string streamKey, params object[] events) => Start(default, streamKey, null, events);

    public StreamAction StartStream<TAggregate>(IEnumerable<object> events)
        where TAggregate : class => Start(NewId(), null, typeof(TAggregate), events);

    public StreamAction StartStream<TAggregate>(params object[] events)
        where TAggregate : class => Start(NewId(), null, typeof(TAggregate), events);

    public StreamAction StartStream(Type aggregateType, IEnumerable<object> events) => Start(NewId(), null, aggregateType, events);

    public StreamAction StartStream(Type aggregateType, params object[] events) => Start(NewId(), null, aggregateType, events);

    public StreamAction StartStream(IEnumerable<object> events) => Start(NewId(), null, null, events);

    public StreamAction StartStream(params object[] events) => Start(NewId(), null, null, events);

    public Task AppendOptimistic(string streamKey, CancellationToken token, params object[] events) => AppendAtCurrentVersionAsync(default, streamKey, events, token);

    public Task AppendOptimistic(string streamKey, params object[] events) => AppendAtCurrentVersionAsync(default, streamKey, events, CancellationToken.None);

    public Task AppendOptimistic(Guid streamId, CancellationToken token, params object[] events) => AppendAtCurrentVersionAsync(streamId, null, events, token);

    public Task AppendOptimistic(Guid streamId, params object[] events) => AppendAtCurrentVersionAsync(streamId, null, events, CancellationToken.None);

    public void ArchiveStream(Guid streamId) => session.Queue(new ArchiveOperation(streamId, Settings));

    public void ArchiveStream(string streamKey) => session.Queue(new ArchiveOperation(streamKey, Settings));

    public Guid CompletelyReplaceEvent<T>(long sequence, T eventBody)
        where T : class
    {
        var id = NewId();
        var body = session.Owner.Settings.Serializer.ToJson(eventBody);
        session.Queue(new ReplaceEventOperation(sequence, id, body, Settings.MappingFor(typeof(T)), Settings));
        return id;
    }

    private Guid NewId() => Guid.CreateVersion7(Settings.TimeProvider.GetUtcNow());

    private StreamAction Start(Guid id, string? key, Type? aggregateType, IEnumerable<object> events)
    {
        if (key is null && id == Guid.Empty)
            throw new ArgumentOutOfRangeException(nameof(id), "A stream cannot have an empty id.");
        var action = new StreamAction(id, key, StreamActionType.Start) { AggregateType = aggregateType };
        AddTo(action, events);
        if (action.Events.Count == 0)
            throw new EmptyEventStreamException(action.Identity);
        session.Queue(action);
        return action;
    }

    private StreamAction Append(Guid id, string? key, IEnumerable<object> events, long? expectedVersion)
    {
        var action = session.Streams.FirstOrDefault(s => key is null ? s.Id == id && s.Key is null : s.Key == key);
        if (action is null)
        {
            action = new StreamAction(id, key, StreamActionType.Append);
            session.Queue(action);
        }

        AddTo(action, events);
        if (expectedVersion is { } version)
            action.ExpectedVersionOnServer = version - action.Events.Count;
        return action;
    }

    private async Task AppendAtCurrentVersionAsync(Guid id, string? key, object[] events, CancellationToken token)
    {
        var identity = key ?? (object)id;
        var state = await StateAsync(identity, token) ?? throw new NonExistentStreamException(identity);
        Append(id, key, events, null).ExpectedVersionOnServer ??= state.Version;
    }

    private void AddTo(StreamAction action, IEnumerable<object> events)
    {
        foreach (var body in events)
        {
            var @event = Settings.Wrap(body);
            if (@event.Id == Guid.Empty)
                @event.Id = NewId();
            @event.StreamId = action.Id;
            @event.StreamKey = action.Key;
            action.Add(@event);
        }
    }
}
