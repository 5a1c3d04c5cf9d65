namespace JasperFx.Events;

/// <summary>The events that a session will add to one stream.</summary>
public class StreamAction
{
    private readonly List<IEvent> _events = [];

    internal StreamAction(Guid id, string? key, StreamActionType actionType)
    {
        Id = id;
        Key = key;
        ActionType = actionType;
    }

    public Guid Id { get; }

    public string? Key { get; }

    public StreamActionType ActionType { get; }

    public Type? AggregateType { get; set; }

    public IReadOnlyList<IEvent> Events => _events;

    /// <summary>The version that the stream must have before the append; null when any will do.</summary>
    public long? ExpectedVersionOnServer { get; set; }

    public long Version { get; set; }

    internal object Identity => Key ?? (object)Id;

    internal void Add(IEvent @event) => _events.Add(@event);
}
