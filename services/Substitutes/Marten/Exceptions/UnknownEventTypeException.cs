namespace Marten.Exceptions;

/// <summary>A stored event has a type name that no registered or loadable .NET type has.</summary>
public class UnknownEventTypeException : MartenException
{
    internal UnknownEventTypeException(string eventTypeName)
        : base($"Unknown event type name alias '{eventTypeName}'. You may need to register this event type through StoreOptions.Events.AddEventType(type)") =>
        EventTypeName = eventTypeName;

    public string EventTypeName { get; }
}
