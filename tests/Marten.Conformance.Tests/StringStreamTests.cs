using JasperFx;
using JasperFx.Events;
using Marten;
using Marten.Exceptions;

namespace OtPlatform.StoreConformance;

/// <summary>Streams that are known by a key.</summary>
public sealed class StringStreamTests : StoreFixture
{
    [SetUp]
    public void UseKeys() => NewStore(options => options.Events.StreamIdentity = StreamIdentity.AsString);

    [Test]
    public async Task A_stream_is_started_and_read_by_its_key()
    {
        await SaveAsync(session => session.Events.StartStream("case/1", new NoteAdded(1), new NoteAdded(2)));
        await using var session = NewestStore.QuerySession();
        var events = await session.Events.FetchStreamAsync("case/1");
        Assert.That(events.Select(e => (e.StreamKey, e.Version)), Is.EqualTo(new[] { ("case/1", 1L), ("case/1", 2L) }));
        Assert.That(await session.Events.FetchStreamAsync("case/2"), Is.Empty);
    }

    [Test]
    public async Task Appends_check_the_version_as_with_ids()
    {
        await SaveAsync(session => session.Events.StartStream<TriageCase>("case/1", new NoteAdded(1)));
        await SaveAsync(session => session.Events.Append("case/1", 2L, new NoteAdded(2)));
        await SaveAsync(session => session.Events.Append("case/1", new NoteAdded(3)));
        Assert.That(
            async () => await SaveAsync(session => session.Events.Append("case/1", 3L, new NoteAdded(9))),
            Throws.InstanceOf<EventStreamUnexpectedMaxEventIdException>());
        await using var session = NewestStore.QuerySession();
        Assert.That((await session.Events.FetchStreamStateAsync("case/1"))!.Version, Is.EqualTo(3));
    }

    [Test]
    public async Task A_key_is_started_once()
    {
        await SaveAsync(session => session.Events.StartStream("case/1", new NoteAdded(1)));
        Assert.That(async () => await SaveAsync(session => session.Events.StartStream("case/1", new NoteAdded(1))), Throws.InstanceOf<ExistingStreamIdCollisionException>());
    }

    [Test]
    public async Task An_optimistic_append_is_refused_after_another_append()
    {
        await SaveAsync(session => session.Events.StartStream("case/1", new NoteAdded(1)));
        await using var slow = NewestStore.LightweightSession();
        await slow.Events.AppendOptimistic("case/1", new NoteAdded(2));
        await SaveAsync(session => session.Events.Append("case/1", new NoteAdded(3)));
        Assert.That(async () => await slow.SaveChangesAsync(), Throws.InstanceOf<ConcurrencyException>());
    }

    [Test]
    public async Task A_key_can_be_archived()
    {
        await SaveAsync(session => session.Events.StartStream("case/1", new NoteAdded(1)));
        await SaveAsync(session => session.Events.ArchiveStream("case/1"));
        await using var session = NewestStore.QuerySession();
        Assert.That((await session.Events.FetchStreamStateAsync("case/1"))!.IsArchived, Is.True);
    }

    [Test]
    public async Task Several_keys_are_started_together()
    {
        await SaveAsync(session =>
        {
            session.Events.StartStream("a", new NoteAdded(1), new NoteAdded(2));
            session.Events.StartStream("b", new NoteAdded(3));
        });
        await using var session = NewestStore.QuerySession();
        Assert.That((await session.Events.FetchStreamAsync("b")).Single().Version, Is.EqualTo(1));
    }

    private async Task SaveAsync(Action<IDocumentSession> act)
    {
        await using var session = NewestStore.LightweightSession();
        act(session);
        await session.SaveChangesAsync();
    }
}
