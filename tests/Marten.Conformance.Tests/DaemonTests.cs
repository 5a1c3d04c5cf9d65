using JasperFx.Events.Daemon;
using JasperFx.Events.Subscriptions;
using Marten;
using Marten.Services;

namespace OtPlatform.StoreConformance;

public sealed class DaemonTests : StoreFixture
{
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
    public async Task A_subscription_gets_all_events_in_the_order_of_their_numbers()
    {
        var recorder = new Recorder();
        var store = await StartAsync(recorder);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var i = 0; i < 25; i++)
                await AppendAsync(store, Guid.NewGuid(), new NoteAdded((writer * 100) + i));
        }));

        await Eventually.Holds(() => recorder.Seen.Count >= 100, "all events arrive");
        Assert.That(recorder.Seen.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique);
        Assert.That(recorder.Numbers, Is.EquivalentTo(Enumerable.Range(0, 4).SelectMany(w => Enumerable.Range(w * 100, 25))));
    }

    [Test]
    public async Task Events_stored_before_the_daemon_started_come_first()
    {
        await StartedAsync(new NoteAdded(1), new NoteAdded(2));
        var recorder = new Recorder();
        var store = await StartAsync(recorder);
        await AppendAsync(store, Guid.NewGuid(), new NoteAdded(3));
        await Eventually.Holds(() => recorder.Seen.Count == 3, "old and new events arrive");
        Assert.That(recorder.Numbers, Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task An_event_arrives_with_its_metadata()
    {
        var recorder = new Recorder();
        var store = await StartAsync(recorder);
        var (stream, eventId) = (Guid.NewGuid(), Guid.NewGuid());
        await using (var session = store.LightweightSession())
        {
            session.CorrelationId = "c-1";
            session.SetHeader("trace", "t-1");
            session.Events.StartStream(stream, new NoteAdded(1)).Events[0].Id = eventId;
            await session.SaveChangesAsync();
        }

        await Eventually.Holds(() => recorder.Seen.Count == 1, "the event arrives");
        var seen = recorder.Seen[0];
        Assert.That((seen.Id, seen.StreamId, seen.Version, seen.CorrelationId, seen.GetHeader("trace")?.ToString()), Is.EqualTo((eventId, stream, 1L, "c-1", "t-1")));
    }

    [Test]
    public async Task A_subscription_gets_only_the_types_it_asked_for_and_its_progress_passes_the_others()
    {
        for (var i = 0; i < 20; i++)
            await StartedAsync(new NoteAdded(i), new CaseClosed($"{i}"), new NoteAdded(i));
        var recorder = new Recorder();
        var store = await StartAsync(recorder, options => options.IncludeType<CaseClosed>());
        await StartedAsync(new NoteAdded(99));

        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
        Assert.That(recorder.Seen, Has.Count.EqualTo(20));
        Assert.That(recorder.Seen.Select(e => e.Data), Is.All.InstanceOf<CaseClosed>());
        Assert.That(await ProgressAsync(store), Is.EqualTo(61));
    }

    [Test]
    public async Task A_subscription_gets_every_event_of_its_types_while_many_append_at_once()
    {
        var recorder = new Recorder();
        await StartAsync(recorder, options => options.IncludeType<CaseClosed>());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; i < 25; i++)
                await StartedAsync(i % 5 == 0 ? new CaseClosed($"{writer}-{i}") : new NoteAdded(i));
        }));

        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
        Assert.That(recorder.Seen.Select(e => ((CaseClosed)e.Data).Reason).Distinct().Count(), Is.EqualTo(40));
        Assert.That(recorder.Seen, Has.Count.EqualTo(40));
    }

    [Test]
    public async Task A_page_is_no_larger_than_asked_for()
    {
        await StartedAsync([.. Enumerable.Range(1, 25).Select(i => (object)new NoteAdded(i))]);
        var recorder = new Recorder();
        await StartAsync(recorder, options => options.Options.BatchSize = 10);
        await Eventually.Holds(() => recorder.Seen.Count == 25, "all events arrive");
        Assert.That(recorder.PageSizes, Is.All.LessThanOrEqualTo(10));
        Assert.That(recorder.Numbers, Is.EqualTo(Enumerable.Range(1, 25)));
    }

    [Test]
    public async Task What_a_subscription_writes_commits_with_its_progress()
    {
        var recorder = new Recorder
        {
            OnPage = (page, _, operations) =>
            {
                foreach (var @event in page.Events)
                    operations.Insert(new Counted(@event.Id.ToString(), 1));
                return Task.CompletedTask;
            },
        };
        var store = await StartAsync(recorder);
        await StartedAsync(new NoteAdded(1), new NoteAdded(2));
        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
        Assert.That(await ScalarAsync<long>($"select count(*) from {Schema}.mt_doc_counted"), Is.EqualTo(2));
        Assert.That(await ProgressAsync(store), Is.EqualTo(2));
    }

    [Test]
    public async Task Nothing_of_a_page_commits_while_it_fails_and_the_page_is_tried_again()
    {
        var attempts = 0;
        var isBroken = true;
        var recorder = new Recorder
        {
            OnPage = (page, _, operations) =>
            {
                Interlocked.Increment(ref attempts);
                operations.Insert(new Counted($"attempt {attempts}", attempts));
                return Volatile.Read(ref isBroken) ? throw new InvalidOperationException("the broker is away") : Task.CompletedTask;
            },
        };
        var store = await StartAsync(recorder);
        await StartedAsync(new NoteAdded(1));
        await Eventually.Holds(() => Volatile.Read(ref attempts) >= 3, "the page is tried again and again");
        Assert.That(await ProgressAsync(store), Is.Zero);

        Volatile.Write(ref isBroken, false);
        await Eventually.Holds(() => recorder.Seen.Count > 0, "the page succeeds in the end");
        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
        Assert.That(recorder.Numbers, Is.EqualTo(new[] { 1 }));
        Assert.That(await ScalarAsync<long>($"select count(*) from {Schema}.mt_doc_counted"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_commit_that_the_database_refuses_takes_the_progress_with_it()
    {
        await ExecuteAsync($"create schema if not exists {Schema}; create table {Schema}.once (id int primary key); insert into {Schema}.once values (1)");
        var recorder = new Recorder
        {
            OnPage = (page, _, operations) =>
            {
                operations.QueueSqlCommand($"insert into {Schema}.once values (1)");
                return Task.CompletedTask;
            },
        };
        var store = await StartAsync(recorder);
        await StartedAsync(new NoteAdded(1));
        await Eventually.Holds(() => recorder.Seen.Count >= 2, "the page is tried again");
        Assert.That(await ProgressAsync(store), Is.Zero);

        await ExecuteAsync($"delete from {Schema}.once");
        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
    }

    [Test]
    public async Task The_listener_is_told_before_and_after_the_commit()
    {
        var listener = new Listener(() => ScalarAsync<long>($"select count(*) from {Schema}.mt_doc_counted"));
        var recorder = new Recorder
        {
            Listener = listener,
            OnPage = (_, _, operations) =>
            {
                operations.Insert(new Counted("x", 1));
                return Task.CompletedTask;
            },
        };
        await StartAsync(recorder, configure: options => options.Schema.For<Counted>());
        await StartedAsync(new NoteAdded(1));
        await Eventually.Holds(() => listener.After is not null, "the listener hears of the commit");
        Assert.That((listener.Before, listener.After), Is.EqualTo((0L, 1L)));
    }

    [Test]
    public async Task A_new_subscription_may_start_at_the_present()
    {
        await StartedAsync(new NoteAdded(1));
        var recorder = new Recorder();
        var store = await StartAsync(recorder, options => options.Options.SubscribeFromPresent());
        await Eventually.HoldsAsync(async () => await HasProgressAsync(store), "the subscription has begun");
        await AppendAsync(store, Guid.NewGuid(), new NoteAdded(2));
        await Eventually.Holds(() => recorder.Seen.Count > 0, "the new event arrives");
        Assert.That(recorder.Numbers, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task Archived_events_are_left_out_unless_asked_for()
    {
        var id = await StartedAsync(new NoteAdded(1));
        await using (var session = Store.LightweightSession())
        {
            session.Events.ArchiveStream(id);
            session.Events.StartStream(new NoteAdded(2));
            await session.SaveChangesAsync();
        }

        var (without, with) = (new Recorder(), new Recorder());
        await StartAsync(without, options => options.Name = "without", configure: options => options.Events.Subscribe(with, s =>
        {
            s.Name = "with";
            s.IncludeArchivedEvents = true;
        }));
        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
        Assert.That(without.Numbers, Is.EqualTo(new[] { 2 }));
        Assert.That(with.Numbers, Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task Two_subscriptions_move_independently()
    {
        var (healthy, broken) = (new Recorder(), new Recorder { OnPage = (_, _, _) => throw new InvalidOperationException("broken") });
        var store = await StartAsync(healthy, options => options.Name = "healthy", configure: options => options.Events.Subscribe(broken, s => s.Name = "broken"));
        await AppendAsync(store, Guid.NewGuid(), new NoteAdded(1));
        await Eventually.Holds(() => healthy.Seen.Count == 1, "the healthy one goes on");
        Assert.That(broken.Seen, Is.Empty);
    }

    [Test]
    public async Task A_restarted_daemon_goes_on_where_it_was()
    {
        var first = new Recorder();
        await StartAsync(first);
        await StartedAsync(new NoteAdded(1));
        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
        await _daemons[0].StopAllAsync();
        await StartedAsync(new NoteAdded(2));

        var second = new Recorder();
        await StartAsync(second);
        await Eventually.Holds(() => second.Seen.Count > 0, "the new event arrives");
        Assert.That(first.Numbers, Is.EqualTo(new[] { 1 }));
        Assert.That(second.Numbers, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task A_rewound_subscription_gets_its_events_again()
    {
        var recorder = new Recorder();
        await StartAsync(recorder);
        await StartedAsync(new NoteAdded(1), new NoteAdded(2), new NoteAdded(3));
        await _daemons[0].WaitForNonStaleData(Eventually.Deadline);
        await _daemons[0].RewindSubscriptionAsync("Recorded", CancellationToken.None, sequenceFloor: 1);
        await Eventually.Holds(() => recorder.Seen.Count == 5, "the events arrive again");
        Assert.That(recorder.Numbers, Is.EqualTo(new[] { 1, 2, 3, 2, 3 }));
    }

    [Test]
    public async Task The_high_water_mark_is_the_last_number_once_all_is_quiet()
    {
        await StartAsync(new Recorder());
        await StartedAsync(new NoteAdded(1), new NoteAdded(2));
        await Eventually.Holds(() => _daemons[0].HighWaterMark() == 2, "the mark follows");
        Assert.That(_daemons[0].IsRunning, Is.True);
    }

    [Test]
    public async Task A_subscription_that_reports_a_critical_failure_stops_and_keeps_its_place()
    {
        var calls = 0;
        var recorder = new Recorder
        {
            OnPage = async (_, controller, _) =>
            {
                Interlocked.Increment(ref calls);
                await controller.ReportCriticalFailureAsync(new InvalidOperationException("unreadable"));
            },
        };
        var store = await StartAsync(recorder);
        await StartedAsync(new NoteAdded(1));
        await Eventually.Holds(() => Volatile.Read(ref calls) == 1, "the page is given once");
        await AppendAsync(store, Guid.NewGuid(), new NoteAdded(2));
        Assert.That(await ProgressAsync(store), Is.Zero);
    }

    [Test]
    public async Task An_event_that_was_passed_over_is_written_down()
    {
        var recorder = new Recorder { OnPage = (page, controller, _) => controller.RecordDeadLetterEventAsync(page.Events[0], new InvalidOperationException("no such receiver")) };
        await StartAsync(recorder);
        await StartedAsync(new NoteAdded(1));
        await Eventually.HoldsAsync(
            async () => await ScalarAsync<bool>($"select to_regclass('{Schema}.mt_doc_deadletterevent') is not null")
                && await ScalarAsync<long>($"select count(*) from {Schema}.mt_doc_deadletterevent") == 1,
            "a dead letter is stored");
    }

    private static async Task AppendAsync(IDocumentStore store, Guid stream, params object[] events)
    {
        await using var session = store.LightweightSession();
        session.Events.Append(stream, events);
        await session.SaveChangesAsync();
    }

    private static async Task<long> ProgressAsync(IDocumentStore store) =>
        (await store.Advanced.AllProjectionProgress()).SingleOrDefault(p => p.ShardName == "Recorded:All")?.Sequence ?? 0;

    private static async Task<bool> HasProgressAsync(IDocumentStore store) =>
        (await store.Advanced.AllProjectionProgress()).Any(p => p.ShardName == "Recorded:All");

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

    private sealed class Listener(Func<Task<long>> countAsync) : IChangeListener
    {
        public long? Before { get; private set; }

        public long? After { get; private set; }

        public async Task BeforeCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token) => Before = await countAsync();

        public async Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token) => After = await countAsync();
    }
}
