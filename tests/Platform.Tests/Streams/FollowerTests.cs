using Npgsql;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Platform.Tests.Messaging;
using OtPlatform.Testing;

namespace OtPlatform.Platform.Tests.Streams;

/// <summary>A reader of the service's own events whose documents have to be whole.</summary>
[TestFixture]
internal sealed class FollowerTests
{
    [Test]
    public async Task R10_a_follower_stands_still_at_an_event_that_cannot_be_read_and_misses_nothing_once_it_can()
    {
        var id = Guid.CreateVersion7();
        var (database, broker) = (await Servers.FreshDatabase("follower"), await Servers.FreshVirtualHost("follower"));
        var follower = new FollowerDefinition("follower", (page, following, _) =>
        {
            foreach (var happened in page)
            {
                following.Store(new RelayPosition { Id = $"followed {happened.Position}" });
            }

            return Task.CompletedTask;
        });
        Task<SampleService> Start() => SampleService.Start(Sample.Owner, database, broker, new Faults(), typeof(CounterEvent), [], feed: new FeedDefinition("feed", _ => new FeedSubject()), follower: follower);
        await using (var before = await Start())
        {
            await before.Append(id, new Counted(id, 1));
            await Eventually.Holds(async () => (await before.All<RelayPosition>()).Count == 1 && (await before.All<FeedEntry>()).Count == 1);
            await before.StopHost();
            await before.Append(id, new Counted(id, 2), new Counted(id, 3));
        }

        await using var store = NpgsqlDataSource.Create(database);
        await Change(store, "create table kept as select seq_id, data from ot.mt_events");
        await Change(store, "update ot.mt_events set data = '[]' where version = 2");
        await using var service = await Start();
        var other = Guid.CreateVersion7();
        await service.Append(other, new Counted(other, 4));

        // The feed beside it goes on without the event: when it has come to the end, the follower has met the event too.
        await Eventually.Holds(async () => (await service.All<FeedEntry>()).Count == 3);
        Assert.That(await service.All<RelayPosition>(), Has.Count.EqualTo(1), "It went on past what it could not read.");

        await Change(store, "update ot.mt_events as e set data = k.data from kept as k where k.seq_id = e.seq_id");
        await Eventually.Holds(async () => (await service.All<RelayPosition>()).Count == 4);
    }

    private static async Task Change(NpgsqlDataSource store, string sql)
    {
        await using var command = store.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
