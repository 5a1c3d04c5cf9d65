using OtPlatform.Local;
using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests.Journeys;

/// <summary>The fictional pool on the running system, over gRPC as an organisation's register would send it.</summary>
[TestFixture]
internal sealed class DemoPoolTests
{
    private const string Registered = "ot.mt_events where type = 'expert_registered'";

    private RunningSystem _system = null!;

    [SetUp]
    public async Task Start() => _system = await RunningSystem.Start();

    [TearDown]
    public async Task Stop() => await _system.DisposeAsync();

    [Test]
    public async Task R10_every_expert_is_in_the_pool_once_also_when_it_is_killed_in_the_middle_and_loaded_again()
    {
        var experts = DemoPool.Read(DateOnly.FromDateTime(DateTime.UtcNow)).Count;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var said = new List<string>();
        var loading = DemoPool.Load(_system.Endpoints, said.Add, limit.Token);
        await Eventually.Holds(async () => await _system.Count("expertPool", Registered) >= 5);
        await _system.Kill("expertPool");
        Assert.That(await _system.Count("expertPool", Registered), Is.LessThan(experts), "The pool was loaded before the kill.");
        await _system.StartAgain("expertPool");
        await loading;
        Assert.That(await _system.Count("expertPool", Registered), Is.EqualTo(experts));

        await DemoPool.Load(_system.Endpoints, said.Add, limit.Token);
        Assert.Multiple(async () =>
        {
            Assert.That(said[^1], Does.Contain($"{experts} fictional experts").And.Contain(" 0 of them new or changed"));
            Assert.That(await _system.Count("expertPool", Registered), Is.EqualTo(experts));
        });
        await Eventually.Holds(async () => Assert.That(await _system.Count("teamAssembly", "ot.mt_doc_candidateentry"), Is.EqualTo(experts)));
        Assert.That(await _system.FailedMessages(), Is.Zero);
    }
}
