using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using JasperFx.Events.Subscriptions;

namespace Marten.Subscriptions;

/// <summary>A subscription that sets its own name, filter and paging in its constructor.</summary>
public abstract class SubscriptionBase : JasperFxSubscriptionBase<IDocumentOperations, IQuerySession, ISubscription>, ISubscription
{
    public abstract Task<IChangeListener> ProcessEventsAsync(EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken);
}
