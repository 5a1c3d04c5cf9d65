using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;

namespace Marten.Subscriptions;

/// <summary>Gets all events of the store, in order, page by page.</summary>
public interface ISubscription
{
    /// <param name="page">The events.</param>
    /// <param name="controller">Reports on the page.</param>
    /// <param name="operations">What is written here commits together with the progress.</param>
    /// <param name="cancellationToken">Cancelled when the daemon stops or loses its lock.</param>
    /// <returns>Called before and after the commit.</returns>
    Task<IChangeListener> ProcessEventsAsync(EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken);
}
