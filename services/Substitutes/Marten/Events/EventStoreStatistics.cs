namespace Marten.Events;

/// <summary>How much there is in the event store.</summary>
public class EventStoreStatistics
{
    public long EventCount { get; set; }

    public long StreamCount { get; set; }

    /// <summary>The highest number given out so far.</summary>
    public long EventSequenceNumber { get; set; }
}
