using JasperFx.Events.Projections;

namespace JasperFx.Events.Daemon;

/// <summary>Lets a subscription report on the page that it was given.</summary>
public interface ISubscriptionController
{
    ShardName Name { get; }

    AsyncOptions Options { get; }

    /// <summary>Says that the page is done up to this number; the commit of the page does so anyway.</summary>
    ValueTask MarkSuccessAsync(long processedCeiling);

    /// <summary>Stops the subscription until the daemon is started again.</summary>
    Task ReportCriticalFailureAsync(Exception ex);

    /// <summary>Stops the subscription, with progress kept up to the last processed number.</summary>
    Task ReportCriticalFailureAsync(Exception ex, long lastProcessed);

    /// <summary>Writes down an event that the subscription has passed over.</summary>
    Task RecordDeadLetterEventAsync(IEvent @event, Exception ex);
}
