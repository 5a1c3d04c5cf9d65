namespace JasperFx.Events;

/// <summary>One stored event: its body and what the store knows about it.</summary>
public interface IEvent
{
    Guid Id { get; set; }

    /// <summary>The place in its own stream, from 1.</summary>
    long Version { get; set; }

    /// <summary>The place among all events of the store.</summary>
    long Sequence { get; set; }

    object Data { get; }

    Guid StreamId { get; set; }

    string? StreamKey { get; set; }

    DateTimeOffset Timestamp { get; set; }

    string TenantId { get; set; }

    Type EventType { get; }

    string EventTypeName { get; set; }

    string DotNetTypeName { get; set; }

    string? CausationId { get; set; }

    string? CorrelationId { get; set; }

    Dictionary<string, object>? Headers { get; set; }

    bool IsArchived { get; set; }

    string? AggregateTypeName { get; set; }

    string? UserName { get; set; }

    bool IsSkipped { get; set; }

    void SetHeader(string key, object value);

    object? GetHeader(string key);
}

/// <summary>An event whose body's type is known.</summary>
public interface IEvent<T> : IEvent
    where T : notnull
{
    new T Data { get; }
}
