using JasperFx.Events.Projections;

namespace JasperFx.Events.Daemon;

/// <summary>Lets a subscription report on the page that it was given.</summary>
public interface ISubscriptionController
{
    ShardExecutionMode Mode { get; }

    ErrorHandlingOptions ErrorOptions { get; }

    ShardName Name { get; }

    AsyncOptions Options { get; }

    /// <summary>Says that the page is done up to this number; the commit of the page does so anyway.</summary>
    ValueTask MarkSuccessAsync(long processedCeiling);

    ValueTask MarkRangeBufferedAsync(long ceiling);

    /// <summary>Stops the subscription until the daemon is started again.</summary>
    Task ReportCriticalFailureAsync(Exception ex);

    /// <summary>Stops the subscription, with progress kept up to the last processed number.</summary>
    Task ReportCriticalFailureAsync(Exception ex, long lastProcessed);

    /// <summary>Writes down an event that the subscription has passed over.</summary>
    Task RecordDeadLetterEventAsync(IEvent @event, Exception ex);
}

/// <summary>Why a page is processed; here it is always Continuous.</summary>
public enum ShardExecutionMode
{
    Continuous,
    Rebuild,
    CatchUp,
}

/// <summary>What to do with an event that cannot be read or applied. What is not skipped has its page tried again for ever.</summary>
public class ErrorHandlingOptions
{
    internal ErrorHandlingOptions()
    {
    }

    /// <summary>Applying is what projections do, which are not here.</summary>
    /// <exception cref="NotSupportedException">Skipping was asked for.</exception>
    public bool SkipApplyErrors { get; set => field = value ? throw new NotSupportedException("Skipping events that cannot be applied is not here.") : value; }

    /// <summary>Leaves out an event whose body cannot be read, and writes it down among the dead letters.</summary>
    public bool SkipSerializationErrors { get; set; } = true;

    /// <summary>Leaves out an event whose type is unknown, and writes it down among the dead letters.</summary>
    public bool SkipUnknownEvents { get; set; } = true;
}
