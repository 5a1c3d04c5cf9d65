using JasperFx.Events;

namespace OtPlatform.StoreConformance;

public sealed class MetadataTests : StoreFixture
{
    [Test]
    public async Task Correlation_causation_user_and_headers_are_stored_with_each_event()
    {
        var id = Guid.NewGuid();
        await using (var session = Store.LightweightSession())
        {
            session.CorrelationId = "consultation-1";
            session.CausationId = "message-2";
            session.LastModifiedBy = "coordinator-3";
            session.SetHeader("trace", "00-abc");
            session.Events.StartStream(id, new NoteAdded(1));
            await session.SaveChangesAsync();
        }

        await using var reading = Store.QuerySession();
        var stored = (await reading.Events.FetchStreamAsync(id))[0];
        Assert.That(stored.CorrelationId, Is.EqualTo("consultation-1"));
        Assert.That(stored.CausationId, Is.EqualTo("message-2"));
        Assert.That(stored.UserName, Is.EqualTo("coordinator-3"));
        Assert.That(stored.GetHeader("trace")?.ToString(), Is.EqualTo("00-abc"));
    }

    [Test]
    public async Task An_event_built_by_the_caller_keeps_its_id_and_its_own_metadata()
    {
        var (stream, eventId) = (Guid.NewGuid(), Guid.NewGuid());
        await using (var session = Store.LightweightSession())
        {
            session.CorrelationId = "the session's";
            var built = session.Events.BuildEvent(new NoteAdded(1));
            built.Id = eventId;
            built.CorrelationId = "its own";
            built.SetHeader("source", "import");
            session.Events.StartStream(stream, built);
            await session.SaveChangesAsync();
        }

        await using var reading = Store.QuerySession();
        var stored = (await reading.Events.FetchStreamAsync(stream))[0];
        Assert.That((stored.Id, stored.CorrelationId, stored.GetHeader("source")?.ToString()), Is.EqualTo((eventId, "its own", "import")));
    }

    [Test]
    public async Task The_caller_can_set_metadata_on_the_action_before_the_save()
    {
        var eventId = Guid.NewGuid();
        await using var session = Store.LightweightSession();
        var action = session.Events.StartStream(Guid.NewGuid(), new NoteAdded(1));
        action.Events[0].Id = eventId;
        await session.SaveChangesAsync();
        Assert.That(await session.Events.LoadAsync(eventId), Is.Not.Null);
    }

    [Test]
    public async Task Times_come_from_the_store_s_time_provider()
    {
        var noon = new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
        var store = NewStore(options => options.Events.TimeProvider = new FixedTime(noon));
        await using var session = store.LightweightSession();
        var id = session.Events.StartStream(new NoteAdded(1)).Id;
        await session.SaveChangesAsync();
        Assert.That((await session.Events.FetchStreamAsync(id))[0].Timestamp, Is.EqualTo(noon));
    }

    [Test]
    public async Task Events_are_named_after_their_class_in_the_table()
    {
        await StartedAsync(new RouteDecided(Route.HybridTeam, 1m));
        Assert.That(await ScalarAsync<string>($"select type from {Schema}.mt_events"), Is.EqualTo("route_decided"));
        Assert.That(
            await ScalarAsync<string>($"select mt_dotnet_type from {Schema}.mt_events"),
            Is.EqualTo("OtPlatform.StoreConformance.RouteDecided, OtPlatform.Marten.Conformance.Tests"));
        Assert.That(await ScalarAsync<string>($"select data ->> 'route' from {Schema}.mt_events"), Is.EqualTo("HybridTeam"));
    }

    [Test]
    public async Task An_event_type_can_be_stored_under_a_name_of_its_own()
    {
        var store = NewStore(options => options.Events.MapEventType<CaseClosed>("the_end"));
        await using var session = store.LightweightSession();
        var id = session.Events.StartStream(new CaseClosed("x")).Id;
        await session.SaveChangesAsync();
        Assert.That(await ScalarAsync<string>($"select type from {Schema}.mt_events"), Is.EqualTo("the_end"));
        Assert.That((await session.Events.FetchStreamAsync(id))[0].Data, Is.EqualTo(new CaseClosed("x")));
    }

    [Test]
    public async Task A_typed_event_gives_its_body_with_its_type()
    {
        var id = await StartedAsync(new NoteAdded(7));
        await using var session = Store.QuerySession();
        var stored = (await session.Events.FetchStreamAsync(id))[0];
        Assert.That(stored, Is.InstanceOf<IEvent<NoteAdded>>());
        Assert.That(((IEvent<NoteAdded>)stored).Data.Number, Is.EqualTo(7));
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
