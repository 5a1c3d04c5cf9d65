using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OtPlatform.Intake.Tests.Messaging;

/// <summary>The outbox against a real broker: what leaves the service, and what happens when no queue takes it.</summary>
[TestFixture]
internal sealed class RelayTests
{
    private const string Queue = "triage-consultation";

    private readonly Dictionary<string, Channel<string>> _arrived = [];
    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    [SetUp]
    public async Task Start()
    {
        _arrived.Clear();
        _intake = await ServiceHost<Program>.Start("intake_relay");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _connection = await new ConnectionFactory { Uri = _intake.Broker }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync();
    }

    [TearDown]
    public async Task Stop()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        _partner.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task R10_a_first_start_loses_nothing_because_the_consumers_queue_is_declared_before_the_relay_starts()
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        var message = await Next(Queue);
        Assert.That(message.Body.GetProperty("message").GetProperty("consultationId").GetString(), Is.EqualTo((await submitted.Json())["id"]!.GetValue<string>()));
    }

    [Test]
    public async Task Every_message_says_where_it_comes_from()
    {
        using var first = await _partner.Submit(Calls.Sample());
        using var second = await _partner.Submit(Calls.Sample());
        var messages = new[] { await Next(Queue), await Next(Queue) }.OrderBy(message => message.Position).ToList();
        Assert.Multiple(() =>
        {
            foreach (var message in messages)
            {
                var headers = message.Body.GetProperty("headers");
                Assert.That(headers.GetProperty("ot-source").GetString(), Is.EqualTo("intake"));
                Assert.That(headers.GetProperty("ot-stream-id").GetString(), Is.EqualTo(message.Body.GetProperty("message").GetProperty("consultationId").GetString()));
                Assert.That(headers.GetProperty("ot-stream-version").GetInt64(), Is.EqualTo(1));
                Assert.That(message.Body.GetProperty("messageId").GetGuid(), Is.Not.EqualTo(Guid.Empty));
            }

            Assert.That(messages[0].PreviousPosition, Is.Zero);
            Assert.That(messages[1].PreviousPosition, Is.EqualTo(messages[0].Position));
        });
    }

    [Test]
    public async Task R8_no_word_of_the_request_is_on_the_bus()
    {
        var canary = $"kanarialintu{Guid.NewGuid():N}";
        using var submitted = await _partner.Submit(Calls.Sample(body =>
        {
            body["question"] = canary;
            body["clientRef"] = canary[..20];
            body["strengths"] = canary;
            body["childsView"] = canary;
            body["triedSoFar"]![0]!["what"] = canary;
            body["requester"]!["unit"] = canary;
            body["requester"]!["phone"] = canary[..20];
            body["responsibleWorker"]!["unit"] = canary;
            body["legalBasis"]!["reference"] = canary;
            body["involvedServices"]!.AsArray().Add(canary);
            body["safety"] = new System.Text.Json.Nodes.JsonObject { ["immediateDanger"] = true, ["contactWarning"] = canary };
        }));
        Assert.That(submitted.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var messages = new[] { await Next(Queue), await Next("triage-immediate-danger") };
        Assert.That(messages.Select(message => message.Body.GetRawText()), Has.None.Contains("kanarialintu"));
    }

    [Test]
    public async Task R10_a_message_that_no_queue_takes_stops_the_relay_visibly_until_one_does()
    {
        foreach (var queue in Topology.Subscriptions.Where(subscription => subscription.Messages.Contains(typeof(ConsultationSubmitted))).Select(subscription => subscription.Queue))
        {
            await _channel.QueueDeleteAsync(queue);
        }

        using var submitted = await _partner.Submit(Calls.Sample());
        using var anyone = _intake.CreateClient();
        await Eventually.Holds(async () => (await anyone.GetAsync("/health/ready")).StatusCode is HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(40));

        await _channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-single-active-consumer"] = true, ["x-delivery-limit"] = 1_000_000 });
        await _channel.QueueBindAsync(Queue, Queue, string.Empty);

        var message = await Next(Queue);
        Assert.That(message.Body.GetProperty("message").GetProperty("consultationId").GetString(), Is.EqualTo((await submitted.Json())["id"]!.GetValue<string>()));
        await Eventually.Holds(async () => (await anyone.GetAsync("/health/ready")).IsSuccessStatusCode);
    }

    /// <summary>The next message of a queue; the first call starts to consume it, as one consumer with many messages in order.</summary>
    private async Task<Received> Next(string queue)
    {
        if (!_arrived.TryGetValue(queue, out var arrived))
        {
            _arrived[queue] = arrived = Channel.CreateUnbounded<string>();
            var consumer = new AsyncEventingBasicConsumer(_channel);
            consumer.ReceivedAsync += (_, delivered) => arrived.Writer.WriteAsync(Encoding.UTF8.GetString(delivered.Body.Span)).AsTask();
            await _channel.BasicConsumeAsync(queue, autoAck: true, consumer);
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var body = JsonDocument.Parse(await arrived.Reader.ReadAsync(patience.Token)).RootElement;
        var headers = body.GetProperty("headers");
        return new Received(body, headers.GetProperty("ot-position").GetInt64(), headers.GetProperty("ot-previous-position").GetInt64());
    }

    private sealed record Received(JsonElement Body, long Position, long PreviousPosition);
}
