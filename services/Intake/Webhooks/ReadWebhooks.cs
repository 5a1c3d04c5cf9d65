using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Webhooks;

/// <summary>A webhook as its organisation sees it.</summary>
/// <param name="Id">Id of the webhook.</param>
/// <param name="Url">Where deliveries go.</param>
/// <param name="Secret">Only in the answer that made it; null ever after.</param>
/// <param name="SubscribedAt">When it was made.</param>
/// <param name="EarlierSecretsUntil">When each earlier secret that still signs will end.</param>
/// <param name="Waiting">Deliveries that are still to come.</param>
/// <param name="DeadLetters">Deliveries that were given up, and those that wait behind them.</param>
/// <param name="Version">Also the ETag.</param>
/// <param name="SwitchedOffAt">When it was switched off, because it was not reached for too long; a replay switches it on again. Null while it is told.</param>
public sealed record WebhookAnswer(
    Guid Id, string Url, string? Secret, DateTimeOffset SubscribedAt, IReadOnlyList<DateTimeOffset> EarlierSecretsUntil, long Waiting, long DeadLetters, long Version, DateTimeOffset? SwitchedOffAt = null);

/// <summary>All webhooks of an organisation.</summary>
/// <param name="Items">The webhooks, oldest first.</param>
public sealed record WebhookList(IReadOnlyList<WebhookAnswer> Items);

/// <summary>An organisation reads its own webhooks.</summary>
public static class ReadWebhooks
{
    public static void MapReadWebhooks(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/", async (HttpContext http, WebhookDesk desk, StreamStore streams, CancellationToken cancellation) =>
        {
            var views = await streams.Query<WebhookView>($"{WebhookDesk.OfOrganisation} order by id", cancellation, Caller.From(http.User).Claim(ClaimNames.Organisation) ?? string.Empty);
            var items = new List<WebhookAnswer>();
            foreach (var view in views)
            {
                items.Add(await desk.Show(view, secret: null, cancellation));
            }

            return Results.Json(new WebhookList(items), StrictJson.Options);
        })
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ListWebhooks")
            .WithSummary("Your organisation's webhooks.")
            .Produces<WebhookList>();

        endpoints.MapGet("/{id:guid}", async (Guid id, HttpContext http, WebhookDesk desk, CancellationToken cancellation) =>
            await desk.Own(id, Caller.From(http.User), cancellation) is { } view ? await desk.Answer(http, view, secret: null, StatusCodes.Status200OK, cancellation) : Problems.Unknown())
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ReadWebhook")
            .WithSummary("One webhook: where to, what still waits and what was given up.")
            .Produces<WebhookAnswer>();
    }
}

/// <summary>Where callers meet webhooks: each organisation its own.</summary>
public sealed class WebhookDesk(StreamStore streams, Vault vault, TimeProvider clock)
{
    /// <summary>Kinds of what stands in the vault under a webhook's id.</summary>
    public const string Address = "webhookAddress";
    public const string Secret = "webhookSecret";

    /// <summary>Condition for an organisation's webhooks.</summary>
    public const string OfOrganisation = "where d.organisation = ? and d.is_active";

    /// <summary>The webhook when the caller's organisation has it, else null.</summary>
    public async Task<WebhookView?> Own(Guid id, Caller caller, CancellationToken cancellation) =>
        await streams.Load<WebhookView>(id, cancellation) is { IsActive: true } view && caller.Claim(ClaimNames.Organisation) == view.Organisation ? view : null;

    public async Task<WebhookAnswer> Show(WebhookView view, string? secret, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var all = await streams.Count<WebhookDelivery>("where d.webhook_id = ?", cancellation, view.Id);
        var dead = await streams.Count<WebhookDelivery>($"where d.webhook_id = ? and {WebhookDelivery.IsDeadLetter}", cancellation, view.Id);
        var texts = await vault.Use(view.Id, [view.AddressTextId], cancellation);
        return new WebhookAnswer(
            view.Id,
            texts.GetValueOrDefault(view.AddressTextId, string.Empty),
            secret,
            view.SubscribedAt,
            [.. view.Secrets.Where(earlier => earlier.Until > now).Select(earlier => earlier.Until!.Value)],
            all - dead,
            dead,
            view.Version,
            view.SwitchedOffAt);
    }

    internal async Task<IResult> Answer(HttpContext http, WebhookView view, string? secret, int status, CancellationToken cancellation)
    {
        http.Response.Headers.ETag = Versions.Tag(view.Version);
        return Results.Json(await Show(view, secret, cancellation), StrictJson.Options, statusCode: status);
    }

    /// <summary>A body that may be left out.</summary>
    internal static async Task<T?> OptionalBody<T>(HttpRequest request, CancellationToken cancellation)
        where T : class
    {
        if (await StrictJson.ReadOptionalBody(request, cancellation) is not { } raw)
        {
            return null;
        }

        IdentityCodes.Refuse(raw);
        return StrictJson.Parse<T>(raw);
    }
}
