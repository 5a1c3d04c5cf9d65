using Grpc.Core;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Tests.Grpc.V1;

namespace OtPlatform.Platform.Tests.Grpc;

/// <summary>One service calling another, on behalf of its caller.</summary>
[TestFixture]
internal sealed class ServiceCallTests
{
    private static readonly ServiceCallOptions Quick = new() { AttemptTimeout = TimeSpan.FromSeconds(1), FirstPause = TimeSpan.FromMilliseconds(10) };

    private SampleServer called = null!;
    private SampleServer caller = null!;
    private Metadata aino = null!;

    [SetUp]
    public async Task Start()
    {
        var key = SampleServer.FreshKey();
        called = await SampleServer.Start(key);
        caller = await SampleServer.Start(key, called.Address, Quick);
        aino = await caller.SignIn("aino");
    }

    [TearDown]
    public async Task Stop()
    {
        await caller.DisposeAsync();
        await called.DisposeAsync();
    }

    [Test]
    public async Task The_called_service_knows_who_asked_first() =>
        Assert.That((await caller.Client.PassOnAsync(new ActRequest(), aino)).Caller, Is.EqualTo("aino"));

    [Test]
    public async Task A_call_without_side_effects_is_repeated_while_the_service_is_away()
    {
        called.Calls.AwayFor = 2;
        Assert.That((await caller.Client.PassOnAsync(new ActRequest(), aino)).Calls, Is.EqualTo(3));
    }

    [Test]
    public void A_call_that_may_have_worked_is_not_repeated()
    {
        called.Calls.AwayFor = 2;
        var failure = Failure("act");
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(called.Calls.Count, Is.EqualTo(1));
    }

    [Test]
    public void What_another_service_said_stays_between_the_services()
    {
        called.Calls.AwayFor = 100;
        var failure = Failure("");
        Assert.Multiple(() =>
        {
            Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Unavailable));
            Assert.That(failure.Status.Detail, Does.Not.Contain("secret"));
            Assert.That(GrpcProblems.CodeOf(failure), Is.EqualTo("platform.unavailable"));
            Assert.That(called.Calls.Count, Is.EqualTo(4));
        });
    }

    [Test]
    public void A_rule_of_another_service_is_no_answer_of_ours_unless_somebody_translates_it()
    {
        var failure = Failure("rule");
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Internal));
        Assert.That(failure.Status.Detail, Does.Not.Contain("closed"));
    }

    [Test]
    public void A_service_that_does_not_answer_in_time_is_away() =>
        Assert.That(Failure("slow").StatusCode, Is.EqualTo(StatusCode.Unavailable));

    [Test]
    public async Task A_service_that_is_gone_is_away()
    {
        await called.DisposeAsync();
        Assert.That(Failure("").StatusCode, Is.EqualTo(StatusCode.Unavailable));
    }

    private RpcException Failure(string how) =>
        Assert.ThrowsAsync<RpcException>(async () => await caller.Client.PassOnAsync(new ActRequest { How = how }, aino))!;
}
