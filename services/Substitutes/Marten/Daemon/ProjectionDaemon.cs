using JasperFx.Events.Daemon;
using Microsoft.Extensions.Logging;

namespace Marten.Daemon;

internal sealed class ProjectionDaemon(DocumentStore store, DaemonMode mode, ILogger logger) : IProjectionDaemon
{
    public bool IsRunning => throw new NotImplementedException($"{store} {mode} {logger}");

    public Task StartAllAsync() => throw new NotImplementedException();

    public Task StopAllAsync() => throw new NotImplementedException();

    public Task WaitForNonStaleData(TimeSpan timeout) => throw new NotImplementedException();

    public long HighWaterMark() => throw new NotImplementedException();

    public Task RewindSubscriptionAsync(string subscriptionName, CancellationToken token, long? sequenceFloor = 0, DateTimeOffset? timestamp = default) => throw new NotImplementedException();

    public void Dispose()
    {
    }
}
