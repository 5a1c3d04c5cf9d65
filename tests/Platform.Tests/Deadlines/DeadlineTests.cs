using Marten;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Streams;
using OtPlatform.Platform.Tests.Messaging;
using OtPlatform.Testing;

namespace OtPlatform.Platform.Tests.Deadlines;

/// <summary>Deadlines in a real store, with the runners of two replicas.</summary>
[TestFixture]
internal sealed class DeadlineTests
{
    private static readonly Origin Origin = new("test");

    private readonly Guid _id = Guid.CreateVersion7();
    private readonly List<SampleService> _replicas = [];
    private string _database = null!;
    private Uri _broker = null!;
    private string _offset = null!;

    [SetUp]
    public async Task Start()
    {
        _database = await Servers.FreshDatabase("deadlines");
        _broker = await Servers.FreshVirtualHost("deadlines");
        _offset = Path.GetTempFileName();
        await File.WriteAllTextAsync(_offset, "00:00:00");
        await StartReplica();
    }

    [TearDown]
    public async Task Stop()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        _replicas.Clear();
        File.Delete(_offset);
    }

    [Test]
    public async Task R10_a_due_deadline_fires_once_whichever_replica_is_first()
    {
        await StartReplica();
        var timers = Enumerable.Range(0, 150).Select(_ => Guid.CreateVersion7()).ToList();
        foreach (var timer in timers)
        {
            await Set(timer, TimeSpan.FromHours(1));
        }

        await MoveClock(TimeSpan.FromHours(2));
        await Eventually.Holds(async () => (await Waiting()).Count == 0, TimeSpan.FromSeconds(60));
        foreach (var timer in timers)
        {
            Assert.That((await Events(timer)).OfType<Rang>().Count(), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task A_deadline_is_there_exactly_when_the_event_that_set_it_is()
    {
        var failed = _replicas[0].Streams.InOneTransaction<bool>(
            Origin,
            async work =>
            {
                await work.Decide(Timer.Aggregate, _id, _ => new TimerSet(_id, DateTimeOffset.UtcNow), null, CancellationToken.None);
                throw new InvalidOperationException("Something else goes wrong in the same transaction.");
            },
            CancellationToken.None);
        Assert.ThrowsAsync<InvalidOperationException>(() => failed);
        Assert.That(await Waiting(), Is.Empty);

        await Set(_id, TimeSpan.FromDays(3));
        Assert.That((await Waiting()).Single(), Has.Property(nameof(Deadline.StreamId)).EqualTo(_id).And.Property(nameof(Deadline.Kind)).EqualTo("ring"));
    }

    [Test]
    public async Task A_deadline_goes_with_its_cause_and_moves_with_it()
    {
        var other = Guid.CreateVersion7();
        await Set(_id, TimeSpan.FromHours(1));
        await Set(other, TimeSpan.FromHours(1));
        await Decide(_id, new TimerStopped(_id));
        await Set(other, TimeSpan.FromDays(9));
        Assert.That((await Waiting()).Single().DueAt, Is.GreaterThan(DateTimeOffset.UtcNow.AddDays(8)));

        var sentinel = Guid.CreateVersion7();
        await Set(sentinel, TimeSpan.FromHours(2));
        await MoveClock(TimeSpan.FromDays(1));
        await Eventually.Holds(async () => (await Events(sentinel)).OfType<Rang>().Any());
        Assert.Multiple(async () =>
        {
            Assert.That((await Events(_id)).OfType<Rang>(), Is.Empty);
            Assert.That((await Events(other)).OfType<Rang>(), Is.Empty);
        });
    }

    [Test]
    public async Task One_that_cannot_be_fired_stays_and_does_not_stand_in_the_way_of_the_others()
    {
        var stuck = Guid.CreateVersion7();
        await Decide(stuck, new TimerSet(stuck, DateTimeOffset.UtcNow.AddHours(1)), new TimerJammed(stuck));
        await Set(_id, TimeSpan.FromHours(2));
        await MoveClock(TimeSpan.FromHours(3));

        await Eventually.Holds(async () => (await Events(_id)).OfType<Rang>().Any());
        Assert.That((await Waiting()).Single().StreamId, Is.EqualTo(stuck));
    }

    private async Task StartReplica() => _replicas.Add(await SampleService.Start(
        Sample.Owner, _database, _broker, new Faults(), typeof(TimerEvent), [], clock: new PlatformClock(_offset), more: services => services.AddSingleton(Timer.Handler)));

    private Task MoveClock(TimeSpan offset) => File.WriteAllTextAsync(_offset, offset.ToString("c"));

    private Task Set(Guid timer, TimeSpan after) => Decide(timer, new TimerSet(timer, DateTimeOffset.UtcNow + after));

    private Task Decide(Guid timer, params TimerEvent[] events) => _replicas[0].Streams.Decide(Timer.Aggregate, timer, _ => events, Origin, CancellationToken.None);

    private Task<IReadOnlyList<Deadline>> Waiting() => _replicas[0].All<Deadline>();

    private async Task<IReadOnlyList<object>> Events(Guid timer)
    {
        await using var session = _replicas[0].Services.GetRequiredService<IDocumentStore>().QuerySession();
        return [.. (await session.Events.FetchStreamAsync(timer)).Select(happened => happened.Data)];
    }
}
