using JasperFx.Events.Projections;

namespace JasperFx.Events.Subscriptions;

/// <summary>A subscription's name, version, paging and filter.</summary>
public interface ISubscriptionOptions : IEventFilterable
{
    string Name { get; set; }

    /// <summary>A higher version is a new subscription: it starts anew, with a progress row of its own.</summary>
    uint Version { get; set; }

    AsyncOptions Options { get; }
}
