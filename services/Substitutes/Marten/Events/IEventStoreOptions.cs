using JasperFx.Events;
using JasperFx.Events.Subscriptions;
using Marten.Subscriptions;

namespace Marten.Events;

/// <summary>How events are named, numbered and stored.</summary>
public interface IEventStoreOptions
{
    StreamIdentity StreamIdentity { get; set; }

    /// <summary>The schema of the event tables; the store's own when it is not set.</summary>
    string DatabaseSchemaName { get; set; }

    MetadataConfig MetadataConfig { get; }

    TimeProvider TimeProvider { get; set; }

    EventAppendMode AppendMode { get; set; }

    /// <summary>Tells waiting daemons of an append through PostgreSQL, so that they need not ask.</summary>
    bool UseListenNotifyForEventAppends { get; set; }

    IEventStoreOptions AddEventType<TEvent>();

    void AddEventType(Type eventType);

    void AddEventTypes(IEnumerable<Type> types);

    /// <summary>Stores the type under a name of its own.</summary>
    void MapEventType<TEvent>(string eventTypeName)
        where TEvent : class;

    void MapEventType(Type eventType, string eventTypeName);

    void Subscribe(ISubscription subscription);

    void Subscribe(ISubscription subscription, Action<ISubscriptionOptions>? configure = default);
}

/// <summary>Which optional columns the event table has.</summary>
public class MetadataConfig
{
    internal MetadataConfig()
    {
    }

    public bool CorrelationIdEnabled { get; set; }

    public bool CausationIdEnabled { get; set; }

    public bool HeadersEnabled { get; set; }

    public bool UserNameEnabled { get; set; }

    public void EnableAll() => CorrelationIdEnabled = CausationIdEnabled = HeadersEnabled = UserNameEnabled = true;
}
