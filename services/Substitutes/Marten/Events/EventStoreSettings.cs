using System.Collections.Concurrent;
using JasperFx.Events;
using JasperFx.Events.Subscriptions;
using Marten.Daemon;
using Marten.Exceptions;
using Marten.Subscriptions;

namespace Marten.Events;

/// <summary>The event side of StoreOptions, and the registry of event types.</summary>
internal sealed class EventStoreSettings(StoreOptions options) : IEventStoreOptions
{
    private readonly ConcurrentDictionary<Type, EventMapping> _byType = new();
    private readonly ConcurrentDictionary<string, EventMapping> _byAlias = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EventMapping?> _byDotNetName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Type> _aggregates = new(StringComparer.Ordinal);
    private string? _schema;
    private EventSql? _sql;

    public StreamIdentity StreamIdentity { get; set; } = StreamIdentity.AsGuid;

    public string DatabaseSchemaName
    {
        get => _schema ?? options.DatabaseSchemaName;
        set => _schema = value;
    }

    public MetadataConfig MetadataConfig { get; } = new();

    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    public EventAppendMode AppendMode { get; set; } = EventAppendMode.Rich;

    public bool UseListenNotifyForEventAppends { get; set; }

    internal List<SubscriptionSettings> Subscriptions { get; } = [];

    internal bool IsActive => !_byType.IsEmpty || Subscriptions.Count > 0;

    internal bool TablesAreKnownToExist { get; set; }

    /// <summary>Where nobody listens, nobody pays for telling.</summary>
    internal bool NotifiesOnAppend => UseListenNotifyForEventAppends || Subscriptions.Count > 0;

    internal EventSql Sql => _sql ??= new EventSql(this);

    public IEventStoreOptions AddEventType<TEvent>()
    {
        AddEventType(typeof(TEvent));
        return this;
    }

    public void AddEventType(Type eventType) => MappingFor(eventType);

    public void AddEventTypes(IEnumerable<Type> types)
    {
        foreach (var type in types)
            AddEventType(type);
    }

    public void MapEventType<TEvent>(string eventTypeName)
        where TEvent : class =>
        MapEventType(typeof(TEvent), eventTypeName);

    public void MapEventType(Type eventType, string eventTypeName) => Register(new EventMapping(eventType, eventTypeName));

    public void Subscribe(ISubscription subscription) => Subscribe(subscription, null);

    public void Subscribe(ISubscription subscription, Action<ISubscriptionOptions>? configure = default) =>
        Subscriptions.Add(SubscriptionSettings.For(subscription, configure));

    internal EventMapping MappingFor(Type type) =>
        _byType.TryGetValue(type, out var known) ? known : Register(new EventMapping(type, EventNaming.AliasFor(type)));

    internal EventMapping Resolve(string alias, string? dotNetTypeName)
    {
        if (_byAlias.TryGetValue(alias, out var usual) && usual.DotNetTypeName == dotNetTypeName)
            return usual;
        if (dotNetTypeName is not null)
        {
            var byName = _byDotNetName.GetOrAdd(dotNetTypeName, name => Type.GetType(name) is { } type ? MappingFor(type) : null);
            if (byName is not null && byName.Alias == alias)
                return byName;
        }

        return _byAlias.TryGetValue(alias, out var known) ? known : throw new UnknownEventTypeException(alias);
    }

    internal IEvent Wrap(object body)
    {
        if (body is not IEvent built)
            return MappingFor(body.GetType()).Wrap(body);
        var mapping = MappingFor(built.EventType);
        built.EventTypeName = mapping.Alias;
        built.DotNetTypeName = mapping.DotNetTypeName;
        return built;
    }

    internal IReadOnlyList<string> AliasesFor(IEnumerable<Type> types) =>
    [
        .. types.SelectMany(type => type.IsAbstract || type.IsInterface
                ? _byType.Values.Where(m => type.IsAssignableFrom(m.Type)).Select(m => m.Alias)
                : [MappingFor(type).Alias])
            .Distinct(StringComparer.Ordinal),
    ];

    internal string? AggregateAlias(Type? aggregate)
    {
        if (aggregate is null)
            return null;
        var alias = EventNaming.SnakeCase(aggregate.Name);
        _aggregates.TryAdd(alias, aggregate);
        return alias;
    }

    internal Type? AggregateType(string? alias) => alias is null ? null : _aggregates.GetValueOrDefault(alias);

    private EventMapping Register(EventMapping mapping)
    {
        _byType[mapping.Type] = mapping;
        _byAlias[mapping.Alias] = mapping;
        return mapping;
    }
}
