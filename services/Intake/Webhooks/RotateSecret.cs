using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Webhooks;

/// <summary>How the secrets change over.</summary>
/// <param name="OverlapHours">For how long both the earlier and the new secret sign, 0 to 168; 24 when left out.</param>
public sealed record RotationBody(int? OverlapHours);

/// <summary>A partner gets a new secret; the earlier ones go on signing beside it for a while, so that no delivery fails meanwhile.</summary>
public static class RotateSecret
{
    private const int UsualOverlap = 24;
    internal const int LongestOverlap = 7 * 24;

    public sealed record Command(Guid WebhookId, Guid SecretTextId, DateTimeOffset EarlierUntil, DateTimeOffset Now);

    public static Decision<WebhookEvent> Decide(WebhookSubscription state, Command command) => state switch
    {
        { IsActive: false } => WebhookSubscription.Unknown,
        { Secrets: [.., var newest] } when newest.TextId == command.SecretTextId => Decision<WebhookEvent>.Nothing,
        _ when command.EarlierUntil > command.Now && state.Secrets.Count(secret => secret.IsValid(command.Now)) >= WebhookSubscription.MostSecrets => WebhookSubscription.TooManySecrets,
        _ => new SecretRotated(command.WebhookId, command.SecretTextId, command.EarlierUntil, command.Now),
    };

    public static void MapRotateSecret(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/rotation", Handle)
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("RotateWebhookSecret")
            .WithSummary("Get a new secret, shown this once; until the overlap ends deliveries carry a signature by each. Needs If-Match.")
            .Accepts<RotationBody>(isOptional: true, "application/json")
            .Produces<WebhookAnswer>()
            .OnVersion()
            .Refuses(WebhookSubscription.TooManySecrets);

    private static async Task<IResult> Handle(Guid id, HttpContext http, StreamStore streams, Vault vault, WebhookDesk desk, TimeProvider clock, CancellationToken cancellation)
    {
        var caller = Caller.From(http.User);
        if (await desk.Own(id, caller, cancellation) is not { } view)
        {
            return Problems.Unknown();
        }

        var expected = Versions.Expected(http.Request);
        var overlap = await OverlapOf(http.Request, cancellation);
        var (now, secret) = (clock.GetUtcNow(), Signature.NewSecret());
        var outcome = await streams.InOneTransaction(
            new Origin(caller.Subject, id.ToString(), http.TraceIdentifier),
            async work =>
            {
                var texts = await vault.Seal(id, new Dictionary<string, string> { [WebhookDesk.Secret] = secret }, now, cancellation);
                var decided = await work.Decide(WebhookSubscription.Aggregate, id, state => Decide(state, new Command(id, texts[0].Id, now + overlap, now)), expected, cancellation);
                if (decided.Changed)
                {
                    work.Insert(texts[0]);
                    foreach (var over in view.Secrets.Where(earlier => decided.State.Secrets.All(kept => kept.TextId != earlier.TextId)))
                    {
                        work.Delete<VaultText>(over.TextId);
                    }
                }

                return decided;
            },
            cancellation);
        return outcome.Rejection is { } rejection ? Problems.Of(rejection) : await desk.Answer(http, (WebhookView)outcome.View!, secret, StatusCodes.Status200OK, cancellation);
    }

    private static async Task<TimeSpan> OverlapOf(HttpRequest request, CancellationToken cancellation) =>
        (await WebhookDesk.OptionalBody<RotationBody>(request, cancellation))?.OverlapHours switch
        {
            null => TimeSpan.FromHours(UsualOverlap),
            >= 0 and <= LongestOverlap and var hours => TimeSpan.FromHours(hours),
            _ => throw new InvalidInputException("$.overlapHours", $"A whole number from 0 to {LongestOverlap}."),
        };
}
