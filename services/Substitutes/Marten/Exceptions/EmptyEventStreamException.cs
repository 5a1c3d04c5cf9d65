namespace Marten.Exceptions;

/// <summary>A stream cannot be started without events.</summary>
public class EmptyEventStreamException : MartenException
{
    internal EmptyEventStreamException(object id)
        : base($"A new event stream ('{id}') cannot be started without any events")
    {
    }
}
