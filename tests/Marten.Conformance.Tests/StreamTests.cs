using JasperFx;
using JasperFx.Events;
using Marten.Exceptions;

namespace OtPlatform.StoreConformance;

public sealed class StreamTests : StoreFixture
{
    [Test]
    public async Task A_new_stream_is_read_back_in_order_with_versions_from_one()
    {
        var caseId = Guid.NewGuid();
        var id = await StartedAsync(new CaseOpened(caseId, "north"), new RouteDecided(Route.HybridTeam, 7.5m), new CaseClosed("done"));

        await using var session = Store.QuerySession();
        var events = await session.Events.FetchStreamAsync(id);

        Assert.That(events.Select(e => e.Version), Is.EqualTo(new[] { 1L, 2L, 3L }));
        Assert.That(events.Select(e => e.Data), Is.EqualTo(new object[] { new CaseOpened(caseId, "north"), new RouteDecided(Route.HybridTeam, 7.5m), new CaseClosed("done") }));
        Assert.That(events.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique);
        Assert.That(events.Select(e => e.StreamId), Is.All.EqualTo(id));
    }

    [Test]
    public async Task An_append_without_a_version_follows_whatever_is_there()
    {
        var id = await StartedAsync(new NoteAdded(1));
        for (var i = 2; i <= 4; i++)
        {
            await using var session = Store.LightweightSession();
            session.Events.Append(id, new NoteAdded(i));
            await session.SaveChangesAsync();
        }

        await using var reading = Store.QuerySession();
        var events = await reading.Events.FetchStreamAsync(id);
        Assert.That(events.Select(e => (e.Version, ((NoteAdded)e.Data).Number)), Is.EqualTo(new[] { (1L, 1), (2L, 2), (3L, 3), (4L, 4) }));
    }

    [Test]
    public async Task An_append_to_an_unknown_stream_begins_it()
    {
        var id = Guid.NewGuid();
        await using var session = Store.LightweightSession();
        session.Events.Append(id, new NoteAdded(1), new NoteAdded(2));
        await session.SaveChangesAsync();

        var state = await session.Events.FetchStreamStateAsync(id);
        Assert.That(state!.Version, Is.EqualTo(2));
    }

    [Test]
    public async Task The_expected_version_is_the_one_after_the_append()
    {
        var id = await StartedAsync(new NoteAdded(1));
        await using var session = Store.LightweightSession();
        session.Events.Append(id, 3L, new NoteAdded(2), new NoteAdded(3));
        await session.SaveChangesAsync();

        Assert.That((await session.Events.FetchStreamStateAsync(id))!.Version, Is.EqualTo(3));
    }

    [Test]
    public async Task A_stale_expected_version_is_refused_and_nothing_is_stored()
    {
        var id = await StartedAsync(new NoteAdded(1), new NoteAdded(2));
        await using var session = Store.LightweightSession();
        session.Store(new Person { Id = id, Name = "with the append" });
        session.Events.Append(id, 2L, new NoteAdded(3));

        Assert.That(async () => await session.SaveChangesAsync(), Throws.InstanceOf<EventStreamUnexpectedMaxEventIdException>());
        await using var reading = Store.QuerySession();
        Assert.That((await reading.Events.FetchStreamStateAsync(id))!.Version, Is.EqualTo(2));
        Assert.That(await reading.LoadAsync<Person>(id), Is.Null);
    }

    [Test]
    public async Task An_expected_version_beyond_the_stream_is_refused()
    {
        var id = await StartedAsync(new NoteAdded(1));
        await using var session = Store.LightweightSession();
        session.Events.Append(id, 9L, new NoteAdded(2));
        Assert.That(async () => await session.SaveChangesAsync(), Throws.InstanceOf<EventStreamUnexpectedMaxEventIdException>());
    }

    [Test]
    public async Task An_unexpected_version_is_a_concurrency_exception()
    {
        var id = await StartedAsync(new NoteAdded(1));
        await using var session = Store.LightweightSession();
        session.Events.Append(id, 1L, new NoteAdded(2));
        Assert.That(async () => await session.SaveChangesAsync(), Throws.InstanceOf<ConcurrencyException>());
    }

