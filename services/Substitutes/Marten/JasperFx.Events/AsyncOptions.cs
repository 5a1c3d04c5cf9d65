namespace JasperFx.Events.Projections;

/// <summary>Page size and starting point of a subscription.</summary>
public class AsyncOptions
{
    public int BatchSize { get; set; } = 500;

    public int MaximumHopperSize { get; set; } = 5000;

    internal bool FromPresent { get; private set; }

    internal DateTimeOffset? FromTime { get; private set; }

    internal long? FromSequence { get; private set; }

    /// <summary>A new subscription starts after what is stored when it first runs.</summary>
    public AsyncOptions SubscribeFromPresent(string? databaseIdentifier = default)
    {
        (FromPresent, FromTime, FromSequence) = (true, null, null);
        return this;
    }

    /// <summary>A new subscription starts at the first event that is not older than this.</summary>
    public AsyncOptions SubscribeFromTime(DateTimeOffset eventTimestampFloor, string? databaseIdentifier = default)
    {
        (FromPresent, FromTime, FromSequence) = (false, eventTimestampFloor, null);
        return this;
    }

    /// <summary>A new subscription starts after this sequence number.</summary>
    public AsyncOptions SubscribeFromSequence(long sequenceFloor, string? databaseIdentifier = default)
    {
        (FromPresent, FromTime, FromSequence) = (false, null, sequenceFloor);
        return this;
    }
}
