using JasperFx;
using JasperFx.Events;
using Marten;

namespace OtPlatform.StoreConformance;

/// <summary>What holds in every way of appending.</summary>
[TestFixture(EventAppendMode.Rich)]
[TestFixture(EventAppendMode.Quick)]
[TestFixture(EventAppendMode.QuickWithServerTimestamps)]
public sealed class AppendModeTests(EventAppendMode mode) : StoreFixture
{
    [SetUp]
    public void UseMode() => NewStore(options => options.Events.AppendMode = mode);

    [Test]
    public async Task A_started_stream_has_its_events_in_order()
    {
        var id = await StartAsync(new NoteAdded(1), new CaseClosed("two"), new NoteAdded(3));
        var events = await FetchAsync(id);
        Assert.That(events.Select(e => e.Data), Is.EqualTo(new object[] { new NoteAdded(1), new CaseClosed("two"), new NoteAdded(3) }));
        Assert.That(events.Select(e => e.Version), Is.EqualTo(new[] { 1L, 2L, 3L }));
        Assert.That(events.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique);
    }

    [Test]
    public async Task An_append_follows_what_is_there()
    {
        var id = await StartAsync(new NoteAdded(1));
        await SaveAsync(session => session.Events.Append(id, new NoteAdded(2), new NoteAdded(3)));
        Assert.That((await FetchAsync(id)).Select(e => (e.Version, ((NoteAdded)e.Data).Number)), Is.EqualTo(new[] { (1L, 1), (2L, 2), (3L, 3) }));
    }

    [Test]
    public async Task The_expected_version_counts_the_new_events()
    {
        var id = await StartAsync(new NoteAdded(1));
        await SaveAsync(session => session.Events.Append(id, 3L, new NoteAdded(2), new NoteAdded(3)));
        Assert.That(await FetchAsync(id), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task A_stale_expected_version_stores_nothing()
    {
        var id = await StartAsync(new NoteAdded(1), new NoteAdded(2));
        Assert.That(async () => await SaveAsync(session => session.Events.Append(id, 2L, new NoteAdded(9))), Throws.InstanceOf<ConcurrencyException>());
        Assert.That(await FetchAsync(id), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Of_concurrent_appends_at_one_version_one_wins()
    {
        var id = await StartAsync(new NoteAdded(0));
        var won = await Task.WhenAll(Enumerable.Range(1, 8).Select(async number =>
        {
            try
            {
                await SaveAsync(session => session.Events.Append(id, 2L, new NoteAdded(number)));
                return true;
            }
            catch (ConcurrencyException)
            {
                return false;
            }
        }));
        Assert.That(won.Count(w => w), Is.EqualTo(1));
        Assert.That(await FetchAsync(id), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task The_session_s_metadata_is_stored_with_each_event()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session =>
        {
            session.CorrelationId = "matter-1";
            session.CausationId = "message-1";
            session.LastModifiedBy = "coordinator-1";
            session.SetHeader("origin", "console");
            session.Events.StartStream(id, new NoteAdded(1), new NoteAdded(2));
        });
        Assert.That(
            (await FetchAsync(id)).Select(e => (e.CorrelationId, e.CausationId, e.UserName, e.GetHeader("origin")?.ToString())),
            Is.All.EqualTo(("matter-1", "message-1", "coordinator-1", "console")));
    }

    [Test]
    public async Task Streams_of_one_session_are_numbered_in_the_order_of_the_calls()
    {
        var ids = Enumerable.Range(0, 4).Select(_ => Guid.NewGuid()).ToArray();
        await StartAsync(ids[2], new NoteAdded(0));
        await SaveAsync(session =>
        {
            session.Events.StartStream(ids[0], new NoteAdded(1), new NoteAdded(2));
            session.Events.StartStream<TriageCase>(ids[1], new NoteAdded(3));
            session.Events.Append(ids[2], new NoteAdded(4));
            session.Events.StartStream(ids[3], new NoteAdded(5));
        });
        var all = new List<IEvent>();
        foreach (var id in ids)
            all.AddRange(await FetchAsync(id));
        Assert.That(all.OrderBy(e => e.Sequence).Select(e => ((NoteAdded)e.Data).Number), Is.EqualTo(new[] { 0, 1, 2, 3, 4, 5 }));
        Assert.That(all.Select(e => (e.StreamId, e.Version)), Is.EqualTo(new[] { (ids[0], 1L), (ids[0], 2L), (ids[1], 1L), (ids[2], 1L), (ids[2], 2L), (ids[3], 1L) }));
    }

    [Test]
    public async Task The_event_s_own_id_is_kept()
    {
        var (id, eventId) = (Guid.NewGuid(), Guid.NewGuid());
        await SaveAsync(session => session.Events.StartStream(id, new NoteAdded(1)).Events[0].Id = eventId);
        Assert.That((await FetchAsync(id)).Single().Id, Is.EqualTo(eventId));
    }

    [Test]
    public async Task The_stream_says_its_version_and_when_it_was_made()
    {
        var id = await StartAsync(new NoteAdded(1));
        await SaveAsync(session => session.Events.Append(id, new NoteAdded(2)));
        await using var session = NewestStore.QuerySession();
        var state = await session.Events.FetchStreamStateAsync(id);
        Assert.That((state!.Id, state.Version, state.IsArchived), Is.EqualTo((id, 2L, false)));
        Assert.That(state.LastTimestamp, Is.GreaterThanOrEqualTo(state.Created));
    }

    private async Task<Guid> StartAsync(params object[] events) => await StartAsync(Guid.NewGuid(), events);

    private async Task<Guid> StartAsync(Guid id, params object[] events)
    {
        await SaveAsync(session => session.Events.StartStream(id, events));
        return id;
    }

    private async Task SaveAsync(Action<IDocumentSession> act)
    {
        await using var session = NewestStore.LightweightSession();
        act(session);
        await session.SaveChangesAsync();
    }

    private async Task<IReadOnlyList<IEvent>> FetchAsync(Guid id)
    {
        await using var session = NewestStore.QuerySession();
        return await session.Events.FetchStreamAsync(id);
    }
}
