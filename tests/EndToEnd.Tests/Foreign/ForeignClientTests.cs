using System.Net;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.Protos.Coordination.V1;
using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests.Foreign;

/// <summary>A client in another language, made of the published .proto files, follows the queues and answers invitations; a restart of Coordination costs it nothing.</summary>
[TestFixture]
internal sealed class ForeignClientTests
{
    private static readonly Dictionary<string, string> Offered = new()
    {
        ["coordination"] = "otplatform.coordination.v1.Queues",
        ["intake"] = "otplatform.intake.v1.Consultations",
        ["expertPool"] = "otplatform.expertpool.v1.Experts",
        ["triage"] = "otplatform.triage.v1.TriageCases",
        ["teamAssembly"] = "otplatform.teamassembly.v1.Teams",
    };

    private RunningSystem _system = null!;
    private ForeignClient _client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _system = await RunningSystem.Start();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await _system.LoadPool(limit.Token);

        // What is in the queues before is not to be seen by who watches from the present position.
        var before = await Submit();
        await Eventually.Holds(async () => (await Changes(0)).Any(change => change.Entry.ConsultationId == before && change.What == "CaseAssessed"));
        _client = await ForeignClient.Start(_system.EndpointsFile);
        await _client.Says("watching");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _system.DisposeAsync();
    }

    [Test, Order(1)]
    public void It_finds_every_service_healthy_and_told_by_reflection()
    {
        var names = _client.Said("reflection").ToDictionary(line => line.GetProperty("service").GetString()!, line => line.GetProperty("names").EnumerateArray().Select(name => name.GetString()!).ToList());
        Assert.Multiple(() =>
        {
            Assert.That(_client.Said("health").Select(line => (line.GetProperty("service").GetString(), line.GetProperty("status").GetString())), Is.EquivalentTo(Offered.Keys.Select(service => (service, "SERVING"))));
            Assert.That(names.Keys, Is.EquivalentTo(Offered.Keys));
            foreach (var (service, offered) in Offered)
            {
                Assert.That(names[service], Is.SupersetOf(new[] { offered, "grpc.health.v1.Health" }));
            }
        });
    }

    [Test, Order(2)]
    public async Task It_sees_a_request_arrive_and_change_and_its_experts_accept_until_the_team_works()
    {
        var id = await Submit();
        await _client.Says("change", line => Tells(line, id, "ConsultationSubmitted") && line.GetProperty("status").GetString() == "received");
        await _client.Says("change", line => Tells(line, id, "CaseAssessed"));
        await ConfirmRoute(id);

        await _client.Says("change", line => Tells(line, id, "TeamActivated"));
        await _client.Says("change", line => line.GetProperty("consultation").GetString() == id && line.GetProperty("status").GetString() == "teamWorking");
        Assert.Multiple(() =>
        {
            Assert.That(_client.Said("accepted").Select(line => (line.GetProperty("consultation").GetString(), line.GetProperty("status").GetString())), Is.Not.Empty.And.All.EqualTo((id, "accepted")));
            Assert.That(_client.Said("listed").Sum(line => line.GetProperty("count").GetInt32()), Is.Positive);
            Assert.That(_client.Said("listed").SelectMany(line => line.GetProperty("experts").EnumerateArray().Select(expert => expert.GetString()).Where(expert => expert != line.GetProperty("expert").GetString())), Is.Empty, "An expert sees their own invitations only.");
            Assert.That(_client.Said("failed"), Is.Empty);
        });
    }

    [Test, Order(3)]
    public async Task After_a_restart_of_Coordination_it_goes_on_at_its_last_position_without_a_loss_and_without_a_repeat()
    {
        var from = _client.Said("watching")[0].GetProperty("after").GetInt64();
        await _system.Kill("coordination");
        await _client.Says("broken");
        var id = await Submit();
        await _system.StartAgain("coordination");
        await _client.Says("change", line => Tells(line, id, "CaseAssessed"));

        var expected = (await Changes(from)).Select(change => change.Position).ToList();
        await _client.Says("change", line => line.GetProperty("position").GetInt64() == expected[^1]);
        var (code, errors) = await _client.End();

        var seen = _client.Said("change").Select(line => line.GetProperty("position").GetInt64()).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(seen.Take(expected.Count), Is.EqualTo(expected));
            Assert.That(_client.Said("watching")[^1].GetProperty("after").GetInt64(), Is.GreaterThan(from));
            Assert.That(code, Is.Zero, errors);
        });
    }

    private static bool Tells(System.Text.Json.JsonElement line, string consultation, string what) =>
        line.GetProperty("consultation").GetString() == consultation && line.GetProperty("what").GetString() == what;

    private async Task<string> Submit()
    {
        using var partner = await _system.ClientOf("intake", "partner-pirkanmaa");
        using var answer = await partner.Submit(Calls.Sample());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        return (await answer.Json())["id"]!.GetValue<string>();
    }

    private async Task ConfirmRoute(string id)
    {
        using var coordinator = await _system.ClientOf("triage", "coordinator-sisa");
        using var read = await coordinator.GetAsync(new Uri($"/v1/cases/{id}", UriKind.Relative));
        using var confirmed = await coordinator.Write($"/v1/cases/{id}/route", read.Headers.ETag!.ToString(), new JsonObject { ["route"] = "hybridTeam" });
        Assert.That(confirmed.StatusCode, Is.EqualTo(HttpStatusCode.OK), await confirmed.Content.ReadAsStringAsync());
    }

    /// <summary>Everything that a Watch from a position gives by now.</summary>
    private async Task<List<QueueChange>> Changes(long after)
    {
        using var channel = GrpcChannel.ForAddress(_system.Endpoints.Grpc["coordination"]);
        var queues = new Queues.QueuesClient(channel);
        var token = new Metadata { { "authorization", $"Bearer {await _system.Token("integrator")}" } };
        var last = (await queues.ListAsync(new ListQueueRequest(), token)).Position;
        using var watch = queues.Watch(new WatchQueuesRequest { AfterPosition = after }, token, DateTime.UtcNow.AddSeconds(3));
        var changes = new List<QueueChange>();
        try
        {
            await foreach (var change in watch.ResponseStream.ReadAllAsync())
            {
                changes.Add(change);
                if (change.Position >= last)
                {
                    break;
                }
            }
        }
        catch (RpcException over) when (over.StatusCode is StatusCode.DeadlineExceeded)
        {
            // The last position may be an expert's, which no queue shows.
        }

        return changes;
    }
}
