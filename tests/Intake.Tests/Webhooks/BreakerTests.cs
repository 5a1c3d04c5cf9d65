using OtPlatform.Intake.Webhooks;
using OtPlatform.Testing;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace OtPlatform.Intake.Tests.Webhooks;

/// <summary>A receiver that keeps failing is left alone for a while; the others are not.</summary>
[TestFixture]
internal sealed class BreakerTests
{
    private static readonly Guid Webhook = Guid.Parse("019ab000-0000-7000-8000-00000000000a");
    private static readonly Guid Other = Guid.Parse("019ab000-0000-7000-8000-00000000000b");

    private WireMockServer _receiver = null!;

    [SetUp]
    public void Start() => _receiver = WireMockServer.Start();

    [TearDown]
    public void Stop() => _receiver.Dispose();

    [Test]
    public async Task A_moment_of_failure_is_over_within_a_round()
    {
        _receiver.Given(Request.Create().UsingPost()).InScenario("moment").WillSetStateTo("over", 2).RespondWith(Response.Create().WithStatusCode(500));
        _receiver.Given(Request.Create().UsingPost()).InScenario("moment").WhenStateIs("over").RespondWith(Response.Create().WithSuccess());
        using var receivers = Receivers(new WebhookOptions { Retries = 2 });
        Assert.That((await Send(receivers, Webhook)).Failure, Is.Null);
        await Called(3);
    }

    [Test]
    public async Task What_will_not_pass_is_not_tried_again_within_a_round()
    {
        _receiver.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithStatusCode(403));
        using var receivers = Receivers(new WebhookOptions { Retries = 2 });
        Assert.That((await Send(receivers, Webhook)).Failure, Is.EqualTo(DeliveryFailure.Answered(403)));
        await Called(1);
    }

    [Test]
    public async Task A_receiver_that_hangs_is_given_so_much_time_and_no_more()
    {
        _receiver.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithDelay(TimeSpan.FromMinutes(5)));
        using var receivers = Receivers(new WebhookOptions { Retries = 1, AttemptTimeout = TimeSpan.FromMilliseconds(200) });
        Assert.That((await Send(receivers, Webhook)).Failure, Is.EqualTo(DeliveryFailure.TimedOut));
    }

    // A call is in the log a moment after it was answered.
    private Task Called(int times) => Eventually.Holds(() => Assert.That(_receiver.LogEntries, Has.Count.EqualTo(times)));

    [Test]
    public async Task After_so_many_failures_it_is_left_alone_and_the_others_are_not()
    {
        _receiver.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithStatusCode(500));
        using var receivers = Receivers(new WebhookOptions { Retries = 1, BreakerFailures = 4, BreakDuration = TimeSpan.FromMinutes(30) });
        await Send(receivers, Webhook);
        Assert.That(receivers.Busy, Is.Empty);
        await Send(receivers, Webhook);
        Assert.That(receivers.Busy, Is.EqualTo(new[] { Webhook }));

        var left = await Send(receivers, Webhook);
        Assert.Multiple(() =>
        {
            Assert.That(left.Failure, Is.Null, "It does not count as an attempt.");
            Assert.That(left.NotTried, Is.GreaterThan(TimeSpan.FromMinutes(29)));
        });
        await Called(4);

        Assert.That((await Send(receivers, Other)).Failure, Is.EqualTo(DeliveryFailure.Answered(500)));
        await Called(6);
    }

    [Test]
    public async Task It_is_called_again_when_the_break_is_over()
    {
        _receiver.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithStatusCode(500));
        using var receivers = Receivers(new WebhookOptions { Retries = 1, BreakerFailures = 2, BreakDuration = TimeSpan.FromMilliseconds(500) });
        await Send(receivers, Webhook);
        Assert.That(receivers.Busy, Is.EqualTo(new[] { Webhook }));
        _receiver.ResetMappings();
        _receiver.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithSuccess());
        await Eventually.Holds(() => Assert.That(receivers.Busy, Is.Empty));
        await Eventually.Holds(async () => Assert.That(await Send(receivers, Webhook), Is.EqualTo(new Round(null))));
    }

    [Test]
    public void No_receiver_takes_every_place()
    {
        using var receivers = Receivers(new WebhookOptions { AtOnceToOne = 2 });
        using var first = receivers.Enter(Webhook);
        Assert.That(receivers.Busy, Is.Empty);
        using (receivers.Enter(Webhook))
        {
            Assert.That(receivers.Busy, Is.EqualTo(new[] { Webhook }));
        }

        Assert.That(receivers.Busy, Is.Empty);
    }

    [Test]
    public void Who_is_removed_is_forgotten()
    {
        using var receivers = Receivers(new WebhookOptions());
        var (stays, goes) = (Guid.NewGuid(), Guid.NewGuid());
        receivers.Enter(stays).Dispose();
        receivers.Enter(goes).Dispose();
        receivers.Keep([stays]);
        Assert.That(receivers.Known, Is.EqualTo(new[] { stays }));
    }

    private static Receivers Receivers(WebhookOptions options)
    {
        var local = options with { AllowLoopback = true, FirstPause = TimeSpan.FromMilliseconds(1) };
        return new Receivers(local, new ReceiverAddresses(local));
    }

    private Task<Round> Send(Receivers receivers, Guid webhook) =>
        receivers.Send(webhook, new Uri(_receiver.Url), Guid.CreateVersion7(), "{}"u8.ToArray(), () => "t=0,v1=0", () => true, CancellationToken.None);
}
