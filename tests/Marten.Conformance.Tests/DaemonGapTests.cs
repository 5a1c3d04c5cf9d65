using JasperFx.Events.Daemon;
using Npgsql;

namespace OtPlatform.StoreConformance;

/// <summary>Numbers are taken before the commit: these tests hold transactions open that have taken some.</summary>
public sealed class DaemonGapTests : StoreFixture
{
    private Recorder _recorder = null!;
    private IProjectionDaemon _daemon = null!;

    [SetUp]
    public async Task StartDaemon()
    {
        _recorder = new Recorder();
        var store = NewStore(options => options.Events.Subscribe(_recorder, s => s.Name = "Recorded"));
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        _daemon = await store.BuildProjectionDaemonAsync();
        await _daemon.StartAllAsync();
    }

    [TearDown]
    public async Task StopDaemon()
    {
        await _daemon.StopAllAsync();
        _daemon.Dispose();
    }

    [Test]
    public async Task An_event_waits_for_an_earlier_number_whose_transaction_is_open()
    {
        await StartedAsync(new NoteAdded(1));
        await Eventually.Holds(() => _recorder.Seen.Count == 1, "what has nothing before it arrives");
        await using var slow = await OpenConnectionAsync();
        await using var transaction = await slow.BeginTransactionAsync();
        await InsertRawAsync(slow, 2);
        await StartedAsync(new NoteAdded(3));
        await PolledOftenAsync();
        Assert.That(_recorder.Numbers, Is.EqualTo(new[] { 1 }));

        await transaction.CommitAsync();
        await Eventually.Holds(() => _recorder.Seen.Count == 3, "all events arrive after the commit");
        Assert.That(_recorder.Numbers, Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task A_number_that_was_rolled_back_does_not_stop_the_daemon()
    {
        await using var failing = await OpenConnectionAsync();
        await using (var transaction = await failing.BeginTransactionAsync())
        {
            await InsertRawAsync(failing, 1);
            await StartedAsync(new NoteAdded(2));
            await PolledOftenAsync();
            Assert.That(_recorder.Seen, Is.Empty);
            await transaction.RollbackAsync();
        }

        await Eventually.Holds(() => _recorder.Seen.Count == 1, "the later event arrives after the rollback");
        Assert.That(_recorder.Numbers, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task A_number_that_nobody_will_ever_use_does_not_stop_the_daemon()
    {
        for (var i = 0; i < 5; i++)
        {
            await ScalarAsync<long>($"select nextval('{Schema}.mt_events_sequence')");
            await StartedAsync(new NoteAdded(i));
        }

        await Eventually.Holds(() => _recorder.Seen.Count == 5, "all events arrive");
    }

    [Test]
    public async Task A_connection_that_dies_with_a_number_does_not_stop_the_daemon()
    {
        await using var dying = await OpenConnectionAsync();
        await using var transaction = await dying.BeginTransactionAsync();
        await InsertRawAsync(dying, 1);
        await StartedAsync(new NoteAdded(2));
        await ScalarAsync<bool>($"select pg_terminate_backend({dying.ProcessID})");
        await Eventually.Holds(() => _recorder.Seen.Count == 1, "the later event arrives");
    }

    [Test]
    public async Task Two_open_transactions_that_end_in_reverse_order_lose_nothing()
    {
        await using var first = await OpenConnectionAsync();
        await using var firstTransaction = await first.BeginTransactionAsync();
        await InsertRawAsync(first, 1);
        await using var second = await OpenConnectionAsync();
        await using var secondTransaction = await second.BeginTransactionAsync();
        await InsertRawAsync(second, 2);
        await StartedAsync(new NoteAdded(3));
        await secondTransaction.CommitAsync();
        await PolledOftenAsync();
        Assert.That(_recorder.Seen, Is.Empty);

        await firstTransaction.CommitAsync();
        await Eventually.Holds(() => _recorder.Seen.Count == 3, "all events arrive");
        Assert.That(_recorder.Numbers, Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task An_open_transaction_holds_up_only_what_comes_after_it()
    {
        await using var slow = await OpenConnectionAsync();
        await StartedAsync(new NoteAdded(1), new NoteAdded(2));
        await using var transaction = await slow.BeginTransactionAsync();
        await InsertRawAsync(slow, 3);
        await StartedAsync(new NoteAdded(4));
        await Eventually.Holds(() => _recorder.Seen.Count == 2, "what lies before the gap arrives");
        await transaction.CommitAsync();
        await Eventually.Holds(() => _recorder.Seen.Count == 4, "the rest follows");
        Assert.That(_recorder.Numbers, Is.EqualTo(new[] { 1, 2, 3, 4 }));
    }

    [Test]
    public async Task An_open_transaction_that_has_nothing_to_do_with_events_holds_up_nothing()
    {
        await using var other = await OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand($"create table {Schema}.unrelated (id int)", other))
            await command.ExecuteNonQueryAsync();
        await ScalarAsync<long>($"select nextval('{Schema}.mt_events_sequence')");
        await StartedAsync(new NoteAdded(1));
        await Eventually.Holds(() => _recorder.Seen.Count == 1, "the event arrives");
        await transaction.RollbackAsync();
    }

    [Test]
    public async Task Under_load_with_failures_every_event_arrives_exactly_once_and_in_order()
    {
        var stored = new System.Collections.Concurrent.ConcurrentBag<int>();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(writer => Task.Run(async () =>
        {
            await using var connection = await OpenConnectionAsync();
            for (var i = 0; i < 40; i++)
            {
                var number = (writer * 1000) + i;
                await using var transaction = await connection.BeginTransactionAsync();
                await InsertRawAsync(connection, number);
                await Task.Yield();
                if (i % 3 == 0)
                {
                    await transaction.RollbackAsync();
                    continue;
                }

                await transaction.CommitAsync();
                stored.Add(number);
            }
        })));

        await Eventually.Holds(() => _recorder.Seen.Count >= stored.Count, "all stored events arrive");
        Assert.That(_recorder.Numbers, Is.EquivalentTo(stored));
        Assert.That(_recorder.Seen.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique);
    }

    /// <summary>Asks the server so often that the daemon has looked several times as well.</summary>
    private async Task PolledOftenAsync()
    {
        for (var i = 0; i < 60; i++)
            await ScalarAsync<int>("select 1");
    }
}
