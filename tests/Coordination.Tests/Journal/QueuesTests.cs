using Grpc.Core;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Protos.Coordination.V1;
using OtPlatform.Testing;

namespace OtPlatform.Coordination.Tests.Journal;

/// <summary>The queues over gRPC, against a real store and a real broker.</summary>
[TestFixture]
internal sealed class QueuesTests
{
    private RunningJournal _journal = null!;
    private Metadata _coordinator = null!;
    private Metadata _integrator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _journal = await RunningJournal.Start("coordination_queues");
        _coordinator = await _journal.As("coordinator-sisa");
        _integrator = await _journal.As("integrator");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _journal.DisposeAsync();

    [Test]
    public async Task The_queue_is_read_page_by_page_danger_first_and_counted()
    {
        var coordinator = await _journal.As("coordinator-ita");
        var routine = await Submitted("ita");
        var urgent = await Submitted("ita", urgency: Urgency.Urgent);
        var danger = await Submitted("ita", danger: true);
        var over = await Submitted("ita");
        over.Intake(at => new ConsultationWithdrawn(over.Consultation, at));
        await _journal.Publish(over.All[^1]);
        await _journal.WrittenDown(over.All);
        var first = await _journal.Queues.ListAsync(new ListQueueRequest { PageSize = 2 }, coordinator);
        var second = await _journal.Queues.ListAsync(new ListQueueRequest { PageSize = 2, PageToken = first.NextPageToken }, coordinator);
        var withdrawn = await _journal.Queues.ListAsync(new ListQueueRequest { Status = "withdrawn" }, coordinator);
        Assert.Multiple(() =>
        {
            Assert.That(first.Entries.Concat(second.Entries).Select(entry => entry.ConsultationId), Is.EqualTo(new[] { danger, urgent, routine }.Select(told => told.Consultation.ToString())));
            Assert.That(first.Entries, Has.Count.EqualTo(2));
            Assert.That(second.NextPageToken, Is.Empty);
            Assert.That(first.Counts.ToDictionary(), Is.EqualTo(new Dictionary<string, int> { ["received"] = 3 }));
            Assert.That(withdrawn.Entries.Select(entry => entry.ConsultationId), Is.EqualTo(new[] { over.Consultation.ToString() }));
            Assert.That(first.Position, Is.GreaterThanOrEqualTo(4));
        });
    }

    [Test]
    public async Task An_entry_says_where_the_consultation_stands()
    {
        var told = Happenings.ToAWorkingTeam(Guid.CreateVersion7());
        await _journal.Publish(told.All);
        await _journal.WrittenDown(told.All);
        var page = await _journal.Queues.ListAsync(new ListQueueRequest { PageSize = 200 }, _coordinator);
        var entry = page.Entries.Single(entry => entry.ConsultationId == told.Consultation.ToString());
        Assert.Multiple(() =>
        {
            Assert.That(entry.Status, Is.EqualTo("teamWorking"));
            Assert.That(entry.Responsible, Is.EqualTo("responsibleWorker"));
            Assert.That(entry.DueBy.ToDateTimeOffset(), Is.EqualTo(Happenings.Start.AddMinutes(14).AddDays(80)));
            Assert.That(entry.Grounds, Is.EqualTo(new[] { "complexity" }));
            Assert.That((entry.RecommendedRoute, entry.Route), Is.EqualTo(("hybridTeam", "hybridTeam")));
            Assert.That(entry.Topics, Is.EqualTo(new[] { "substance.child-or-youth" }));
            Assert.That(entry.County, Is.EqualTo("pirkanmaa"));
        });
    }

