namespace JasperFx.Events;

/// <summary>How event numbers are found when events are appended.</summary>
public enum EventAppendMode
{
    Rich,
    Quick,
    QuickWithServerTimestamps,
}

/// <summary>Whether a stream is known by a Guid or by a string.</summary>
public enum StreamIdentity
{
    AsGuid,
    AsString,
}

/// <summary>Whether the events begin a stream or follow others.</summary>
public enum StreamActionType
{
    Start,
    Append,
}
