using JasperFx.Events.Daemon;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Marten.Daemon;

/// <summary>Starts and stops the daemon with the host; a database that is away at the start is waited for in the background.</summary>
internal sealed class DaemonHost(DocumentStore store, DaemonMode mode) : IHostedService, IDisposable
{
    private readonly ProjectionDaemon _daemon = new(store, mode, store.Loggers.CreateLogger<ProjectionDaemon>());

    public Task StartAsync(CancellationToken cancellationToken) => _daemon.StartAllAsync();

    public Task StopAsync(CancellationToken cancellationToken) => _daemon.StopAllAsync();

    public void Dispose() => _daemon.Dispose();
}
