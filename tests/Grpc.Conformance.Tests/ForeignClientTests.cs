using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace OtPlatform.CallConformance;

/// <summary>Somebody else's client against the server.</summary>
[TestFixture]
internal sealed class ForeignClientTests
{
    private readonly Mood mood = new();
    private EchoServer server = null!;
    private EchoServer compressing = null!;
    private ForeignPeer peer = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await EchoServer.Start(
            build: builder =>
            {
                builder.Services.AddGrpcHealthChecks(options => options.Services.Map("only.moody", check => check.Tags.Contains("moody")))
                    .AddCheck("mood", () => mood.IsGood ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(), ["moody"]);
                builder.Services.Configure<HealthCheckPublisherOptions>(publisher =>
                {
                    publisher.Delay = TimeSpan.Zero;
                    publisher.Period = TimeSpan.FromSeconds(1);
                });
                builder.Services.AddGrpcReflection();
            },
            map: application =>
            {
                application.MapGrpcHealthChecksService();
                application.MapGrpcReflectionService();
            });
        compressing = await EchoServer.Start(options =>
        {
            options.ResponseCompressionAlgorithm = "gzip";
            options.MaxReceiveMessageSize = 1000;
        });
        peer = await ForeignPeer.Start();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await peer.DisposeAsync();
        await server.DisposeAsync();
        await compressing.DisposeAsync();
    }

    [Test]
    public async Task A_single_question_gets_its_answer()
    {
        var outcome = await peer.Call(server, "Say", new { text = "Hyvää päivää" });
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Code, Is.Zero);
            Assert.That(Texts(outcome), Is.EqualTo(new[] { "Hyvää päivää" }));
        });
    }

    [Test]
    public async Task A_large_message_comes_back_whole()
    {
        var filling = Convert.ToBase64String([.. Enumerable.Range(0, 2 * 1024 * 1024).Select(number => (byte)number)]);
        var outcome = await peer.Call(server, "Say", new { filling });
        Assert.That((string)outcome.Replies.Single()["filling"]!, Is.EqualTo(filling));
    }

    [Test]
    public async Task A_server_streams_its_answers_in_order()
    {
        var outcome = await peer.Call(server, "Count", new { up_to = 300 });
        Assert.That(outcome.Code, Is.Zero);
        Assert.That(outcome.Replies.Select(reply => (int)reply["number"]!), Is.EqualTo(Enumerable.Range(1, 300)));
    }

    [Test]
    public async Task A_stream_that_fails_gives_what_came_before_and_then_its_status()
    {
        var outcome = await peer.Call(server, "Count", new { up_to = 5, fail_after = 2 });
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Replies, Has.Count.EqualTo(2));
            Assert.That(outcome.Code, Is.EqualTo((int)StatusCode.DataLoss));
            Assert.That(outcome.Details, Is.EqualTo("lost on the way"));
            Assert.That(outcome.Trailers["counted"], Is.EqualTo(new[] { "2" }));
        });
    }

    [Test]
    public async Task A_client_streams_and_gets_one_answer()
    {
        var outcome = await peer.Call("call", server, "Sum", [.. Enumerable.Range(1, 100).Select(number => new { number })]);
        Assert.That(outcome.Code, Is.Zero);
        Assert.That((int)outcome.Replies.Single()["total"]!, Is.EqualTo(5050));
    }

    [Test]
    public async Task A_server_may_refuse_in_the_middle_of_a_clients_stream()
    {
        var outcome = await peer.Call("call", server, "Sum", [new { number = 1 }, new { number = -1 }, new { number = 2 }]);
        Assert.That(outcome.Code, Is.EqualTo((int)StatusCode.OutOfRange));
        Assert.That(outcome.Details, Is.EqualTo("only upwards"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Both_sides_stream(bool byTurns)
    {
        var outcome = await peer.Call("call", server, "Converse", [new { text = "yksi" }, new { text = "kaksi" }, new { text = "kolme" }], new { byTurns });
        Assert.That(outcome.Code, Is.Zero);
        Assert.That(Texts(outcome), Is.EqualTo(new[] { "yksi", "kaksi", "kolme" }));
    }

    [Test]
    public async Task Metadata_goes_both_ways_as_text_and_as_bytes()
    {
        var bytes = Convert.ToBase64String([0, 255, 10, 13, 44, 1]);
        var outcome = await peer.Call(server, "Say", new { text = "x" }, new { metadata = new Dictionary<string, object> { ["echo-text"] = new[] { "plain", "again" }, ["echo-data-bin"] = bytes } });
        Assert.Multiple(() =>
        {
            Assert.That(string.Join(", ", outcome.Headers!["echo-text"]), Is.EqualTo("plain, again"));
            Assert.That(outcome.Headers["echo-data-bin"], Is.EqualTo(new[] { bytes }));
            Assert.That(string.Join(", ", outcome.Trailers["trailing-echo-text"]), Is.EqualTo("plain, again"));
            Assert.That(outcome.Trailers["trailing-echo-data-bin"], Is.EqualTo(new[] { bytes }));
        });
    }

    [Test]
    public async Task A_refusal_has_code_text_and_trailers()
    {
        var outcome = await peer.Call(server, "Fail", new { code = (int)StatusCode.FailedPrecondition, detail = "100 % över gränsen\nrad två" });
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Code, Is.EqualTo((int)StatusCode.FailedPrecondition));
            Assert.That(outcome.Details, Is.EqualTo("100 % över gränsen\nrad två"));
            Assert.That(outcome.Trailers["reason"], Is.EqualTo(new[] { "asked-for" }));
            Assert.That(outcome.Trailers["reason-bin"], Is.EqualTo(new[] { "AAH+/w==" }));
        });
    }

    [Test]
    public async Task An_unhandled_exception_is_unknown_and_keeps_its_text_to_itself()
    {
        var outcome = await peer.Call(server, "Fail", new { unhandled = true, detail = "secret" });
        Assert.That(outcome.Code, Is.EqualTo((int)StatusCode.Unknown));
        Assert.That(outcome.Details, Does.Not.Contain("secret"));
    }

    [Test]
    public async Task A_method_that_nobody_wrote_is_unimplemented() =>
        Assert.That((await peer.Call(server, "Unwritten", new { })).Code, Is.EqualTo((int)StatusCode.Unimplemented));

    [Test]
    public async Task A_service_that_is_not_mapped_is_unimplemented() =>
        Assert.That((await peer.Call("health", compressing, "Check", [new { service = "" }])).Code, Is.EqualTo((int)StatusCode.Unimplemented));

    [Test]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        server.Log.Cancelled = new TaskCompletionSource<DateTime>();
        var outcome = await peer.Call(server, "Say", new { wait_milliseconds = 60_000 }, new { deadlineMs = 1500 });
        Assert.That(outcome.Code, Is.EqualTo((int)StatusCode.DeadlineExceeded));
        Assert.That(await server.Log.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10)), Is.LessThan(DateTime.MaxValue));
    }

    [Test]
    public async Task A_client_that_cancels_is_heard()
    {
        server.Log.Cancelled = new TaskCompletionSource<DateTime>();
        var outcome = await peer.Call(server, "Count", new { up_to = 2, pause_milliseconds = 60_000 }, new { cancelAfterReplies = 1 });
        Assert.That(outcome.Code, Is.EqualTo((int)StatusCode.Cancelled));
        await server.Log.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Test]
    public async Task A_client_may_cancel_before_any_answer()
    {
        server.Log.Cancelled = new TaskCompletionSource<DateTime>();
        var outcome = await peer.Call(server, "Say", new { wait_milliseconds = 60_000 }, new { cancelAtHeaders = true, metadata = new Dictionary<string, object> { ["echo-text"] = "x" } });
        Assert.That(outcome.Code, Is.EqualTo((int)StatusCode.Cancelled));
        await server.Log.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [TestCase("Say")]
    [TestCase("Converse")]
    public async Task Messages_may_be_sent_as_gzip(string method)
    {
        var text = new string('a', 10_000);
        var outcome = await peer.Call(server, method, new { text }, new { gzip = true });
        Assert.That(Texts(outcome), Is.EqualTo(new[] { text }));
    }

    [Test]
    public async Task Answers_come_as_gzip_from_a_server_that_is_set_so()
    {
        var outcome = await peer.Call(compressing, "Say", new { text = new string('a', 500) });
        Assert.That(outcome.Code, Is.Zero);
        Assert.That(Texts(outcome).Single(), Has.Length.EqualTo(500));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_message_over_the_limit_is_refused(bool gzip)
    {
        var outcome = await peer.Call(compressing, "Say", new { text = new string('a', 2000) }, new { gzip });
        Assert.That(outcome.Code, Is.EqualTo((int)StatusCode.ResourceExhausted));
    }

    [Test]
    public async Task Who_is_not_signed_in_is_unauthenticated() =>
        Assert.That((await peer.Call(server, "Guarded", new { })).Code, Is.EqualTo((int)StatusCode.Unauthenticated));

    [Test]
    public async Task Who_may_not_is_denied() =>
        Assert.That((await peer.Call(server, "ForClerks", new { }, new { metadata = new { authorization = "Name aino" } })).Code, Is.EqualTo((int)StatusCode.PermissionDenied));

    [Test]
    public async Task Who_is_signed_in_is_known_to_the_service()
    {
        var outcome = await peer.Call(server, "Guarded", new { text = "terve" }, new { metadata = new { authorization = "Name aino" } });
        Assert.That(Texts(outcome), Is.EqualTo(new[] { "aino: terve" }));
    }

    [TestCase("", true, "SERVING")]
    [TestCase("", false, "NOT_SERVING")]
    [TestCase("only.moody", false, "NOT_SERVING")]
    public async Task Health_tells_whether_a_service_can_be_called(string service, bool good, string expected)
    {
        mood.IsGood = good;
        try
        {
            var outcome = await peer.Call("health", server, "Check", [new { service }]);
            Assert.That((string)outcome.Replies.Single()["status"]!, Is.EqualTo(expected));
        }
        finally
        {
            mood.IsGood = true;
        }
    }

    [Test]
    public async Task The_health_of_an_unknown_service_is_not_found() =>
        Assert.That((await peer.Call("health", server, "Check", [new { service = "nobody" }])).Code, Is.EqualTo((int)StatusCode.NotFound));

    [Test]
    public async Task Who_watches_health_sees_it_change()
    {
        using var channel = GrpcChannel.ForAddress(server.Address);
        using var call = new Health.HealthClient(channel).Watch(new HealthCheckRequest { Service = "only.moody" }, deadline: DateTime.UtcNow.AddSeconds(30));
        async Task<ServingStatus> Next() => await call.ResponseStream.MoveNext(CancellationToken.None) ? call.ResponseStream.Current.Status : ServingStatus.Unknown;
        try
        {
            Assert.That(await Next(), Is.EqualTo(ServingStatus.Serving));
            mood.IsGood = false;
            Assert.That(await Next(), Is.EqualTo(ServingStatus.NotServing));
            mood.IsGood = true;
            Assert.That(await Next(), Is.EqualTo(ServingStatus.Serving));
        }
        finally
        {
            mood.IsGood = true;
        }
    }

    [Test]
    public async Task Who_watches_an_unknown_service_is_told_so_and_waits()
    {
        var outcome = await peer.Call("health", server, "Watch", [new { service = "nobody" }], new { cancelAfterReplies = 1 });
        Assert.That((string)outcome.Replies.Single()["status"]!, Is.EqualTo("SERVICE_UNKNOWN"));
    }

    [TestCase("v1alpha")]
    [TestCase("v1", Category = "StandInOnly")]
    public async Task Reflection_lists_the_services(string version)
    {
        var outcome = await peer.Ask("reflect", server, new { version, request = new { list_services = "*" } });
        var names = outcome.Replies.Single()["list_services_response"]!["service"]!.AsArray().Select(service => (string)service!["name"]!);
        Assert.That(names, Is.SupersetOf(new[] { "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection", "otplatform.conformance.v1.Echo" }));
    }

    [TestCase("v1alpha")]
    [TestCase("v1", Category = "StandInOnly")]
    public async Task A_service_can_be_called_with_what_reflection_tells(string version)
    {
        var outcome = await peer.Ask("callReflected", server, new { version, symbol = "otplatform.conformance.v1.Echo", method = "Say", request = new { text = "found you" } });
        Assert.That(Texts(outcome), Is.EqualTo(new[] { "found you" }));
    }

    [TestCase("otplatform.conformance.v1.SayRequest")]
    [TestCase("otplatform.conformance.v1.Echo.Say")]
    [TestCase("grpc.health.v1.HealthCheckResponse.ServingStatus")]
    public async Task Reflection_finds_the_file_of_any_symbol(string symbol)
    {
        var outcome = await peer.Ask("reflect", server, new { version = "v1alpha", request = new { file_containing_symbol = symbol } });
        Assert.That(outcome.Replies.Single()["file_descriptor_response"]!["file_descriptor_proto"]!.AsArray(), Is.Not.Empty);
    }

    [Test]
    public async Task Reflection_does_not_find_what_is_not_there()
    {
        var outcome = await peer.Ask("reflect", server, new { version = "v1alpha", request = new { file_containing_symbol = "no.such.Thing" } });
        Assert.That((int)outcome.Replies.Single()["error_response"]!["error_code"]!, Is.EqualTo((int)StatusCode.NotFound));
    }

    private static IEnumerable<string> Texts(ForeignPeer.Outcome outcome) => outcome.Replies.Select(reply => (string)reply["text"]!);

    private sealed class Mood
    {
        public bool IsGood { get; set; } = true;
    }
}
