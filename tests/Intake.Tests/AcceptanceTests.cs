using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Net.Client;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OtPlatform.Intake.Tests;

/// <summary>Acceptance checks of the founding documents that concern Intake as a whole; their numbers are those of the inventory's list.</summary>
[TestFixture]
internal sealed class AcceptanceTests
{
    private const string Canary = "kanarialintu";

    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private GrpcChannel _channel = null!;
    private Protos.Intake.V1.Narratives.NarrativesClient _narratives = null!;
    private OtherServices _others = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("acceptance");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _channel = _intake.OpenChannel();
        _narratives = new Protos.Intake.V1.Narratives.NarrativesClient(_channel);
        _others = new OtherServices(_intake);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        _partner.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task G9_13_a_withdrawn_consent_ends_the_members_access_and_no_name_or_word_is_in_any_message()
    {
        await using var connection = await new ConnectionFactory { Uri = _intake.Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var sent = await Listen(channel);
        var id = await _others.Routed(_partner, Route.HybridTeam, body =>
        {
            foreach (var words in new[] { "question", "strengths", "childsView" })
            {
                body[words] = $"{Canary} {words}";
            }

            body["clientRef"] = $"{Canary}-client";
            body["triedSoFar"]![0]!["what"] = Canary;
            body["requester"]!["unit"] = Canary;
            body["requester"]!["email"] = $"{Canary}@example.test";
            body["requester"]!["phone"] = Canary;
            body["legalBasis"] = new JsonObject { ["type"] = "consent", ["reference"] = Canary };
            body["safety"] = new JsonObject { ["highRisk"] = true, ["contactWarning"] = Canary };
        });
        await _others.Activated(id);
        var member = await _intake.TokenOf($"expert-{OtherServices.ExpertId}");
        await Eventually.Holds(async () => Assert.That((await _narratives.ReadAsync(All(id), member)).Narratives.Select(text => text.Text), Does.Contain($"{Canary} question")));
        await Say(id, "messages", new JsonObject { ["text"] = Canary });
        await Say(id, "correction", new JsonObject { ["text"] = Canary });
        await Say(id, "responsible-worker", new JsonObject { ["role"] = "own-worker", ["unit"] = Canary, ["ref"] = "w-2" });
        await Say(id, "consent/withdrawal", new JsonObject { ["reason"] = Canary });
        Calls.Refused(async () => await _narratives.ReadAsync(All(id), member), Grpc.Core.StatusCode.NotFound, "platform.not-found");
        await Eventually.Holds(() =>
        {
            foreach (var told in new[] { typeof(ConsultationSubmitted), typeof(MessageSent), typeof(ConsultationCorrected), typeof(ResponsibleWorkerChanged), typeof(ConsentEnded) })
            {
                Assert.That(sent.Count(message => message.Contains($":{told.Name}\"", StringComparison.Ordinal) && message.Contains(id.ToString(), StringComparison.Ordinal)), Is.Positive, told.Name);
            }
        });
        Assert.That(sent, Has.None.Contains(Canary));
    }

    [Test]
    public async Task G9_19_a_request_in_Swedish_is_answered_in_Swedish_and_tells_those_who_match_its_language()
    {
        await using var connection = await new ConnectionFactory { Uri = _intake.Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var sent = await Listen(channel);
        using var submitted = await _partner.Submit(Calls.Sample(body => body["language"] = "sv"));
        var answer = await submitted.Json();
        var id = answer["id"]!.GetValue<string>();
        Assert.That(answer["timeline"]![0]!["what"]!.GetValue<string>(), Is.EqualTo(Repository.Catalogue.Texts.Timeline["received"].Sv));
        Assert.That(answer["responsible"]!["name"]!.GetValue<string>(), Is.EqualTo(Repository.Catalogue.Area("sisa").Coordinators.Sv));
        await Eventually.Holds(() =>
            Assert.That(sent.Where(message => message.Contains(id, StringComparison.Ordinal)).Select(message => JsonNode.Parse(message)!["message"]!["language"]?.GetValue<string>()), Does.Contain("sv")));
    }

    private static ReadNarrativeRequest All(Guid id) => new() { ConsultationId = id.ToString(), Purpose = "teamwork" };

    /// <summary>Every message that reaches a queue which Intake does not consume itself: whole, with what the bus adds to it.</summary>
    private static async Task<ConcurrentQueue<string>> Listen(IChannel channel)
    {
        var arrived = new ConcurrentQueue<string>();
        foreach (var queue in Topology.Subscriptions.Select(subscription => subscription.Queue).Where(queue => !queue.StartsWith("intake-", StringComparison.Ordinal)))
        {
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivered) =>
            {
                arrived.Enqueue(Encoding.UTF8.GetString(delivered.Body.Span));
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(queue, autoAck: true, consumer);
        }

        return arrived;
    }

    private async Task Say(Guid id, string action, JsonObject body)
    {
        using var read = await _partner.GetAsync($"/v1/consultations/{id}");
        using var answer = await _partner.Write($"/v1/consultations/{id}/{action}", read.Headers.ETag!.Tag, body);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), await answer.Content.ReadAsStringAsync());
    }
}