    [Test]
    public async Task A_page_is_one_read_of_an_index()
    {
        // Enough for the planner to care; the entries themselves are the service's own, copied.
        await Submitted("pohjoinen");
        await _journal.Scalar("""
            insert into ot.mt_doc_queueentry (id, data, mt_dotnet_type, mt_version)
            select fresh, jsonb_set(jsonb_set(data, '{id}', to_jsonb(fresh)), '{openIn}', case when number % 100 = 0 then data -> 'openIn' else 'null' end), mt_dotnet_type, gen_random_uuid()
            from (select gen_random_uuid() as fresh, number from generate_series(1, 20000) as number) as numbers
            cross join (select data, mt_dotnet_type from ot.mt_doc_queueentry where data ->> 'openIn' = 'pohjoinen' limit 1) as one
            """);
        await _journal.Scalar("analyze ot.mt_doc_queueentry");
        var coordinator = await _journal.As("coordinator-pohjoinen");
        Task<object?> Counter(string name) => _journal.Scalar($"select {name} from pg_stat_user_tables where relname = 'mt_doc_queueentry'");
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        var (whole, indexed) = ((long)(await Counter("seq_scan"))!, (long)(await Counter("idx_scan"))!);
        var page = await _journal.Queues.ListAsync(new ListQueueRequest(), coordinator);
        Assert.That(page.Entries, Has.Count.EqualTo(50));
        await Eventually.Holds(async () => Assert.That(await Counter("idx_scan"), Is.GreaterThanOrEqualTo(indexed + 2)));
        Assert.That(await Counter("seq_scan"), Is.EqualTo(whole));
        await _journal.Scalar("delete from ot.mt_doc_queueentry where data ->> 'area' = 'pohjoinen'");
    }

    [Test]
    public async Task What_happened_is_watched_from_a_position_and_then_live_without_a_loss_or_a_repeat()
    {
        var told = Happenings.ToAWorkingTeam(Guid.CreateVersion7());
        await _journal.Publish(told.All.Take(6));
        await _journal.WrittenDown(told.All.Take(6));
        using var whole = _journal.Queues.Watch(new WatchQueuesRequest(), _integrator);
        var all = Take(whole, told.Consultation, told.All.Count);
        var seen = await Take(_journal.Queues.Watch(new WatchQueuesRequest(), _integrator), told.Consultation, 3);
        using var resumed = _journal.Queues.Watch(new WatchQueuesRequest { AfterPosition = seen[^1].Position }, _integrator);
        var rest = Take(resumed, told.Consultation, told.All.Count - 3);
        await _journal.Publish(told.All.Skip(6));
        var changes = await all;
        Assert.Multiple(async () =>
        {
            Assert.That(seen.Concat(await rest).Select(change => change.Position), Is.EqualTo(changes.Select(change => change.Position)));
            Assert.That(changes.Select(change => change.Position), Is.Ordered.And.Unique);
            Assert.That(changes.Select(change => change.What), Is.EquivalentTo(told.All.Select(step => step.Message.GetType().Name)));
            Assert.That(changes[^1].Entry.Status, Is.EqualTo("teamWorking").Or.EqualTo("teamBeingAssembled"));
            Assert.That(changes, Has.All.Matches<QueueChange>(change => change.Traceparent == RunningJournal.Traceparent));
        });
    }

    [Test]
    public async Task A_watcher_sees_a_change_within_a_second()
    {
        var position = (await _journal.Queues.ListAsync(new ListQueueRequest(), _coordinator)).Position;
        using var watching = _journal.Queues.Watch(new WatchQueuesRequest { AfterPosition = position }, _coordinator);
        var next = watching.ResponseStream.MoveNext(CancellationToken.None);
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        var told = new Happenings(Guid.CreateVersion7());
        told.Submitted();
        await _journal.Publish(told.All);
        Assert.That(await next.WaitAsync(TimeSpan.FromSeconds(1)), Is.True);
    }

    [Test]
    public async Task A_coordinator_sees_nothing_of_another_area()
    {
        var elsewhere = await Submitted("lansi");
        var here = await Submitted("sisa");
        var own = await _journal.Queues.ListAsync(new ListQueueRequest { PageSize = 200 }, _coordinator);
        using var watching = _journal.Queues.Watch(new WatchQueuesRequest(), _coordinator);
        var changes = new List<QueueChange>();
        while (changes.All(change => change.Entry.ConsultationId != here.Consultation.ToString()) && await watching.ResponseStream.MoveNext(CancellationToken.None))
        {
            changes.Add(watching.ResponseStream.Current);
        }

        var asked = Assert.ThrowsAsync<RpcException>(async () => await _journal.Queues.ListAsync(new ListQueueRequest { Area = "lansi" }, _coordinator));
        using var other = _journal.Queues.Watch(new WatchQueuesRequest { Area = "lansi" }, _coordinator);
        var watched = Assert.ThrowsAsync<RpcException>(async () => await other.ResponseStream.MoveNext(CancellationToken.None));
        var all = await _journal.Queues.ListAsync(new ListQueueRequest { PageSize = 200 }, _integrator);
        Assert.Multiple(() =>
        {
            Assert.That(own.Entries.Select(entry => entry.Area), Is.All.EqualTo("sisa"));
            Assert.That(changes.Select(change => change.Entry.Area), Is.All.EqualTo("sisa"));
            Assert.That(asked!.StatusCode, Is.EqualTo(StatusCode.NotFound));
            Assert.That(watched!.StatusCode, Is.EqualTo(StatusCode.NotFound));
            Assert.That(all.Entries.Select(entry => entry.ConsultationId), Does.Contain(elsewhere.Consultation.ToString()).And.Contain(here.Consultation.ToString()));
        });
    }

