using JasperFx.Events.Daemon;
using JasperFx.Events.Subscriptions;
using Marten;
using Npgsql;

namespace OtPlatform.StoreConformance;

/// <summary>Where a subscription begins, how it is taken back, what it is told by, and what it may report.</summary>
public sealed class DaemonOptionTests : StoreFixture
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private readonly List<IProjectionDaemon> _daemons = [];

    [TearDown]
    public async Task StopDaemons()
    {
        foreach (var daemon in _daemons)
        {
            await daemon.StopAllAsync();
            daemon.Dispose();
        }

        _daemons.Clear();
    }

    [Test]
    public async Task A_new_subscription_may_begin_after_a_number()
    {
        await StartedAsync(new NoteAdded(1), new NoteAdded(2), new NoteAdded(3));
        var recorder = new Recorder();
        await StartAsync(recorder, options => options.Options.SubscribeFromSequence(2));
        await Eventually.Holds(() => recorder.Seen.Count == 1, "what lies after the number arrives");
        Assert.That(recorder.Numbers, Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public async Task A_new_subscription_may_begin_at_a_time()
    {
        await AppendAtAsync(Noon, 1);
        await AppendAtAsync(Noon.AddHours(1), 2);
        await AppendAtAsync(Noon.AddHours(2), 3);
        var recorder = new Recorder();
        await StartAsync(recorder, options => options.Options.SubscribeFromTime(Noon.AddMinutes(30)));
        await Eventually.Holds(() => recorder.Seen.Count == 2, "what is not older arrives");
        Assert.That(recorder.Numbers, Is.EqualTo(new[] { 2, 3 }));
    }

    [Test]
    public async Task A_starting_point_is_for_the_first_start_only()
    {
        await StartedAsync(new NoteAdded(1));
        var first = new Recorder();
        await StartAsync(first);
        await Eventually.Holds(() => first.Seen.Count == 1, "the first event arrives");
        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
        await _daemons[0].StopAllAsync();
        await StartedAsync(new NoteAdded(2));
        var second = new Recorder();
        await StartAsync(second, options => options.Options.SubscribeFromSequence(0));
        await Eventually.Holds(() => second.Seen.Count > 0, "the second event arrives");
        Assert.That(second.Numbers, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task A_higher_version_begins_anew()
    {
        await StartedAsync(new NoteAdded(1));
        var (first, second) = (new Recorder(), new Recorder());
        await StartAsync(first);
        await Eventually.Holds(() => first.Seen.Count == 1, "the first version gets the event");
        await _daemons[0].StopAllAsync();
        await StartAsync(second, options => options.Version = 2);
        await Eventually.Holds(() => second.Seen.Count == 1, "the second version gets it as well");
    }

    [Test]
    public async Task Two_types_may_be_asked_for()
    {
        await StartedAsync(new NoteAdded(1), new CaseClosed("x"), new RouteDecided(Route.HybridTeam, 1m));
        var recorder = new Recorder();
        await StartAsync(recorder, options =>
        {
            options.IncludeType<CaseClosed>();
            options.IncludeType<RouteDecided>();
        });
        await Eventually.Holds(() => recorder.Seen.Count == 2, "both types arrive");
        Assert.That(recorder.Seen.Select(e => e.EventType), Is.EqualTo(new[] { typeof(CaseClosed), typeof(RouteDecided) }));
    }

    [Test]
    public async Task Pages_follow_each_other_without_a_gap()
    {
        await StartedAsync([.. Enumerable.Range(1, 23).Select(i => (object)new NoteAdded(i))]);
        var pages = new List<(long Floor, long Ceiling, int Size, int Count)>();
        var recorder = new Recorder
        {
            OnPage = (page, _, _) =>
            {
                pages.Add((page.SequenceFloor, page.SequenceCeiling, page.Size, page.Events.Count));
                return Task.CompletedTask;
            },
        };
        await StartAsync(recorder, options => options.Options.BatchSize = 5);
        await Eventually.Holds(() => recorder.Seen.Count == 23, "all events arrive");
        await _daemons[0].StopAllAsync();
        Assert.That(pages[0].Floor, Is.Zero);
        Assert.That(pages.Skip(1).Select(p => p.Floor), Is.EqualTo(pages.SkipLast(1).Select(p => p.Ceiling)));
        Assert.That(pages.Select(p => p.Size), Is.EqualTo(pages.Select(p => p.Count)));
    }

    [Test]
    public async Task A_rewind_to_the_beginning_rebuilds_what_was_written()
    {
        var recorder = new Recorder
        {
            OnPage = (page, _, operations) =>
            {
                foreach (var @event in page.Events)
                    operations.Store(new Counted(@event.Id.ToString(), ((NoteAdded)@event.Data).Number));
                return Task.CompletedTask;
            },
        };
        await StartAsync(recorder, configure: options => options.Schema.For<Counted>());
        await StartedAsync(new NoteAdded(1), new NoteAdded(2));
        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
        await ExecuteAsync($"delete from {Schema}.mt_doc_counted");
        await _daemons[0].RewindSubscriptionAsync("Recorded", CancellationToken.None);
        await Eventually.HoldsAsync(async () => await ScalarAsync<long>($"select coalesce(sum((data ->> 'count')::int), 0) from {Schema}.mt_doc_counted") == 3, "the documents are there again");
    }

    [Test]
    public async Task A_subscription_can_be_taken_back_to_a_time()
    {
        await AppendAtAsync(Noon, 1);
        await AppendAtAsync(Noon.AddHours(1), 2);
        var recorder = new Recorder();
        await StartAsync(recorder);
        await Eventually.Holds(() => recorder.Seen.Count == 2, "both arrive");
        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
        await _daemons[0].RewindSubscriptionAsync("Recorded", CancellationToken.None, timestamp: Noon.AddMinutes(30));
        await Eventually.Holds(() => recorder.Seen.Count == 3, "the later one arrives again");
        Assert.That(recorder.Numbers, Is.EqualTo(new[] { 1, 2, 2 }));
    }

    [Test]
    public async Task A_dead_letter_says_which_event_it_was_and_the_page_goes_on()
    {
        var recorder = new Recorder
        {
            OnPage = async (page, controller, _) =>
            {
                foreach (var @event in page.Events.Where(e => e.Data is NoteAdded { Number: 2 }))
                    await controller.RecordDeadLetterEventAsync(@event, new InvalidOperationException("cannot be read"));
            },
        };
        var store = await StartAsync(recorder);
        await StartedAsync(new NoteAdded(1), new NoteAdded(2), new NoteAdded(3));
        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
        Assert.That((await store.Advanced.AllProjectionProgress()).Single(p => p.ShardName == "Recorded:All").Sequence, Is.EqualTo(3));
        await Eventually.HoldsAsync(
            async () => await ScalarAsync<bool>($"select to_regclass('{Schema}.mt_doc_deadletterevent') is not null")
                && await ScalarAsync<long>($"select count(*) from {Schema}.mt_doc_deadletterevent where (data ->> 'eventSequence')::bigint = 2") == 1,
            "the dead letter is stored");
    }

    [TestCase("type = 'nobody_knows', mt_dotnet_type = 'Nobody.Knows, Nowhere'")]
    [TestCase("data = '[]'")]
    public async Task An_event_that_cannot_be_read_is_left_out_when_that_was_asked_for(string damage)
    {
        await StartedAsync([.. Enumerable.Range(1, 7).Select(i => (object)new NoteAdded(i))]);
        await ExecuteAsync($"update {Schema}.mt_events set {damage} where version in (2, 3, 7)");
        var recorder = new Recorder();
        var store = await StartAsync(recorder, options => options.Options.BatchSize = 2, options =>
        {
            options.Projections.Errors.SkipSerializationErrors = true;
            options.Projections.Errors.SkipUnknownEvents = true;
        });
        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
        Assert.That(recorder.Numbers, Is.EqualTo(new[] { 1, 4, 5, 6 }));
        await StartedAsync(new NoteAdded(8));
        await Eventually.Holds(() => recorder.Numbers.Count == 5, "what comes later arrives");
        Assert.That((await store.Advanced.AllProjectionProgress()).Single(p => p.ShardName == "Recorded:All").Sequence, Is.GreaterThanOrEqualTo(7));
    }

    [TestCase("type = 'nobody_knows', mt_dotnet_type = 'Nobody.Knows, Nowhere'")]
    [TestCase("data = '[]'")]
    public async Task An_event_that_cannot_be_read_stops_its_subscription_when_leaving_out_was_not_asked_for(string damage)
    {
        await StartedAsync(new NoteAdded(1), new NoteAdded(2), new NoteAdded(3));
        await ExecuteAsync($"update {Schema}.mt_events set {damage} where version = 2");
        var recorder = new Recorder();
        var store = await StartAsync(recorder, configure: options =>
        {
            options.Projections.Errors.SkipSerializationErrors = false;
            options.Projections.Errors.SkipUnknownEvents = false;
        });
        await Eventually.Holds(() => _daemons[0].HighWaterMark() == 3, "the daemon looks at the events");
        Assert.That(async () => await _daemons[0].WaitForNonStaleData(TimeSpan.FromSeconds(1)), Throws.InstanceOf<TimeoutException>());
        Assert.That(recorder.Numbers, Does.Not.Contain(3));
        Assert.That((await store.Advanced.AllProjectionProgress()).Any(p => p.ShardName == "Recorded:All" && p.Sequence >= 2), Is.False);
    }

    [Test]
    public async Task A_stopped_subscription_goes_on_with_its_page_when_the_daemon_starts_again()
    {
        var isReadable = false;
        var recorder = new Recorder
        {
            OnPage = (_, controller, _) => Volatile.Read(ref isReadable) ? Task.CompletedTask : controller.ReportCriticalFailureAsync(new InvalidOperationException("unreadable")),
        };
        await StartAsync(recorder);
        await StartedAsync(new NoteAdded(1));
        await Eventually.Holds(() => recorder.Seen.Count == 1, "the page is given");
        await _daemons[0].StopAllAsync();
        Volatile.Write(ref isReadable, true);
        await _daemons[0].StartAllAsync();
        await Eventually.Holds(() => recorder.Seen.Count == 2, "the page is given again");
        Assert.That(recorder.Numbers, Is.EqualTo(new[] { 1, 1 }));
    }

    [Test]
    [Category("StandInOnly")]
    public async Task A_stopped_subscription_keeps_what_it_had_done()
    {
        var isReadable = false;
        var recorder = new Recorder
        {
            OnPage = (page, controller, _) => Volatile.Read(ref isReadable)
                ? Task.CompletedTask
                : controller.ReportCriticalFailureAsync(new InvalidOperationException("unreadable"), page.Events[0].Sequence),
        };
        await StartedAsync(new NoteAdded(1), new NoteAdded(2));
        var store = await StartAsync(recorder);
        await Eventually.HoldsAsync(
            async () => (await store.Advanced.AllProjectionProgress()).Any(p => p is { ShardName: "Recorded:All", Sequence: 1 }), "what was done is kept");
        await _daemons[0].StopAllAsync();
        Volatile.Write(ref isReadable, true);
        await _daemons[0].StartAllAsync();
        await Eventually.Holds(() => recorder.Numbers.Count == 3, "the rest arrives");
        Assert.That(recorder.Numbers, Is.EqualTo(new[] { 1, 2, 2 }));
    }

    [Test]
    public async Task An_event_that_nobody_announced_arrives_all_the_same()
    {
        var recorder = new Recorder();
        await StartAsync(recorder);
        await using var connection = await OpenConnectionAsync();
        await InsertRawAsync(connection, 1);
        await Eventually.Holds(() => recorder.Seen.Count == 1, "polling finds it");
    }

    [Test]
    public async Task Events_arrive_also_after_the_listening_connection_was_cut()
    {
        var recorder = new Recorder();
        await StartAsync(recorder, configure: options => options.Events.UseListenNotifyForEventAppends = true);
        await StartedAsync(new NoteAdded(1));
        await Eventually.Holds(() => recorder.Seen.Count == 1, "the first event arrives");
        await ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query ilike '%listen%'");
        await using var connection = await OpenConnectionAsync();
        await InsertRawAsync(connection, 2);
        await Eventually.Holds(() => recorder.Seen.Count == 2, "the second event arrives");
    }

    [Test]
    [Category("StandInOnly")]
    public async Task A_commit_is_announced_to_whoever_listens()
    {
        var store = NewStore(options => options.Events.UseListenNotifyForEventAppends = true);
        await using var listening = await OpenConnectionAsync();
        await using (var listen = new NpgsqlCommand($"listen mt_events_{Schema}", listening))
            await listen.ExecuteNonQueryAsync();
        await using var session = store.LightweightSession();
        session.Events.StartStream(new NoteAdded(1));
        await session.SaveChangesAsync();
        Assert.That(await listening.WaitAsync(Eventually.Deadline), Is.True);
    }

    [Test]
    [Category("StandInOnly")]
    public async Task Two_daemons_over_one_subscription_commit_each_event_once()
    {
        for (var i = 0; i < 2; i++)
        {
            var recorder = new Recorder
            {
                OnPage = (page, _, operations) =>
                {
                    foreach (var @event in page.Events)
                        operations.QueueSqlCommand($"insert into {Schema}.twice (seq_id) values (?)", @event.Sequence);
                    return Task.CompletedTask;
                },
            };
            await StartAsync(recorder, options => options.Options.BatchSize = 3);
            await ExecuteAsync($"create table if not exists {Schema}.twice (seq_id bigint)");
        }

        for (var i = 0; i < 40; i++)
            await StartedAsync(new NoteAdded(i));
        await Eventually.HoldsAsync(async () => await ScalarAsync<long>($"select count(distinct seq_id) from {Schema}.twice") == 40, "all events take effect");
        await StopDaemons();
        Assert.That(await ScalarAsync<long>($"select count(*) from {Schema}.twice"), Is.EqualTo(40));
    }

    [Test]
    public async Task A_daemon_that_was_stopped_does_not_run_and_may_start_again()
    {
        var recorder = new Recorder();
        await StartAsync(recorder);
        await _daemons[0].StopAllAsync();
        Assert.That(_daemons[0].IsRunning, Is.False);
        await StartedAsync(new NoteAdded(1));
        await _daemons[0].StartAllAsync();
        await Eventually.Holds(() => recorder.Seen.Count == 1, "the event arrives after the start");
    }

    private async Task AppendAtAsync(DateTimeOffset time, int number)
    {
        var store = NewStore(options => options.Events.TimeProvider = new FixedTime(time));
        await using var session = store.LightweightSession();
        session.Events.StartStream(Guid.NewGuid(), new NoteAdded(number));
        await session.SaveChangesAsync();
    }

    private async Task<IDocumentStore> StartAsync(Recorder recorder, Action<ISubscriptionOptions>? subscription = null, Action<StoreOptions>? configure = null)
    {
        var store = NewStore(options =>
        {
            options.Events.Subscribe(recorder, s =>
            {
                s.Name = "Recorded";
                subscription?.Invoke(s);
            });
            configure?.Invoke(options);
        });
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        var daemon = await store.BuildProjectionDaemonAsync();
        _daemons.Add(daemon);
        await daemon.StartAllAsync();
        return store;
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
