using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Tests.Grpc.V1;

namespace OtPlatform.Platform.Tests.Grpc;

/// <summary>STYLE's table of errors, over gRPC.</summary>
[TestFixture]
internal sealed class ProblemsTests
{
    private SampleServer server = null!;
    private Metadata aino = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await SampleServer.Start(SampleServer.FreshKey());
        aino = await server.SignIn("aino");
    }

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [TestCase("rule", StatusCode.FailedPrecondition, "sample.closed", "It is closed.")]
    [TestCase("unknown", StatusCode.NotFound, "sample.unknown", "There is no such thing.")]
    [TestCase("malformed", StatusCode.InvalidArgument, "platform.invalid-input", "The request cannot be accepted as it is. $.county: Required. $.age: A number.")]
    [TestCase("stale", StatusCode.Aborted, "platform.stale-version", null)]
    [TestCase("raced", StatusCode.Aborted, "platform.stale-version", null)]
    [TestCase("away", StatusCode.Unavailable, "platform.unavailable", null)]
    [TestCase("broken", StatusCode.Internal, "platform.internal-error", null)]
    [TestCase("denied", StatusCode.PermissionDenied, null, "Not yours.")]
    public void What_a_method_throws_becomes_a_status_with_a_code(string how, StatusCode code, string? problem, string? detail)
    {
        var failure = Failure(how, aino);
        Assert.Multiple(() =>
        {
            Assert.That(failure.StatusCode, Is.EqualTo(code));
            Assert.That(GrpcProblems.CodeOf(failure), Is.EqualTo(problem));
            Assert.That(failure.ToString(), Does.Not.Contain("secret"));
            if (detail is not null)
            {
                Assert.That(failure.Status.Detail, Is.EqualTo(detail));
            }
        });
    }

    [Test]
    public void Malformed_input_names_each_field_for_programs_too()
    {
        var details = Failure("malformed", aino).Trailers.GetValueBytes(GrpcProblems.DetailsTrailer)!;
        var text = System.Text.Encoding.UTF8.GetString(details);
        Assert.That(text, Does.Contain("type.googleapis.com/google.rpc.BadRequest").And.Contain("$.county").And.Contain("type.googleapis.com/google.rpc.ErrorInfo"));
    }

    [Test]
    public async Task Who_is_allowed_gets_an_answer() =>
        Assert.That((await server.Client.ActAsync(new ActRequest(), aino)).Caller, Is.EqualTo("aino"));

    [Test]
    public void Who_sends_no_token_is_unauthenticated() =>
        Assert.That(Failure("", []).StatusCode, Is.EqualTo(StatusCode.Unauthenticated));

    [Test]
    public void Who_sends_a_false_token_is_unauthenticated() =>
        Assert.That(Failure("", new Metadata { { "authorization", "Bearer x.y.z" } }).StatusCode, Is.EqualTo(StatusCode.Unauthenticated));

    [Test]
    public async Task Who_lacks_the_scope_is_denied() =>
        Assert.That(Failure("", await server.SignIn("eino")).StatusCode, Is.EqualTo(StatusCode.PermissionDenied));

    [Test]
    public void A_message_over_256_KiB_is_refused()
    {
        var large = new ActRequest { Filling = Google.Protobuf.ByteString.CopyFrom(new byte[300 * 1024]) };
        var failure = Assert.ThrowsAsync<RpcException>(async () => await server.Client.ActAsync(large, aino))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
    }

    [Test]
    public async Task Health_can_be_asked_without_a_token()
    {
        var health = new Health.HealthClient(server.Channel);
        Assert.That((await health.CheckAsync(new HealthCheckRequest())).Status, Is.EqualTo(HealthCheckResponse.Types.ServingStatus.NotServing), "the store is away");
    }

    [Test]
    public async Task An_address_that_nobody_serves_is_still_a_404()
    {
        using var http = server.Http();
        using var answer = await http.GetAsync(new Uri("/v1/nothing", UriKind.Relative));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Who_watches_is_sent_elsewhere_when_the_service_stops()
    {
        await using var stopping = await SampleServer.Start(SampleServer.FreshKey());
        using var call = stopping.Client.Watch(new ActRequest(), await stopping.SignIn("aino"));
        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None), Is.True);
        Assert.That(call.ResponseStream.Current.Caller, Is.EqualTo("aino"));
        var stopped = stopping.Stop();
        var failure = Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Unavailable));
        await stopped.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private RpcException Failure(string how, Metadata headers) =>
        Assert.ThrowsAsync<RpcException>(async () => await server.Client.ActAsync(new ActRequest { How = how }, headers))!;
}
