using System.Data;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using Marten.Daemon;
using Marten.Documents;
using Marten.Events;
using Marten.Schema;
using Marten.Sessions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using QuerySession = Marten.Sessions.QuerySession;

namespace Marten;

/// <summary>Holds the connection pool and the settings; sessions are cheap.</summary>
public class DocumentStore : IDocumentStore
{
    private readonly bool _ownsDataSource;
    private readonly SchemaMigrator _migrator;
    private readonly AppendAnnouncer _announcer;
    private int _disposed;

    /// <summary>Builds a store from settings that are complete; with services use AddMarten.</summary>
    public DocumentStore(StoreOptions options)
        : this(options, NullLoggerFactory.Instance, null)
    {
    }

    internal DocumentStore(StoreOptions options, ILoggerFactory loggers, IServiceProvider? services)
    {
        Settings = options;
        Loggers = loggers;
        Services = services;
        (DataSource, _ownsDataSource) = BuildDataSource(options, loggers);
        EventReader = new EventReader(options.EventSettings, options.Serializer);
        _migrator = new SchemaMigrator(options, DataSource);
        _announcer = new AppendAnnouncer(DataSource, options.EventSettings.Sql.Channel);
        Storage = new MartenStorage(options, _migrator);
        Advanced = new AdvancedOperations(this, new DocumentCleaner(this));
    }

    public IReadOnlyStoreOptions Options => Settings;

    public IMartenStorage Storage { get; }

    public AdvancedOperations Advanced { get; }

    internal StoreOptions Settings { get; }

    internal NpgsqlDataSource DataSource { get; }

    internal EventReader EventReader { get; }

    internal ILoggerFactory Loggers { get; }

    internal IServiceProvider? Services { get; }

    /// <summary>
    /// Whether a daemon of this store runs every subscription there is, so that no other process waits for its appends. Who takes over
    /// finds by asking what was appended in the moment before.
    /// </summary>
    internal bool IsFollowedHereAlone { get; set; }

    /// <summary>Raised after a commit with events, so that a daemon in this process need not wait for the database to tell it.</summary>
    internal event Action? Appended;

    public static DocumentStore For(Action<StoreOptions> configure)
    {
        var options = new StoreOptions();
        configure(options);
        return new DocumentStore(options);
    }

    public static DocumentStore For(string connectionString) => For(options => options.Connection(connectionString));

    public IDocumentSession LightweightSession(IsolationLevel isolationLevel = IsolationLevel.ReadCommitted) => OpenSession(isolationLevel);

    public IQuerySession QuerySession() => new QuerySession(this, IsolationLevel.ReadCommitted);

    public async ValueTask<IProjectionDaemon> BuildProjectionDaemonAsync(string? tenantIdOrDatabaseIdentifier = default, ILogger? logger = default)
    {
        await EnsureEventTablesAsync(CancellationToken.None);
        return new ProjectionDaemon(this, DaemonMode.Solo, logger ?? Loggers.CreateLogger<ProjectionDaemon>());
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _announcer.Dispose();
            _migrator.Dispose();
            if (_ownsDataSource)
                DataSource.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _announcer.Dispose();
            _migrator.Dispose();
            if (_ownsDataSource)
                await DataSource.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    internal DocumentSession OpenSession(IsolationLevel isolationLevel = IsolationLevel.ReadCommitted) => new(this, isolationLevel);

    internal void AnnounceAppend()
    {
        Appended?.Invoke();
        if (Settings.EventSettings.NotifiesOnAppend && !IsFollowedHereAlone)
            _announcer.Announce();
    }

    internal ValueTask EnsureDocumentTableAsync(DocumentMapping mapping, CancellationToken token) =>
        mapping.TableIsKnownToExist || Settings.AutoCreateSchemaObjects == AutoCreate.None
            ? ValueTask.CompletedTask
            : new ValueTask(_migrator.EnsureAsync(mapping, token));

    internal ValueTask EnsureEventTablesAsync(CancellationToken token) =>
        Settings.EventSettings.TablesAreKnownToExist || Settings.AutoCreateSchemaObjects == AutoCreate.None
            ? ValueTask.CompletedTask
            : new ValueTask(_migrator.EnsureEventsAsync(token));

    internal async Task<StreamState?> ReadStreamStateAsync(object streamId)
    {
        await using var session = OpenSession();
        return await new QueryEventStore(session).StateAsync(streamId, CancellationToken.None);
    }

    private static (NpgsqlDataSource Source, bool Owned) BuildDataSource(StoreOptions options, ILoggerFactory loggers)
    {
        if (options.DataSource is { } given)
            return (given, false);
        if (options.ConnectionString is not { } text)
            throw new InvalidOperationException("The store has no connection: call StoreOptions.Connection or UseNpgsqlDataSource.");
        var builder = new NpgsqlDataSourceBuilder(text);
        if (!options.DisableNpgsqlLogging)
            builder.UseLoggerFactory(loggers);
        return (builder.Build(), true);
    }
}
