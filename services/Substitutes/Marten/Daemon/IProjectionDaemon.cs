using System.Diagnostics.CodeAnalysis;

namespace JasperFx.Events.Daemon;

/// <summary>Runs the subscriptions of one store.</summary>
public interface IProjectionDaemon : IDisposable
{
    bool IsRunning { get; }

    Task StartAllAsync();

    Task StopAllAsync();

    /// <summary>Waits until every subscription has passed the last event stored now.</summary>
    Task WaitForNonStaleData(TimeSpan timeout);

    /// <summary>The number up to which no running transaction can add an event any more.</summary>
    long HighWaterMark();

    /// <summary>Takes a subscription back to a number or a time, from where it runs again.</summary>
    [SuppressMessage("Design", "CA1068", Justification = "The order of the package's own signature.")]
    Task RewindSubscriptionAsync(string subscriptionName, CancellationToken token, long? sequenceFloor = 0, DateTimeOffset? timestamp = default);
}
