using OtPlatform.Local;
using OtPlatform.Local.Faults;

namespace OtPlatform.EndToEnd.Tests.Faults;

/// <summary>R10 under load, with two replicas of each service: what is acknowledged is in every service once, whatever happened meanwhile.</summary>
[TestFixture]
internal sealed class FaultsUnderLoadTests
{
    private RunningSystem _system = null!;

    [OneTimeSetUp]
    public async Task Start() => _system = await RunningSystem.Start(replicas: 2);

    [OneTimeTearDown]
    public async Task Stop() => await _system.DisposeAsync();

    [Test]
    [Order(1)]
    public async Task R10_everything_acknowledged_is_in_every_service_once_after_five_faults_by_chance()
    {
        // Chosen anew each time, and printed: bench faults --rounds 5 --seed N is the same again.
        var seed = Random.Shared.Next(1, 1_000_000);
        TestContext.Progress.WriteLine($"seed {seed}");

        var result = await FaultRun.Run(
            new FaultRunOptions { Folder = _system.Folder, Rounds = 5, Seed = seed, PoolCopies = 2, Load = new LoadOptions { Seed = seed }, Say = TestContext.Progress.WriteLine },
            CancellationToken.None);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Rounds.SelectMany(round => round.Missing), Is.Empty, $"seed {seed}");
            Assert.That(result.Passed, Is.EqualTo(5), $"seed {seed}");
            Assert.That((result.Lost, result.Doubled, result.InErrorQueues), Is.EqualTo((0, 0, 0L)), $"seed {seed}");
            Assert.That(result.Refused, Is.Empty);
            Assert.That(result.Books.Code, Is.Zero, result.Books.Output);
            Assert.That(result.Acknowledged, Is.GreaterThan(20), "Too little was asked for the result to mean anything.");
        }
    }

    [Test]
    [Order(2)]
    public async Task R10_the_store_away_for_a_while_under_load_puts_nothing_into_an_error_queue()
    {
        var result = await Outage.Run(_system.Folder, PrivateServer.Postgres, TimeSpan.FromSeconds(40), new LoadOptions { Seed = 2, PerSecond = 3 }, TestContext.Progress.WriteLine, CancellationToken.None);

        Clean(result);
        Assert.That(result.AcknowledgedMeanwhile, Is.Zero, "Nothing can be acknowledged without the store.");
    }

    [Test]
    [Order(3)]
    public async Task R10_requests_are_acknowledged_while_the_broker_is_away_and_everything_arrives_once_afterwards()
    {
        var result = await Outage.Run(
            _system.Folder, PrivateServer.RabbitMq, TimeSpan.FromSeconds(45), new LoadOptions { Seed = 3, PerSecond = 1, MostOpen = 200 }, TestContext.Progress.WriteLine, CancellationToken.None);

        Clean(result);
        Assert.That(result.AcknowledgedMeanwhile, Is.GreaterThan(10));
    }

    private static void Clean(OutageResult result)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Missing, Is.Empty);
            Assert.That(result.Recovery, Is.Not.Null);
            Assert.That((result.Lost, result.Doubled, result.MostInErrorQueues), Is.EqualTo((0, 0, 0L)));
            Assert.That(result.Refused, Is.Empty);
            Assert.That(result.Books.Code, Is.Zero, result.Books.Output);
        }
    }
}
