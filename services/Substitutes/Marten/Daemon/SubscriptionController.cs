using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;

namespace Marten.Daemon;

/// <summary>One page's controller.</summary>
internal sealed class SubscriptionController(SubscriptionSettings settings, DocumentStore store) : ISubscriptionController
{
    public ShardExecutionMode Mode => ShardExecutionMode.Continuous;

    public ErrorHandlingOptions ErrorOptions => store.Settings.Projections.Errors;

    public ShardName Name { get; } = settings.ShardName;

    public AsyncOptions Options => settings.Options;

    internal Exception? CriticalFailure { get; private set; }

    internal long? LastProcessed { get; private set; }

    public ValueTask MarkSuccessAsync(long processedCeiling) => ValueTask.CompletedTask;

    public ValueTask MarkRangeBufferedAsync(long ceiling) => ValueTask.CompletedTask;

    public Task ReportCriticalFailureAsync(Exception ex)
    {
        CriticalFailure = ex;
        return Task.CompletedTask;
    }

    public Task ReportCriticalFailureAsync(Exception ex, long lastProcessed)
    {
        CriticalFailure = ex;
        LastProcessed = lastProcessed;
        return Task.CompletedTask;
    }

    public async Task RecordDeadLetterEventAsync(IEvent @event, Exception ex)
    {
        await using var session = store.OpenSession();
        session.Store(DeadLetterEvent.Of(Name, @event.Sequence, ex, ex.Message, store));
        await session.SaveChangesAsync();
    }
}

/// <summary>An event that a subscription has passed over; the table is mt_doc_deadletterevent.</summary>
internal sealed class DeadLetterEvent
{
    public Guid Id { get; set; }

    public string? ProjectionName { get; set; }

    public string? ShardName { get; set; }

    public long EventSequence { get; set; }

    public DateTimeOffset Timestamp { get; set; }

    public string? ExceptionType { get; set; }

    public string? ExceptionMessage { get; set; }

    internal static DeadLetterEvent Of(ShardName subscription, long sequence, Exception reason, string text, DocumentStore store) => new()
    {
        Id = Guid.CreateVersion7(),
        ProjectionName = subscription.Name,
        ShardName = "All",
        EventSequence = sequence,
        Timestamp = store.Settings.EventSettings.TimeProvider.GetUtcNow(),
        ExceptionType = reason.GetType().FullName,
        ExceptionMessage = text,
    };
}
