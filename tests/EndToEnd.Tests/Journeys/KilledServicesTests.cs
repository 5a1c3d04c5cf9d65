using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OtPlatform.Local;
using OtPlatform.Local.Faults;
using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests.Journeys;

/// <summary>R10: lost nothing, done once, whatever is killed, whenever. The tables are asked past the services.</summary>
[TestFixture]
internal sealed class KilledServicesTests
{
    private const int Samples = 20;
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private RunningSystem _system = null!;

    [SetUp]
    public async Task Start() => _system = await RunningSystem.Start();

    [TearDown]
    public async Task Stop() => await _system.DisposeAsync();

    [Test]
    public async Task R10_all_samples_end_as_expected_and_once_when_each_service_is_killed_in_turn_during_the_demo([Values] bool theLastOneFirst)
    {
        // Coordination last: while it is away the journeys go on, and would be over before the next one's turn.
        const string coordination = "coordination";
        var services = ServiceCatalogue.All.Select(service => service.Name).Where(name => name != coordination).ToList();
        if (theLastOneFirst)
        {
            services.Reverse();
        }

        using var limit = new CancellationTokenSource(Patience);
        var demo = _system.Demo(limit.Token);
        var next = 3L;
        foreach (var service in services.Append(coordination))
        {
            await UnderWay(demo, next);
            await _system.Kill(service);
            var submitted = await Submitted();
            next = submitted + 1;
            TestContext.Progress.WriteLine($"{service} killed, {submitted} of {Samples} samples submitted");
            Assert.That(submitted, Is.LessThan(Samples), $"The demo was nearly over before {service} was killed.");
            await Task.Delay(Away);
            await _system.StartAgain(service);
        }

        Assert.That(await demo, Is.Zero);
        await TheBooksAgree();
    }

    [Test]
    public async Task R10_all_samples_end_as_expected_and_once_when_the_store_and_then_the_broker_are_killed_in_the_middle()
    {
        using var limit = new CancellationTokenSource(Patience);
        var demo = _system.Demo(limit.Token);
        await UnderWay(demo, 4);
        await _system.Kill(PrivateServer.Postgres);
        await _system.StartAgain(PrivateServer.Postgres);
        await UnderWay(demo, await Submitted() + 1);
        await _system.Kill(PrivateServer.RabbitMq);
        await _system.StartAgain(PrivateServer.RabbitMq);
        Assert.That(await Submitted(), Is.LessThan(Samples), "The demo was nearly over before the kill.");

        Assert.That(await demo, Is.Zero);
        await TheBooksAgree();
    }

    [Test]
    public async Task R10_a_request_acknowledged_right_before_Intake_is_killed_is_there_afterwards_once()
    {
        using var partner = await _system.ClientOf("intake", "partner-pirkanmaa");
        var body = await File.ReadAllTextAsync(Path.Combine(Testing.Repository.Root, "deploy", "demo-data", "consultations", "01-substance-youth.json"));
        using var first = await Submit(partner, body, "the-key");
        await _system.Kill("intake");
        var acknowledged = await first.Content.ReadAsByteArrayAsync();
        await _system.StartAgain("intake");

        using var again = await Submit(partner, body, "the-key");
        Assert.That(first.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(await again.Content.ReadAsByteArrayAsync(), Is.EqualTo(acknowledged));
        await Eventually.Holds(async () => (await partner.GetFromJsonAsync<JsonElement>(first.Headers.Location)).GetProperty("status").GetString() == "inTriage");
        Assert.That(await _system.Count("intake", "ot.mt_streams"), Is.EqualTo(1));
        Assert.That(await _system.Count("triage", "ot.mt_events where type = 'case_opened'"), Is.EqualTo(1));
    }

    private static async Task<HttpResponseMessage> Submit(HttpClient partner, string body, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/consultations") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        return await partner.SendAsync(request);
    }

    private Task<long> Submitted() => _system.Count("intake", "ot.mt_streams");

    private async Task UnderWay(Task<int> demo, long samples)
    {
        await Eventually.Holds(async () => demo.IsCompleted || await Submitted() >= samples, TimeSpan.FromMinutes(3));
        Assert.That(demo.IsCompleted, Is.False, "The demo has ended already.");
    }

    /// <summary>Also what is still on its way when the last sample has ended, hours given back for example, has to arrive.</summary>
    private async Task TheBooksAgree()
    {
        await Eventually.Holds(async () => Assert.That(await Books.Read(_system.EndpointsFile), Has.Property("Code").Zero), TimeSpan.FromSeconds(60));
        Assert.That(await Submitted(), Is.EqualTo(Samples));
        Assert.That(await _system.FailedMessages(), Is.Zero);
    }
}
