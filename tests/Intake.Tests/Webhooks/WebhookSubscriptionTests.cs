using OtPlatform.Intake.Webhooks;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Webhooks;

[TestFixture]
internal sealed class WebhookSubscriptionTests
{
    private static readonly Guid Id = Guid.Parse("019ab000-0000-7000-8000-00000000000a");
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly DeciderSpec<WebhookSubscription, WebhookEvent> Webhook = new(WebhookSubscription.Aggregate);
    private static readonly WebhookSubscribed Subscribed = new(Id, "partner-pirkanmaa", "key", Text(1), Text(2), Now);
    private static readonly SubscribeWebhook.Command Subscribe = new(Subscribed, 0, false);
    private static readonly WebhookRemoved Removed = new(Id, Now.AddHours(9));

    [Test]
    public void Who_is_never_reached_is_switched_off_and_on_again_when_the_partner_wants_it()
    {
        var (off, on) = (new WebhookSwitchedOff(Id, Now), new WebhookSwitchedOn(Id, "partner-pirkanmaa", Now));
        var command = new SwitchWebhook.Command(Id, "partner-pirkanmaa", Now);
        Webhook.Given(Subscribed).When(SwitchWebhook.Off, command).Then(off);
        Webhook.Given(Subscribed, off).When(SwitchWebhook.On, command).Then(on);
        Webhook.Given(Subscribed).When(SwitchWebhook.On, command).ThenNothing();
        Webhook.Given(Subscribed, off, on).When(SwitchWebhook.Off, command).Then(off);
        Webhook.Given(Subscribed, Removed).When(SwitchWebhook.Off, command).ThenNothing();
        Webhook.Given(Subscribed, off, Removed).When(SwitchWebhook.On, command).ThenNothing();
        Webhook.Given().When(SwitchWebhook.Off, command).ThenRejected(WebhookSubscription.Unknown);
        Webhook.Given().When(SwitchWebhook.On, command).ThenRejected(WebhookSubscription.Unknown);
    }

    [Test]
    public void A_partner_subscribes() => Webhook.Given().When(SubscribeWebhook.Decide, Subscribe).Then(Subscribed);

    [Test]
    public void The_same_address_is_subscribed_once() =>
        Webhook.Given().When(SubscribeWebhook.Decide, Subscribe with { IsSameAddress = true }).ThenRejected(WebhookSubscription.SameAddress);

    [TestCase(WebhookSubscription.MostPerOrganisation - 1, true)]
    [TestCase(WebhookSubscription.MostPerOrganisation, false)]
    public void An_organisation_has_so_many_webhooks_and_no_more(int others, bool accepted)
    {
        var decided = Webhook.Given().When(SubscribeWebhook.Decide, Subscribe with { Others = others });
        if (accepted)
        {
            decided.Then(Subscribed);
        }
        else
        {
            decided.ThenRejected(WebhookSubscription.TooMany);
        }
    }

    [Test]
    public void A_new_secret_signs_beside_the_earlier_one_until_the_overlap_ends()
    {
        var rotated = Rotated(3, at: 1, until: 25);
        Webhook.Given(Subscribed).When(RotateSecret.Decide, Rotation(3, at: 1, until: 25)).Then(rotated);
        Assert.That(Secrets(Subscribed, rotated), Is.EqualTo(new SigningSecret[] { new(Text(2), Now.AddHours(25)), new(Text(3), null) }));
    }

    [Test]
    public void No_earlier_secret_lasts_longer_than_the_newest_overlap() =>
        Assert.That(
            Secrets(Subscribed, Rotated(3, at: 1, until: 49), Rotated(4, at: 2, until: 26), Rotated(5, at: 3, until: 75)),
            Is.EqualTo(new SigningSecret[] { new(Text(2), Now.AddHours(26)), new(Text(3), Now.AddHours(26)), new(Text(4), Now.AddHours(75)), new(Text(5), null) }));

    [Test]
    public void What_is_over_is_forgotten() =>
        Assert.That(Secrets(Subscribed, Rotated(3, at: 1, until: 25), Rotated(4, at: 25, until: 49)), Is.EqualTo(new SigningSecret[] { new(Text(3), Now.AddHours(49)), new(Text(4), null) }));

    [Test]
    public void Without_an_overlap_only_the_new_secret_signs() => Assert.That(Secrets(Subscribed, Rotated(3, at: 1, until: 1)), Is.EqualTo(new SigningSecret[] { new(Text(3), null) }));

    [Test]
    public void Only_so_many_secrets_sign_at_the_same_time()
    {
        WebhookEvent[] past = [Subscribed, Rotated(3, 1, 100), Rotated(4, 2, 100), Rotated(5, 3, 100), Rotated(6, 4, 100)];
        Webhook.Given(past).When(RotateSecret.Decide, Rotation(7, at: 5, until: 100)).ThenRejected(WebhookSubscription.TooManySecrets);
        Webhook.Given(past).When(RotateSecret.Decide, Rotation(7, at: 5, until: 5)).Then(Rotated(7, at: 5, until: 5));
    }

    [Test]
    public void What_is_removed_or_unknown_gets_no_secret()
    {
        Webhook.Given(Subscribed, Removed).When(RotateSecret.Decide, Rotation(3, at: 10, until: 20)).ThenRejected(WebhookSubscription.Unknown);
        Webhook.Given().When(RotateSecret.Decide, Rotation(3, at: 10, until: 20)).ThenRejected(WebhookSubscription.Unknown);
    }

    [Test]
    public void A_partner_removes_it_once()
    {
        Webhook.Given(Subscribed).When(RemoveWebhook.Decide, new RemoveWebhook.Command(Id, Removed.RemovedAt)).Then(Removed);
        Webhook.Given(Subscribed, Removed).When(RemoveWebhook.Decide, new RemoveWebhook.Command(Id, Removed.RemovedAt.AddHours(1))).ThenNothing();
    }

    [Test]
    public void Nothing_unknown_is_removed() => Webhook.Given().When(RemoveWebhook.Decide, new RemoveWebhook.Command(Id, Now)).ThenRejected(WebhookSubscription.Unknown);

    private static IReadOnlyList<SigningSecret> Secrets(params WebhookEvent[] past) => WebhookSubscription.Aggregate.Fold(past).Secrets;

    private static SecretRotated Rotated(int secret, int at, int until) => new(Id, Text(secret), Now.AddHours(until), Now.AddHours(at));

    private static RotateSecret.Command Rotation(int secret, int at, int until) => new(Id, Text(secret), Now.AddHours(until), Now.AddHours(at));

    private static Guid Text(int number) => new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)number);
}
