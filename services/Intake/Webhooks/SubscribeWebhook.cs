using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Narratives;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Webhooks;

/// <summary>What a partner says to be told of changes.</summary>
/// <param name="Url">Where to; https.</param>
public sealed record WebhookBody(string? Url);

/// <summary>A partner wants its system to be told when one of its consultations changes.</summary>
public static class SubscribeWebhook
{
    /// <param name="Others">How many webhooks the organisation has.</param>
    /// <param name="IsSameAddress">One of them has this address.</param>
    public sealed record Command(WebhookSubscribed Subscription, int Others, bool IsSameAddress);

    public static Decision<WebhookEvent> Decide(WebhookSubscription state, Command command) => (state, command) switch
    {
        ({ Id: var id }, _) when id != Guid.Empty => Decision<WebhookEvent>.Nothing,
        (_, { IsSameAddress: true }) => WebhookSubscription.SameAddress,
        (_, { Others: >= WebhookSubscription.MostPerOrganisation }) => WebhookSubscription.TooMany,
        _ => command.Subscription,
    };

    public static void MapSubscribeWebhook(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/", Handle)
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("SubscribeWebhook")
            .WithSummary("Be told of every change of your organisation's consultations. The secret is shown this once.")
            .Accepts<WebhookBody>("application/json")
            .Produces<WebhookAnswer>(StatusCodes.Status201Created)
            .GivesHeaders("Location")
            .Refuses(StatusCodes.Status403Forbidden, Submissions.NoOrganisation)
            .Refuses(WebhookSubscription.TooMany, WebhookSubscription.SameAddress);

    private static async Task<IResult> Handle(
        HttpContext http, StreamStore streams, Vault vault, Pseudonyms pseudonyms, WebhookDesk desk, ReceiverAddresses addresses, TimeProvider clock, CancellationToken cancellation)
    {
        var caller = Caller.From(http.User);
        if (caller.Claim(ClaimNames.Organisation) is not { } organisation)
        {
            return Problems.Of(StatusCodes.Status403Forbidden, Submissions.NoOrganisation);
        }

        var raw = await StrictJson.ReadBody(http.Request, cancellation);
        IdentityCodes.Refuse(raw);
        var url = addresses.Accept(StrictJson.Parse<WebhookBody>(raw).Url, "$.url");
        var now = clock.GetUtcNow();
        var (id, secret) = (Ids.New(now), Signature.NewSecret());
        var key = pseudonyms.Address(organisation, url.AbsoluteUri);
        var outcome = await streams.InOneTransaction(
            new Origin(caller.Subject, id.ToString(), http.TraceIdentifier),
            async work =>
            {
                // One after the other, so that neither the limit nor the address is passed twice at once.
                await work.Lock($"webhooks:{organisation}", cancellation);
                var others = await work.Query<WebhookView>(WebhookDesk.OfOrganisation, cancellation, organisation);
                var subscribed = new WebhookSubscribed(id, organisation, key, Ids.New(now), Ids.New(now), now);
                var decided = await work.Decide(
                    WebhookSubscription.Aggregate, id, state => Decide(state, new Command(subscribed, others.Count, others.Any(other => other.AddressKey == key))), null, cancellation);
                if (decided.Changed)
                {
                    // Not before: sealing makes a data key, which would stay behind when it is refused.
                    work.Insert(await vault.Seal(id, subscribed.AddressTextId, WebhookDesk.Address, url.AbsoluteUri, cancellation));
                    work.Insert(await vault.Seal(id, subscribed.SecretTextId, WebhookDesk.Secret, secret, cancellation));
                }

                return decided;
            },
            cancellation);
        if (outcome.Rejection is { } rejection)
        {
            return Problems.Of(rejection);
        }

        http.Response.Headers.Location = $"/v1/webhooks/{id}";
        return await desk.Answer(http, (WebhookView)outcome.View!, secret, StatusCodes.Status201Created, cancellation);
    }
}
