using JasperFx.Events.Projections;
using JasperFx.Events.Subscriptions;
using Marten.Subscriptions;
using Microsoft.Extensions.DependencyInjection;

namespace Marten.Daemon;

/// <summary>A registered subscription: how to get its instance, and its options.</summary>
internal sealed class SubscriptionSettings : ISubscriptionOptions
{
    private readonly HashSet<Type> _types = [];
    private readonly Func<IServiceProvider?, ISubscription> _resolve;

    private SubscriptionSettings(string name, bool needsScope, Func<IServiceProvider?, ISubscription> resolve)
    {
        Name = name;
        NeedsScope = needsScope;
        _resolve = resolve;
    }

    public string Name { get; set; }

    public uint Version { get; set; } = 1;

    public AsyncOptions Options { get; private set; } = new();

    public bool IncludeArchivedEvents { get; set; }

    internal bool NeedsScope { get; }

    internal IReadOnlyCollection<Type> IncludedTypes => _types;

    internal ShardName ShardName => new(Name, Version);

    public void IncludeType<T>() => _types.Add(typeof(T));

    public void IncludeType(Type type) => _types.Add(type);

    internal static SubscriptionSettings For(ISubscription subscription, Action<ISubscriptionOptions>? configure)
    {
        var settings = new SubscriptionSettings(subscription.GetType().Name, needsScope: false, _ => subscription);
        settings.TakeFrom(subscription);
        configure?.Invoke(settings);
        return settings;
    }

    internal static SubscriptionSettings For<T>(IServiceProvider services, bool scoped, Action<ISubscriptionOptions>? configure)
        where T : class, ISubscription
    {
        var settings = new SubscriptionSettings(typeof(T).Name, scoped, provider => provider!.GetRequiredService<T>());
        if (typeof(SubscriptionBase).IsAssignableFrom(typeof(T)))
        {
            using var scope = services.CreateScope();
            settings.TakeFrom(scope.ServiceProvider.GetRequiredService<T>());
        }

        configure?.Invoke(settings);
        return settings;
    }

    internal ISubscription Resolve(IServiceProvider? services) => _resolve(services);

    private void TakeFrom(ISubscription subscription)
    {
        if (subscription is not SubscriptionBase own)
            return;
        Name = own.Name;
        Version = own.Version;
        Options = own.Options;
        IncludeArchivedEvents = own.IncludeArchivedEvents;
        _types.UnionWith(own.IncludedTypes);
    }
}
