using Marten.Events;

namespace JasperFx.Events;

/// <summary>An event before and after it is stored; a caller may set its id, headers and times itself.</summary>
public class Event<T> : IEvent<T>
    where T : notnull
{
    public Event(T data)
    {
        Data = data;
        EventTypeName = EventNames<T>.Alias;
        DotNetTypeName = EventNames<T>.DotNetTypeName;
    }

    public T Data { get; set; }

    object IEvent.Data => Data;

    public Guid Id { get; set; }

    public long Version { get; set; }

    public long Sequence { get; set; }

    public Guid StreamId { get; set; }

    public string? StreamKey { get; set; }

    public DateTimeOffset Timestamp { get; set; }

    public string TenantId { get; set; } = EventNaming.DefaultTenant;

    public Type EventType => typeof(T);

    public string EventTypeName { get; set; }

    public string DotNetTypeName { get; set; }

    public string? CausationId { get; set; }

    public string? CorrelationId { get; set; }

    public Dictionary<string, object>? Headers { get; set; }

    public bool IsArchived { get; set; }

    public string? AggregateTypeName { get; set; }

    public string? UserName { get; set; }

    public bool IsSkipped { get; set; }

    public void SetHeader(string key, object value) => (Headers ??= [])[key] = value;

    public object? GetHeader(string key) => Headers?.GetValueOrDefault(key);
}
