using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OtPlatform.Local;
using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests.Journeys;

/// <summary>R10: lost nothing, done once, whatever is killed, whenever. The tables are asked past the services.</summary>
[TestFixture]
internal sealed class KilledServicesTests
{
    private RunningSystem _system = null!;

    [SetUp]
    public async Task Start() => _system = await RunningSystem.Start();

    [TearDown]
    public async Task Stop() => await _system.DisposeAsync();

    [TestCase("triage")]
    [TestCase("intake")]
    public async Task R10_all_samples_end_as_expected_and_once_when_a_service_is_killed_in_the_middle(string service)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var demo = DemoRun.Run(_system.Endpoints, _system.MoveClock, limit.Token);
        await Eventually.Holds(async () => await _system.Count("triage", "ot.mt_streams") >= 4, TimeSpan.FromMinutes(1));
        await _system.Kill(service);
        var cases = await _system.Count("triage", "ot.mt_streams");
        Assert.That(cases, Is.LessThan(20), "The demo was over before the kill.");
        await _system.StartAgain(service);

        var result = await demo;

        Assert.That(result, Is.Zero);
        await SeesEachOnce();
    }

    [Test]
    public async Task R10_all_samples_end_as_expected_and_once_when_the_store_is_killed_in_the_middle()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var demo = DemoRun.Run(_system.Endpoints, _system.MoveClock, limit.Token);
        await Eventually.Holds(async () => await _system.Count("triage", "ot.mt_streams") >= 4, TimeSpan.FromMinutes(1));
        await _system.Kill(PrivateServer.Postgres);
        await _system.StartAgain(PrivateServer.Postgres);

        var result = await demo;

        Assert.That(result, Is.Zero);
        await SeesEachOnce();
        Assert.That(await _system.FailedMessages(), Is.Zero);
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
        Assert.That(await _system.Count("triage", "ot.mt_streams"), Is.EqualTo(1));
    }

    private static async Task<HttpResponseMessage> Submit(HttpClient partner, string body, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/consultations") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        return await partner.SendAsync(request);
    }

    private async Task SeesEachOnce()
    {
        const string opened = "ot.mt_events where type = 'case_opened'";
        const string decided = "ot.mt_events where type = 'route_decided'";
        const string twice = "(select stream_id from ot.mt_events where type in ('case_opened', 'route_decided', 'consultation_submitted', 'triage_took_over', 'route_followed') group by stream_id, type having count(*) > 1) as doubled";
        await Eventually.Holds(async () =>
        {
            Assert.That(await _system.Count("intake", "ot.mt_streams"), Is.EqualTo(20));
            Assert.That(await _system.Count("triage", opened), Is.EqualTo(20));
            Assert.That(await _system.Count("triage", decided), Is.EqualTo(18));
            Assert.That(await _system.Count("intake", "ot.mt_events where type = 'route_followed'"), Is.EqualTo(18));
        });
        Assert.That(await _system.Count("intake", twice), Is.Zero);
        Assert.That(await _system.Count("triage", twice), Is.Zero);
    }
}
