using Marten;
using Marten.Exceptions;
using Npgsql;

namespace OtPlatform.StoreConformance;

public sealed class TransactionTests : StoreFixture
{
    [Test]
    public async Task In_a_begun_transaction_the_session_s_reads_and_writes_are_one()
    {
        var id = Guid.NewGuid();
        await StartedAsync(new NoteAdded(0));
        await using var session = Store.LightweightSession();
        await session.BeginTransactionAsync(CancellationToken.None);
        await session.QueryAsync<int>("select 1 from (select pg_advisory_xact_lock(4711)) as l");
        Assert.That(await CanLockAsync(4711), Is.False);
        session.Events.StartStream(id, new NoteAdded(1));
        session.Store(new Person { Id = id });
        await session.SaveChangesAsync();

        Assert.That(await CanLockAsync(4711), Is.True);
        await using var reading = Store.QuerySession();
        Assert.That(await reading.CheckExistsAsync<Person>(id), Is.True);
    }

    [Test]
    public async Task A_transaction_that_is_not_saved_leaves_nothing()
    {
        await using (var session = Store.LightweightSession())
        {
            session.Store(new Person());
            await session.SaveChangesAsync();
        }

        await using (var session = Store.LightweightSession())
        {
            await session.BeginTransactionAsync(CancellationToken.None);
            await using var command = session.Connection.CreateCommand();
            command.CommandText = $"delete from {Schema}.mt_doc_person";
            await command.ExecuteNonQueryAsync();
        }

        Assert.That(await ScalarAsync<long>($"select count(*) from {Schema}.mt_doc_person"), Is.EqualTo(1));
    }

    [Test]
    public async Task In_a_begun_transaction_a_refused_write_leaves_nothing_and_frees_its_locks()
    {
        var (taken, other) = (Guid.NewGuid(), Guid.NewGuid());
        await using (var first = Store.LightweightSession())
        {
            first.Insert(new Person { Id = taken });
            await first.SaveChangesAsync();
        }

        await using var session = Store.LightweightSession();
        await session.BeginTransactionAsync(CancellationToken.None);
        await session.QueryAsync<int>("select 1 from (select pg_advisory_xact_lock(4712)) as l");
        session.Store(new Person { Id = other });
        session.Insert(new Person { Id = taken });
        Assert.That(async () => await session.SaveChangesAsync(), Throws.InstanceOf<DocumentAlreadyExistsException>());
        await using var reading = Store.QuerySession();
        Assert.That(await reading.CheckExistsAsync<Person>(other), Is.False);
        Assert.That(await CanLockAsync(4712), Is.True);
    }

    [Test]
    public async Task A_session_can_save_several_times()
    {
        await using var session = Store.LightweightSession();
        var id = session.Events.StartStream(new NoteAdded(1)).Id;
        await session.SaveChangesAsync();
        session.Events.Append(id, 2L, new NoteAdded(2));
        await session.SaveChangesAsync();
        await session.SaveChangesAsync();
        Assert.That(await session.Events.FetchStreamAsync(id), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_listener_hears_of_the_save_before_and_after()
    {
        var heard = new List<string>();
        await using var session = Store.LightweightSession();
        session.Listeners.Add(new Listener(heard));
        session.Events.StartStream(new NoteAdded(1), new NoteAdded(2));
        await session.SaveChangesAsync();
        Assert.That(heard, Is.EqualTo(new[] { "before", "after 2" }));
    }

    [Test]
    public async Task The_session_s_connection_is_in_its_transaction()
    {
        await StartedAsync(new NoteAdded(0));
        await using var session = Store.LightweightSession();
        await session.BeginTransactionAsync(CancellationToken.None);
        await using (var command = session.Connection.CreateCommand())
        {
            command.CommandText = $"create table {Schema}.made_here (id int)";
            await command.ExecuteNonQueryAsync();
        }

        Assert.That(await ScalarAsync<bool>($"select to_regclass('{Schema}.made_here') is null"), Is.True);
        session.Events.StartStream(new NoteAdded(1));
        await session.SaveChangesAsync();
        Assert.That(await ScalarAsync<bool>($"select to_regclass('{Schema}.made_here') is not null"), Is.True);
    }

    [Test]
    public async Task Who_starts_several_streams_waits_for_a_writer_of_the_first_before_writing_any_event()
    {
        await StartedAsync(new NoteAdded(0));
        var first = Guid.NewGuid();
        await using var other = await OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var stream = new NpgsqlCommand($"insert into {Schema}.mt_streams (id, version) values ($1, 1)", other) { Parameters = { new() { Value = first } } })
            await stream.ExecuteNonQueryAsync();

        await using var session = Store.LightweightSession();
        session.Events.StartStream(first, new NoteAdded(1));
        session.Events.StartStream(Guid.NewGuid(), new NoteAdded(2));
        var saving = session.SaveChangesAsync();
        await Eventually.HoldsAsync(
            async () => await ScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == 1, "the session waits");
        const string body = """{"number": 3}""";
        await using (var happened = new NpgsqlCommand($"insert into {Schema}.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, is_archived) values (nextval('{Schema}.mt_events_sequence'), gen_random_uuid(), $1, 1, $2::jsonb, 'note_added', now(), '*DEFAULT*', false)", other) { Parameters = { new() { Value = first }, new() { Value = body } } })
            await happened.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        Assert.That(async () => await saving, Throws.InstanceOf<ExistingStreamIdCollisionException>());
    }

    private Task<bool> CanLockAsync(int key) => ScalarAsync<bool>($"select pg_try_advisory_xact_lock({key})");

    private sealed class Listener(List<string> heard) : DocumentSessionListenerBase
    {
        public override Task BeforeSaveChangesAsync(IDocumentSession session, CancellationToken token)
        {
            heard.Add("before");
            return Task.CompletedTask;
        }

        public override Task AfterCommitAsync(IDocumentSession session, Marten.Services.IChangeSet commit, CancellationToken token)
        {
            heard.Add($"after {commit.GetEvents().Count()}");
            return Task.CompletedTask;
        }
    }
}
