using System.Diagnostics;
using OtPlatform.Local;
using OtPlatform.Local.Faults;
using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests.Faults;

/// <summary>A process that is stopped in its tracks keeps its sockets open, but not the subscriptions: the other replica takes over.</summary>
[TestFixture]
internal sealed class FrozenHolderTests
{
    // The lock goes with its session after 3 s, the other asks for it each second; the rest is for a busy machine.
    private static readonly TimeSpan TakenOverWithin = TimeSpan.FromSeconds(10);

    private RunningSystem _system = null!;

    [OneTimeSetUp]
    public async Task Start() => _system = await RunningSystem.Start(replicas: 2);

    [OneTimeTearDown]
    public async Task Stop() => await _system.DisposeAsync();

    [Test]
    public async Task R10_the_other_replica_publishes_when_the_relays_holder_is_frozen_and_what_that_one_publishes_late_is_absorbed()
    {
        await DemoPool.Load(_system.Endpoints, TestContext.Progress.WriteLine, CancellationToken.None);
        await using var load = await Load.Start(_system.Folder, new LoadOptions { Seed = 4 });
        Assert.That(await load.GoOn(3, TimeSpan.FromMinutes(1), CancellationToken.None), Is.True, "The load does not get going.");

        var holder = await Holder();
        Stack.Freeze(_system.Folder, "intake", holder);
        var frozen = Stopwatch.StartNew();
        try
        {
            await Eventually.Holds(async () => await Holder() != holder, TakenOverWithin);
            TestContext.Progress.WriteLine($"intake {holder} frozen, taken over after {frozen.Elapsed.TotalSeconds:0.0} s");

            // What Intake consumes may wait for the frozen one, which its queues still take for alive; what it publishes may not.
            var now = TimeProvider.System.GetUtcNow();
            await Eventually.Holds(async () => Assert.That(await OpenedSince(load, now), Is.GreaterThanOrEqualTo(3), "The other replica does not publish."), TimeSpan.FromMinutes(1));
        }
        finally
        {
            Stack.Thaw(_system.Folder, "intake", holder);
        }

        load.Pause();
        Assert.That(await load.Settle([.. load.Acknowledged.Select(one => one.Id)], TimeSpan.FromMinutes(1), CancellationToken.None), Is.Empty);
        var acknowledged = Path.Combine(Path.GetDirectoryName(_system.EndpointsFile)!, "acknowledged");
        await load.WriteAcknowledged(acknowledged, CancellationToken.None);
        var books = await Books.Agree(_system.EndpointsFile, acknowledged, frozen.Elapsed, TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.That(books.Code, Is.Zero, books.Output);
        Assert.That(await _system.FailedMessages(), Is.Zero);
    }

    private static async Task<int> OpenedSince(Load load, DateTimeOffset time)
    {
        var since = load.Acknowledged.Where(one => one.At > time).Select(one => one.Id).ToHashSet();
        return (await load.ReadAll(CancellationToken.None)).Count(arrival => since.Contains(arrival.Id) && arrival.Opened == 1);
    }

    /// <summary>The replica of Intake whose session holds advisory locks for as long as it lives: those of the subscriptions.</summary>
    private async Task<int> Holder()
    {
        const string holders =
            "select distinct a.application_name from pg_locks l join pg_stat_activity a on a.pid = l.pid " +
            "where l.locktype = 'advisory' and l.granted and a.application_name like 'intake-%' and a.state = 'idle'";
        var found = await _system.Rows("intake", holders);
        Assert.That(found, Has.Count.EqualTo(1), "One replica at a time runs the relays.");
        return int.Parse(found[0]["intake-".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
