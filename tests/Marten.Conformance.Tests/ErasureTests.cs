using JasperFx.Events;
using Npgsql;

namespace OtPlatform.StoreConformance;

/// <summary>What the rules on privacy need: a body that is gone for good, and a stream that is at rest.</summary>
public sealed class ErasureTests : StoreFixture
{
    private const string Secret = "what-must-go";

    [Test]
    public async Task After_the_replacement_the_old_body_is_nowhere_in_the_tables()
    {
        var id = await StartedAsync(new CaseOpened(Guid.NewGuid(), "north"), new CaseClosed(Secret), new NoteAdded(3));
        Assert.That(await RowsWithSecretAsync(), Is.EqualTo(1));
        await ReplaceAsync(id, 1, new CaseClosed("erased"));
        Assert.That(await RowsWithSecretAsync(), Is.Zero);
    }

    [Test]
    public async Task The_rest_of_the_stream_stays_as_it_was()
    {
        var id = await StartedAsync(new NoteAdded(1), new CaseClosed(Secret), new NoteAdded(3));
        var before = await FetchAsync(id);
        await ReplaceAsync(id, 1, new CaseClosed("erased"));
        var after = await FetchAsync(id);
        Assert.That(after.Select(e => (e.Sequence, e.Version)), Is.EqualTo(before.Select(e => (e.Sequence, e.Version))));
        Assert.That((after[0].Id, after[0].Data, after[2].Id, after[2].Data), Is.EqualTo((before[0].Id, before[0].Data, before[2].Id, before[2].Data)));
        Assert.That(after[1].Data, Is.EqualTo(new CaseClosed("erased")));
    }

    [Test]
    public async Task The_new_body_may_be_of_another_type()
    {
        var id = await StartedAsync(new CaseClosed(Secret));
        await ReplaceAsync(id, 0, new NoteAdded(7));
        Assert.That((await FetchAsync(id)).Single().Data, Is.EqualTo(new NoteAdded(7)));
    }

    [Test]
    public async Task Nothing_is_replaced_before_the_save()
    {
        var id = await StartedAsync(new CaseClosed(Secret));
        await using (var session = Store.LightweightSession())
            session.Events.CompletelyReplaceEvent((await FetchAsync(id))[0].Sequence, new CaseClosed("erased"));
        Assert.That((await FetchAsync(id)).Single().Data, Is.EqualTo(new CaseClosed(Secret)));
    }

    [Test]
    public async Task A_replacement_goes_with_the_rest_of_its_session_or_not_at_all()
    {
        var id = await StartedAsync(new CaseClosed(Secret));
        await using var session = Store.LightweightSession();
        session.Events.CompletelyReplaceEvent((await FetchAsync(id))[0].Sequence, new CaseClosed("erased"));
        session.Events.Append(id, 9L, new NoteAdded(1));
        Assert.That(async () => await session.SaveChangesAsync(), Throws.Exception);
        Assert.That((await FetchAsync(id)).Single().Data, Is.EqualTo(new CaseClosed(Secret)));
    }

    [Test]
    public async Task An_append_after_a_replacement_follows_the_same_versions()
    {
        var id = await StartedAsync(new CaseClosed(Secret));
        await ReplaceAsync(id, 0, new CaseClosed("erased"));
        await using var session = Store.LightweightSession();
        session.Events.Append(id, 2L, new NoteAdded(2));
        await session.SaveChangesAsync();
        Assert.That((await FetchAsync(id)).Select(e => e.Version), Is.EqualTo(new[] { 1L, 2L }));
    }

    [Test]
    public async Task A_subscription_gets_the_new_body_also_when_it_is_rewound()
    {
        var id = await StartedAsync(new CaseClosed(Secret));
        var recorder = new Recorder();
        var store = NewStore(options => options.Events.Subscribe(recorder, s => s.Name = "Recorded"));
        using var daemon = await store.BuildProjectionDaemonAsync();
        await daemon.StartAllAsync();
        await Eventually.Holds(() => recorder.Seen.Count == 1, "the first body arrives");
        await ReplaceAsync(id, 0, new CaseClosed("erased"));
        await daemon.RewindSubscriptionAsync("Recorded", CancellationToken.None);
        await Eventually.Holds(() => recorder.Seen.Count == 2, "the event arrives again");
        await daemon.StopAllAsync();
        Assert.That(recorder.Seen[1].Data, Is.EqualTo(new CaseClosed("erased")));
    }

    [Test]
    public async Task Archiving_marks_the_stream_and_all_its_events()
    {
        var (id, other) = (await StartedAsync(new NoteAdded(1), new NoteAdded(2)), await StartedAsync(new NoteAdded(3)));
        await using (var session = Store.LightweightSession())
        {
            session.Events.ArchiveStream(id);
            await session.SaveChangesAsync();
        }

        Assert.That(await ScalarAsync<long>($"select count(*) from {Schema}.mt_events where is_archived and stream_id = '{id}'"), Is.EqualTo(2));
        Assert.That(await ScalarAsync<long>($"select count(*) from {Schema}.mt_events where is_archived and stream_id = '{other}'"), Is.Zero);
        await using var reading = Store.QuerySession();
        Assert.That((await reading.Events.FetchStreamStateAsync(other))!.IsArchived, Is.False);
    }

    [Test]
    public async Task A_single_stream_can_be_deleted()
    {
        var (id, other) = (await StartedAsync(new CaseClosed(Secret), new NoteAdded(2)), await StartedAsync(new NoteAdded(3)));
        await Store.Advanced.Clean.DeleteSingleEventStreamAsync(id);
        Assert.That(await FetchAsync(id), Is.Empty);
        Assert.That(await FetchAsync(other), Has.Count.EqualTo(1));
        Assert.That(await RowsWithSecretAsync(), Is.Zero);
    }

    private async Task ReplaceAsync(Guid id, int index, object body)
    {
        await using var session = Store.LightweightSession();
        var sequence = (await session.Events.FetchStreamAsync(id))[index].Sequence;
        if (body is CaseClosed closed)
            session.Events.CompletelyReplaceEvent(sequence, closed);
        else
            session.Events.CompletelyReplaceEvent(sequence, (NoteAdded)body);
        await session.SaveChangesAsync();
    }

    private async Task<IReadOnlyList<IEvent>> FetchAsync(Guid id)
    {
        await using var session = Store.QuerySession();
        return await session.Events.FetchStreamAsync(id);
    }

    /// <summary>Looks through every column of every table of the schema.</summary>
    private async Task<long> RowsWithSecretAsync()
    {
        await using var connection = await OpenConnectionAsync();
        var tables = new List<string>();
        await using (var command = new NpgsqlCommand($"select tablename from pg_tables where schemaname = '{Schema}'", connection))
        {
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                tables.Add(reader.GetString(0));
        }

        var rows = 0L;
        foreach (var table in tables)
            rows += await ScalarAsync<long>($"select count(*) from {Schema}.{table} t where t::text like '%{Secret}%'");
        return rows;
    }
}