    [Test]
    public async Task Of_many_appends_at_one_expected_version_exactly_one_wins()
    {
        var id = await StartedAsync(new NoteAdded(0));
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 12).Select(async number =>
        {
            await using var session = Store.LightweightSession();
            session.Events.Append(id, 2L, new NoteAdded(number));
            try
            {
                await session.SaveChangesAsync();
                return true;
            }
            catch (EventStreamUnexpectedMaxEventIdException)
            {
                return false;
            }
        }));

        Assert.That(outcomes.Count(won => won), Is.EqualTo(1));
        await using var reading = Store.QuerySession();
        Assert.That(await reading.Events.FetchStreamAsync(id), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_stream_cannot_be_started_twice()
    {
        var id = await StartedAsync(new NoteAdded(1));
        await using var session = Store.LightweightSession();
        session.Events.StartStream(id, new NoteAdded(1));
        Assert.That(async () => await session.SaveChangesAsync(), Throws.InstanceOf<ExistingStreamIdCollisionException>());
    }

    [Test]
    public async Task Of_many_starts_of_one_stream_exactly_one_wins()
    {
        var id = Guid.NewGuid();
        await StartedAsync(new NoteAdded(0));
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 12).Select(async number =>
        {
            await using var session = Store.LightweightSession();
            session.Events.StartStream(id, new NoteAdded(number));
            try
            {
                await session.SaveChangesAsync();
                return true;
            }
            catch (ExistingStreamIdCollisionException)
            {
                return false;
            }
        }));
        Assert.That(outcomes.Count(won => won), Is.EqualTo(1));
    }

    [Test]
    public async Task An_optimistic_append_fails_when_somebody_appends_before_the_save()
    {
        var id = await StartedAsync(new NoteAdded(1));
        await using var slow = Store.LightweightSession();
        await slow.Events.AppendOptimistic(id, new NoteAdded(2));
        await using (var quick = Store.LightweightSession())
        {
            quick.Events.Append(id, new NoteAdded(9));
            await quick.SaveChangesAsync();
        }

        Assert.That(async () => await slow.SaveChangesAsync(), Throws.InstanceOf<ConcurrencyException>());
    }

    [Test]
    public async Task An_optimistic_append_that_nobody_disturbs_succeeds()
    {
        var id = await StartedAsync(new NoteAdded(1));
        await using var session = Store.LightweightSession();
        await session.Events.AppendOptimistic(id, new NoteAdded(2), new NoteAdded(3));
        await session.SaveChangesAsync();
        Assert.That((await session.Events.FetchStreamStateAsync(id))!.Version, Is.EqualTo(3));
    }

    [Test]
    public async Task Two_appends_to_one_stream_in_a_session_go_together()
    {
        var id = Guid.NewGuid();
        await using var session = Store.LightweightSession();
        session.Events.StartStream<TriageCase>(id, new NoteAdded(1));
        session.Events.Append(id, new NoteAdded(2));
        await session.SaveChangesAsync();
        Assert.That(await session.Events.FetchStreamAsync(id), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Several_streams_in_one_session_are_stored_together_or_not_at_all()
    {
        var taken = await StartedAsync(new NoteAdded(1));
        var (first, last) = (Guid.NewGuid(), Guid.NewGuid());
        await using var session = Store.LightweightSession();
        session.Events.StartStream(first, new NoteAdded(1));
        session.Events.StartStream(taken, new NoteAdded(1));
        session.Events.StartStream(last, new NoteAdded(1));
        Assert.That(async () => await session.SaveChangesAsync(), Throws.InstanceOf<ExistingStreamIdCollisionException>());

        await using var reading = Store.QuerySession();
        Assert.That(await reading.Events.FetchStreamStateAsync(first), Is.Null);
        Assert.That(await reading.Events.FetchStreamStateAsync(last), Is.Null);
    }

    [Test]
    public async Task A_stream_can_be_read_up_to_and_from_a_version()
    {
        var id = await StartedAsync(new NoteAdded(1), new NoteAdded(2), new NoteAdded(3), new NoteAdded(4));
        await using var session = Store.QuerySession();
        Assert.That((await session.Events.FetchStreamAsync(id, version: 2)).Select(e => e.Version), Is.EqualTo(new[] { 1L, 2L }));
        Assert.That((await session.Events.FetchStreamAsync(id, fromVersion: 3)).Select(e => e.Version), Is.EqualTo(new[] { 3L, 4L }));
    }

    [Test]
    public async Task An_unknown_stream_is_empty_and_has_no_state()
    {
        await StartedAsync(new NoteAdded(1));
        await using var session = Store.QuerySession();
        Assert.That(await session.Events.FetchStreamAsync(Guid.NewGuid()), Is.Empty);
        Assert.That(await session.Events.FetchStreamStateAsync(Guid.NewGuid()), Is.Null);
    }

    [Test]
    public async Task A_single_event_is_found_by_its_id()
    {
        var id = await StartedAsync(new NoteAdded(1), new CaseClosed("found"));
        await using var session = Store.QuerySession();
        var wanted = (await session.Events.FetchStreamAsync(id))[1];
        var found = await session.Events.LoadAsync(wanted.Id);
        Assert.That(found!.Data, Is.EqualTo(new CaseClosed("found")));
        Assert.That(await session.Events.LoadAsync(Guid.NewGuid()), Is.Null);
    }

    [Test]
    public async Task An_archived_stream_says_so()
    {
        var id = await StartedAsync(new NoteAdded(1));
        await using var session = Store.LightweightSession();
        session.Events.ArchiveStream(id);
        await session.SaveChangesAsync();
        Assert.That((await session.Events.FetchStreamStateAsync(id))!.IsArchived, Is.True);
    }

    [Test]
    public async Task A_stored_event_can_be_replaced_by_another_body()
    {
        var id = await StartedAsync(new CaseClosed("a name that must go"), new NoteAdded(2));
        await using var session = Store.LightweightSession();
        var sequence = (await session.Events.FetchStreamAsync(id))[0].Sequence;
        session.Events.CompletelyReplaceEvent(sequence, new CaseClosed("erased"));
        await session.SaveChangesAsync();

        var events = await session.Events.FetchStreamAsync(id);
        Assert.That(events.Select(e => e.Data), Is.EqualTo(new object[] { new CaseClosed("erased"), new NoteAdded(2) }));
        Assert.That(events.Select(e => e.Version), Is.EqualTo(new[] { 1L, 2L }));
    }

    [Test]
    public async Task The_statistics_count_events_and_streams()
    {
        await StartedAsync(new NoteAdded(1), new NoteAdded(2));
        await StartedAsync(new NoteAdded(3));
        var statistics = await Store.Advanced.FetchEventStoreStatistics();
        Assert.That((statistics.EventCount, statistics.StreamCount), Is.EqualTo((3L, 2L)));
        Assert.That(statistics.EventSequenceNumber, Is.GreaterThanOrEqualTo(3));
    }
}
