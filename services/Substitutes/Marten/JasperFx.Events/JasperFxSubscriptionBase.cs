using JasperFx.Events.Projections;

namespace JasperFx.Events.Subscriptions;

/// <summary>What all subscriptions that configure themselves have in common.</summary>
public abstract class JasperFxSubscriptionBase<TOperations, TQuerySession, TSubscription> : ISubscriptionOptions
{
    private readonly HashSet<Type> _includedTypes = [];

    protected JasperFxSubscriptionBase() => Name = GetType().Name;

    public string Name { get; set; }

    public uint Version { get; set; } = 1;

    public AsyncOptions Options { get; } = new();

    public bool IncludeArchivedEvents { get; set; }

    internal IReadOnlyCollection<Type> IncludedTypes => _includedTypes;

    public void IncludeType<T>() => _includedTypes.Add(typeof(T));

    public void IncludeType(Type type) => _includedTypes.Add(type);
}
