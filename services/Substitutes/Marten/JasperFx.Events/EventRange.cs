namespace JasperFx.Events.Projections;

/// <summary>A page of events, in the order of their sequence numbers, for one subscription.</summary>
public class EventRange
{
    internal EventRange(ShardName shardName, long floor, long ceiling, List<IEvent> events)
    {
        ShardName = shardName;
        SequenceFloor = floor;
        SequenceCeiling = ceiling;
        Events = events;
    }

    public ShardName ShardName { get; }

    /// <summary>The page holds what comes after this number.</summary>
    public long SequenceFloor { get; }

    /// <summary>The page holds everything up to and including this number.</summary>
    public long SequenceCeiling { get; }

    public List<IEvent> Events { get; set; }

    public int Size => Events.Count;
}
