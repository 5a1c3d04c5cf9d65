namespace OtPlatform.StoreConformance;

public sealed class SchemaTests : StoreFixture
{
    [Test]
    public async Task Four_stores_that_start_at_once_create_the_schema_once()
    {
        var stores = Enumerable.Range(0, 4).Select(_ => NewStore(options => options.Schema.For<Appointment>().Duplicate(a => a.DueAt).Index(a => a.Place))).ToList();
        await Task.WhenAll(stores.Select(store => Task.Run(() => store.Storage.ApplyAllConfiguredChangesToDatabaseAsync())));
        foreach (var table in new[] { "mt_streams", "mt_events", "mt_event_progression", "mt_doc_person", "mt_doc_appointment" })
            Assert.That(await ExistsAsync(table), Is.True, table);
    }

    [Test]
    public async Task A_second_start_changes_nothing()
    {
        await Store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        var before = await FingerprintAsync();
        await NewStore().Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        Assert.That(await FingerprintAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Tables_that_nobody_announced_are_created_when_they_are_first_used()
    {
        await using var session = Store.LightweightSession();
        session.Store(new Counted("a", 1));
        session.Events.StartStream(new NoteAdded(1));
        await session.SaveChangesAsync();
        Assert.That(await ExistsAsync("mt_doc_counted"), Is.True);
    }

    [Test]
    public async Task The_event_tables_may_have_a_schema_of_their_own()
    {
        var events = $"{Schema}_events";
        var store = NewStore(options => options.Events.DatabaseSchemaName = events);
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        Assert.That(await ScalarAsync<bool>($"select to_regclass('{events}.mt_events') is not null"), Is.True);
        Assert.That(await ExistsAsync("mt_events"), Is.False);
    }

    [Test]
    public async Task A_field_that_is_duplicated_later_gets_the_values_of_old_documents()
    {
        await using (var session = Store.LightweightSession())
        {
            session.Store(new Person { Id = Guid.NewGuid(), Name = "old", Age = 51 });
            await session.SaveChangesAsync();
        }

        var later = NewStore(options => options.Schema.For<Person>().Duplicate(p => p.Age));
        await later.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await using var reading = later.QuerySession();
        Assert.That(await reading.QueryAsync<Person>("where d.age = ?", 51), Has.Count.EqualTo(1));
    }

    [TestCase("mt_streams", "id uuid,type character varying,version bigint,timestamp timestamp with time zone,created timestamp with time zone,tenant_id character varying,is_archived boolean")]
    [TestCase("mt_event_progression", "name character varying,last_seq_id bigint,last_updated timestamp with time zone")]
    public async Task The_tables_have_the_documented_columns(string table, string columns)
    {
        await Store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        var found = await ScalarAsync<string>($"select string_agg(column_name || ' ' || data_type, ',') from information_schema.columns where table_schema = '{Schema}' and table_name = '{table}'");
        Assert.That(found.Split(','), Is.EquivalentTo(columns.Split(',')));
    }

    [Test]
    public async Task The_event_table_has_the_documented_columns()
    {
        await Store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        var found = await ScalarAsync<string>($"select string_agg(column_name, ',') from information_schema.columns where table_schema = '{Schema}' and table_name = 'mt_events'");
        Assert.That(
            found.Split(','),
            Is.SupersetOf("seq_id,id,stream_id,version,data,type,timestamp,tenant_id,mt_dotnet_type,is_archived,correlation_id,causation_id,headers,user_name".Split(',')));
    }

    [Test]
    public async Task All_data_can_be_reset_and_the_store_goes_on()
    {
        await StartedAsync(new NoteAdded(1));
        await using (var session = Store.LightweightSession())
        {
            session.Store(new Person());
            await session.SaveChangesAsync();
        }

        await Store.Advanced.ResetAllData();
        Assert.That(await ScalarAsync<long>($"select (select count(*) from {Schema}.mt_events) + (select count(*) from {Schema}.mt_doc_person)"), Is.Zero);
        await StartedAsync(new NoteAdded(2));
    }

    private Task<bool> ExistsAsync(string table) => ScalarAsync<bool>($"select to_regclass('{Schema}.{table}') is not null");

    private Task<string> FingerprintAsync() => ScalarAsync<string>(
        $"select string_agg(c.oid || ':' || c.relname || ':' || c.xmin, ',' order by c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = '{Schema}'");
}
