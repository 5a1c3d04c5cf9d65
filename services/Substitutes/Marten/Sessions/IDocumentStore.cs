using System.Data;
using JasperFx.Events.Daemon;
using Microsoft.Extensions.Logging;

namespace Marten;

/// <summary>One database as a store of documents and events; one per process.</summary>
public interface IDocumentStore : IDisposable, IAsyncDisposable
{
    IReadOnlyStoreOptions Options { get; }

    IMartenStorage Storage { get; }

    AdvancedOperations Advanced { get; }

    IDocumentSession LightweightSession(IsolationLevel isolationLevel = IsolationLevel.ReadCommitted);

    IQuerySession QuerySession();

    /// <summary>A daemon that runs all subscriptions in this process, not yet started.</summary>
    ValueTask<IProjectionDaemon> BuildProjectionDaemonAsync(string? tenantIdOrDatabaseIdentifier = default, ILogger? logger = default);
}
