using JasperFx;
using Npgsql;

namespace OtPlatform.StoreConformance;

/// <summary>The tables as the package makes them, so that either can go on with what the other wrote.</summary>
public sealed class SchemaFactsTests : StoreFixture
{
    [SetUp]
    public Task CreateTables() => Store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();

    [TestCase("seq_id", "bigint", "NO")]
    [TestCase("id", "uuid", "NO")]
    [TestCase("stream_id", "uuid", "YES")]
    [TestCase("version", "bigint", "NO")]
    [TestCase("data", "jsonb", "NO")]
    [TestCase("type", "character varying(500)", "NO")]
    [TestCase("timestamp", "timestamp with time zone", "NO")]
    [TestCase("tenant_id", "character varying", "YES")]
    [TestCase("mt_dotnet_type", "character varying", "YES")]
    [TestCase("is_archived", "boolean", "YES")]
    [TestCase("correlation_id", "character varying", "YES")]
    [TestCase("causation_id", "character varying", "YES")]
    [TestCase("headers", "jsonb", "YES")]
    [TestCase("user_name", "character varying", "YES")]
    public async Task A_column_of_the_events_has_its_type(string column, string type, string nullable)
    {
        var found = await ScalarAsync<string>(
            $"""
            select format_type(a.atttypid, a.atttypmod) || ' ' || case when a.attnotnull then 'NO' else 'YES' end
            from pg_attribute a where a.attrelid = '{Schema}.mt_events'::regclass and a.attname = '{column}'
            """);
        Assert.That(found, Is.EqualTo($"{type} {nullable}"));
    }

    [TestCase("mt_streams", "tenant_id", "'*DEFAULT*'")]
    [TestCase("mt_streams", "is_archived", "false")]
    [TestCase("mt_events", "tenant_id", "'*DEFAULT*'")]
    [TestCase("mt_events", "is_archived", "false")]
    public async Task A_column_has_its_default(string table, string column, string value) => Assert.That(
        await ScalarAsync<string>($"select column_default from information_schema.columns where table_schema = '{Schema}' and table_name = '{table}' and column_name = '{column}'"),
        Does.StartWith(value));

    [TestCase("mt_streams", "id")]
    [TestCase("mt_events", "seq_id")]
    [TestCase("mt_event_progression", "name")]
    [TestCase("mt_doc_person", "id")]
    public async Task A_table_has_its_key(string table, string column) => Assert.That(
        await ScalarAsync<string>(
            $"""
            select string_agg(a.attname, ',') from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
            where i.indrelid = '{Schema}.{table}'::regclass and i.indisprimary
            """),
        Is.EqualTo(column));

    [Test]
    public async Task A_version_of_a_stream_is_there_once()
    {
        var id = await StartedAsync(new NoteAdded(1));
        Assert.That(
            async () => await ExecuteAsync(
                $$"""
                insert into {{Schema}}.mt_events (seq_id, id, stream_id, version, data, type)
                values (nextval('{{Schema}}.mt_events_sequence'), gen_random_uuid(), '{{id}}', 1, '{}', 'note_added')
                """),
            Throws.InstanceOf<PostgresException>().With.Property(nameof(PostgresException.ConstraintName)).EqualTo("pk_mt_events_stream_and_version"));
    }

    [Test]
    public async Task An_event_has_a_stream() => Assert.That(
        await ScalarAsync<long>($"select count(*) from pg_constraint where conrelid = '{Schema}.mt_events'::regclass and contype = 'f' and confrelid = '{Schema}.mt_streams'::regclass"),
        Is.EqualTo(1));

    [TestCase("mt_doc_person", "uuid")]
    [TestCase("mt_doc_guarded", "uuid")]
    [TestCase("mt_doc_versioned", "bigint")]
    public async Task A_document_s_version_is_a_number_where_revisions_are_counted(string table, string type) => Assert.That(
        await ScalarAsync<string>($"select data_type from information_schema.columns where table_schema = '{Schema}' and table_name = '{table}' and column_name = 'mt_version'"),
        Is.EqualTo(type));

    [Test]
    public async Task A_store_that_may_create_nothing_works_with_what_is_there()
    {
        var store = NewStore(options => options.AutoCreateSchemaObjects = AutoCreate.None);
        var id = Guid.NewGuid();
        await using var session = store.LightweightSession();
        session.Events.StartStream(id, new NoteAdded(1));
        session.Store(new Person { Id = id });
        await session.SaveChangesAsync();
        Assert.That(await session.Events.FetchStreamAsync(id), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Several_processes_that_start_at_once_on_an_empty_database_create_it_once()
    {
        await ExecuteAsync($"drop schema {Schema} cascade");
        var processes = Enumerable.Range(0, 3).Select(_ => HolderProcess.StartMigration(ConnectionString, Schema)).ToList();
        try
        {
            Assert.That(await Task.WhenAll(processes.Select(process => process.ExitCodeAsync())), Is.All.Zero);
            Assert.That(await ScalarAsync<bool>($"select to_regclass('{Schema}.mt_events') is not null"), Is.True);
        }
        finally
        {
            processes.ForEach(process => process.Dispose());
        }
    }
}
