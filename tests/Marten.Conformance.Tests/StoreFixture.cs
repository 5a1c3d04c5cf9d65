using JasperFx;
using Marten;
using Npgsql;
using Weasel.Core;

namespace OtPlatform.StoreConformance;

/// <summary>A database per fixture, a schema per test.</summary>
public abstract class StoreFixture
{
    private static int s_schemas;
    private readonly List<DocumentStore> _stores = [];
    private string _database = "";

    protected string Schema { get; private set; } = "";

    protected string ConnectionString { get; private set; } = "";

    protected DocumentStore Store => _stores[0];

    /// <summary>The store that the test made last.</summary>
    protected DocumentStore NewestStore => _stores[^1];

    [OneTimeSetUp]
    public async Task CreateDatabase()
    {
        _database = $"conformance_{Guid.NewGuid():n}";
        await ExecuteOnServerAsync($"create database {_database}");
        ConnectionString = new NpgsqlConnectionStringBuilder(PostgresServer.HostConnectionString) { Database = _database }.ConnectionString;
    }

    [OneTimeTearDown]
    public async Task DropDatabase() => await ExecuteOnServerAsync($"drop database if exists {_database} with (force)");

    [SetUp]
    public void OpenStore()
    {
        Schema = $"s{Interlocked.Increment(ref s_schemas)}";
        NewStore();
    }

    [TearDown]
    public async Task CloseStores()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        _stores.Clear();
    }

    protected DocumentStore NewStore(Action<StoreOptions>? configure = null)
    {
        var store = DocumentStore.For(options => Configure(options, configure));
        _stores.Add(store);
        return store;
    }

    protected void Configure(StoreOptions options, Action<StoreOptions>? configure = null) => Configure(options, ConnectionString, Schema, configure);

    internal static void Configure(StoreOptions options, string connectionString, string schema, Action<StoreOptions>? configure)
    {
        options.Connection(connectionString);
        options.DatabaseSchemaName = schema;
        options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;
        options.DisableNpgsqlLogging = true;
        options.UseSystemTextJsonForSerialization(EnumStorage.AsString, Casing.CamelCase);
        options.Events.MetadataConfig.EnableAll();
        options.Events.AddEventTypes([typeof(CaseOpened), typeof(RouteDecided), typeof(CaseClosed), typeof(NoteAdded)]);
        options.Schema.For<Person>();
        options.Schema.For<Versioned>().UseNumericRevisions(true);
        options.Schema.For<Guarded>().UseOptimisticConcurrency(true);
        configure?.Invoke(options);
    }

    protected async Task<NpgsqlConnection> OpenConnectionAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    protected async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await OpenConnectionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    protected async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenConnectionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    protected async Task<Guid> StartedAsync(params object[] events)
    {
        await using var session = Store.LightweightSession();
        var id = session.Events.StartStream(Guid.NewGuid(), events).Id;
        await session.SaveChangesAsync();
        return id;
    }

    /// <summary>An event without the store: its number is taken now, and whether it stays is up to the connection's transaction.</summary>
    protected async Task InsertRawAsync(NpgsqlConnection connection, int number)
    {
        var sql =
            $$"""
            with s as (insert into {{Schema}}.mt_streams (id, version) values (gen_random_uuid(), 1) returning id)
            insert into {{Schema}}.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, is_archived)
            select nextval('{{Schema}}.mt_events_sequence'), gen_random_uuid(), id, 1, '{"number": {{number}}}', 'note_added', now(), '*DEFAULT*',
              'OtPlatform.StoreConformance.NoteAdded, OtPlatform.Marten.Conformance.Tests', false from s
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task ExecuteOnServerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(PostgresServer.HostConnectionString + ";Database=postgres;Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