    [TestCase("partner-pirkanmaa", StatusCode.PermissionDenied)]
    [TestCase("expert-019ab000-0000-7000-8000-0000000e0001", StatusCode.PermissionDenied)]
    [TestCase("operator", StatusCode.PermissionDenied)]
    public async Task Others_have_no_business_in_the_queue(string client, StatusCode status)
    {
        var headers = await _journal.As(client);
        var refused = Assert.ThrowsAsync<RpcException>(async () => await _journal.Queues.ListAsync(new ListQueueRequest(), headers));
        Assert.That(refused!.StatusCode, Is.EqualTo(status));
    }

    [Test]
    public void Without_a_token_nobody_is_answered()
    {
        var refused = Assert.ThrowsAsync<RpcException>(async () => await _journal.Queues.ListAsync(new ListQueueRequest()));
        Assert.That(refused!.StatusCode, Is.EqualTo(StatusCode.Unauthenticated));
    }

    [TestCase("rejected", "", 0)]
    [TestCase("", "nonsense", 0)]
    public void Nonsense_is_an_invalid_argument(string status, string token, int size)
    {
        var refused = Assert.ThrowsAsync<RpcException>(async () => await _journal.Queues.ListAsync(new ListQueueRequest { Status = status, PageToken = token, PageSize = size }, _coordinator));
        Assert.That(refused!.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
    }

    [TestCase(-1)]
    [TestCase(long.MaxValue)]
    public void A_position_that_nobody_can_have_seen_is_refused(long position) => Calls.Refused(
        async () =>
        {
            using var watching = _journal.Queues.Watch(new WatchQueuesRequest { AfterPosition = position }, _coordinator);
            await watching.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        },
        StatusCode.InvalidArgument,
        "platform.invalid-input");

    [Test]
    public async Task Cancelling_ends_the_watch()
    {
        using var cancellation = new CancellationTokenSource();
        var position = (await _journal.Queues.ListAsync(new ListQueueRequest(), _coordinator)).Position;
        using var watching = _journal.Queues.Watch(new WatchQueuesRequest { AfterPosition = position }, _coordinator, cancellationToken: cancellation.Token);
        var next = watching.ResponseStream.MoveNext(CancellationToken.None);
        await cancellation.CancelAsync();
        var ended = Assert.ThrowsAsync<RpcException>(async () => await next.WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.That(ended!.StatusCode, Is.EqualTo(StatusCode.Cancelled));
    }

    [Test]
    public async Task A_shutdown_ends_the_watch_and_says_to_resume_elsewhere()
    {
        await using var another = await RunningJournal.Start("coordination_ending");
        using var watching = another.Queues.Watch(new WatchQueuesRequest(), await another.As("coordinator-sisa"));
        var next = watching.ResponseStream.MoveNext(CancellationToken.None);
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        another.StopApplication();
        var ended = Assert.ThrowsAsync<RpcException>(async () => await next.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.That(ended!.StatusCode, Is.EqualTo(StatusCode.Unavailable));
    }

    private async Task<Happenings> Submitted(string area, bool danger = false, Urgency urgency = Urgency.Routine)
    {
        var told = new Happenings(Guid.CreateVersion7(), area);
        told.Submitted(danger, urgency);
        await _journal.Publish(told.All);
        await _journal.WrittenDown(told.All);
        return told;
    }

    private static async Task<List<QueueChange>> Take(AsyncServerStreamingCall<QueueChange> call, Guid consultation, int count)
    {
        var taken = new List<QueueChange>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (taken.Count < count && await call.ResponseStream.MoveNext(patience.Token))
        {
            if (call.ResponseStream.Current.Entry.ConsultationId == consultation.ToString())
            {
                taken.Add(call.ResponseStream.Current);
            }
        }

        return taken;
    }
}
