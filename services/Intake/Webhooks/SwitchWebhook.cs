using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Webhooks;

/// <summary>A webhook that is not reached for long is switched off, where its partner sees it, and on again when the partner wants its dead letters.</summary>
public static class SwitchWebhook
{
    public sealed record Command(Guid WebhookId, string Organisation, DateTimeOffset Now);

    public static Decision<WebhookEvent> Off(WebhookSubscription state, Command command) => state switch
    {
        { Id: var id } when id == Guid.Empty => WebhookSubscription.Unknown,
        { IsActive: false } or { SwitchedOffAt: not null } => Decision<WebhookEvent>.Nothing,
        _ => new WebhookSwitchedOff(command.WebhookId, command.Now),
    };

    public static Decision<WebhookEvent> On(WebhookSubscription state, Command command) => state switch
    {
        { Id: var id } when id == Guid.Empty => WebhookSubscription.Unknown,
        { IsActive: false } or { SwitchedOffAt: null } => Decision<WebhookEvent>.Nothing,
        _ => new WebhookSwitchedOn(command.WebhookId, command.Organisation, command.Now),
    };
}
