using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests.Local;

public sealed class EventuallyTests
{
    private static readonly TimeSpan Briefly = TimeSpan.FromMilliseconds(200);

    [Test]
    public async Task What_becomes_true_later_holds()
    {
        var asked = 0;

        await Eventually.Holds(() => ++asked == 3);

        Assert.That(asked, Is.EqualTo(3));
    }

    [Test]
    public async Task Assertions_that_fail_at_first_do_not_fail_the_test()
    {
        var asked = 0;

        await Eventually.Holds(() => Assert.That(++asked, Is.EqualTo(3)));
    }

    [Test]
    public async Task An_exception_counts_as_not_yet()
    {
        var asked = 0;

        await Eventually.Holds(async () =>
        {
            await Task.Yield();
            return ++asked < 3 ? throw new InvalidOperationException("Too early.") : true;
        });
    }

    [Test]
    public void What_never_holds_fails_with_what_was_last_seen()
    {
        var asked = 0;

        Assert.That(
            async () => await Eventually.Holds(() => Assert.That(++asked, Is.Negative), Briefly),
            Throws.InstanceOf<AssertionException>().With.Message.Contains("Not within 0.2 s").And.Message.Contains("less than 0"));
    }

    [Test]
    public void An_attempt_that_never_ends_fails_at_the_deadline() =>
        Assert.That(
            async () => await Eventually.Holds(() => Task.Delay(Timeout.Infinite), Briefly),
            Throws.InstanceOf<AssertionException>().With.Message.Contains("has not ended"));
}
