using Npgsql;
using OtPlatform.Platform.Streams;
using OtPlatform.Platform.Tests.Messaging;
using OtPlatform.Testing;

namespace OtPlatform.Platform.Tests.Streams;

/// <summary>A read model that the daemon writes, with an event that it cannot take.</summary>
[TestFixture]
internal sealed class FeedTests
{
    [Test]
    public async Task An_event_that_the_feed_cannot_show_is_set_aside_visibly_after_a_few_tries_and_the_others_are_shown()
    {
        var tries = 0;
        FeedSubject? Subject(object happened)
        {
            if (happened is Counted { Number: 2 })
            {
                Interlocked.Increment(ref tries);
                throw new FormatException("An event that nobody can show.");
            }

            return happened is Counted ? new FeedSubject() : null;
        }

        var id = Guid.CreateVersion7();
        var database = await Servers.FreshDatabase("feed");
        await using var service = await SampleService.Start(
            Sample.Owner, database, await Servers.FreshVirtualHost("feed"), new Faults(), typeof(CounterEvent), [], feed: new FeedDefinition("feed", Subject));
        await service.Append(id, new Counted(id, 1), new Counted(id, 2), new Mused(id), new Counted(id, 3));
        await Eventually.Holds(async () => (await service.All<FeedEntry>()).Count == 2);

        await using var store = NpgsqlDataSource.Create(database);
        await using var asked = store.CreateCommand("select data from ot.mt_doc_deadletterevent");
        var deadLetter = (string)(await asked.ExecuteScalarAsync())!;
        Assert.Multiple(async () =>
        {
            Assert.That((await service.All<FeedEntry>()).Select(entry => entry.Id).Order(), Is.EqualTo([1, 4]));
            Assert.That(tries, Is.EqualTo(4));
            Assert.That(deadLetter, Does.Contain(nameof(FormatException)).And.Contain("feed"));
        });
    }

    [Test]
    public async Task An_event_that_cannot_be_read_does_not_keep_the_others_from_being_shown()
    {
        var id = Guid.CreateVersion7();
        var (database, broker) = (await Servers.FreshDatabase("feed"), await Servers.FreshVirtualHost("feed"));
        Task<SampleService> Start() => SampleService.Start(
            Sample.Owner, database, broker, new Faults(), typeof(CounterEvent), [], feed: new FeedDefinition("feed", _ => new FeedSubject()));
        await using (var before = await Start())
        {
            await before.StopHost();
            await before.Append(id, new Counted(id, 1), new Counted(id, 2), new Counted(id, 3));
        }

        await using var store = NpgsqlDataSource.Create(database);
        await using (var damage = store.CreateCommand("update ot.mt_events set data = '[]' where version = 2"))
        {
            await damage.ExecuteNonQueryAsync();
        }

        await using var service = await Start();
        await Eventually.Holds(async () => (await service.All<FeedEntry>()).Count == 2);
        Assert.That((await service.All<FeedEntry>()).Select(entry => entry.Id).Order(), Is.EqualTo([1, 3]));
    }

    [Test]
    public async Task Events_that_come_one_by_one_are_shown_together_a_few_times_a_second()
    {
        const int events = 60;
        var database = await Servers.FreshDatabase("feed");
        await using var service = await SampleService.Start(
            Sample.Owner, database, await Servers.FreshVirtualHost("feed"), new Faults(), typeof(CounterEvent), [], feed: new FeedDefinition("feed", _ => new FeedSubject()));
        var since = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < events; i++)
        {
            var id = Guid.CreateVersion7();
            await service.Append(id, new Counted(id, i));
        }

        await Eventually.Holds(async () => (await service.All<FeedEntry>()).Count == events);
        var most = 2 + (since.ElapsedMilliseconds / 90);
        await using var store = NpgsqlDataSource.Create(database);
        await using var asked = store.CreateCommand("select count(distinct xmin::text) from ot.mt_doc_feedentry");
        Assert.That((long)(await asked.ExecuteScalarAsync())!, Is.InRange(1, most), "However slow the machine is, a page follows the one before after a rest.");
    }
}
