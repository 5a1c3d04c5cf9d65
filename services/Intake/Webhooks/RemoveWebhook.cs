using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Webhooks;

/// <summary>A partner no longer wants to be told; what was still to be delivered is dropped, and the secrets are gone.</summary>
public static class RemoveWebhook
{
    public sealed record Command(Guid WebhookId, DateTimeOffset Now);

    public static Decision<WebhookEvent> Decide(WebhookSubscription state, Command command) => state switch
    {
        { Id: var id } when id == Guid.Empty => WebhookSubscription.Unknown,
        { IsActive: false } => Decision<WebhookEvent>.Nothing,
        _ => new WebhookRemoved(command.WebhookId, command.Now),
    };

    public static void MapRemoveWebhook(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapDelete("/{id:guid}", Handle)
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("RemoveWebhook")
            .WithSummary("No longer be told. What was still to be delivered is dropped.")
            .Produces(StatusCodes.Status204NoContent);

    private static async Task<IResult> Handle(Guid id, HttpContext http, StreamStore streams, WebhookDesk desk, Erasures erasures, TimeProvider clock, CancellationToken cancellation)
    {
        var caller = Caller.From(http.User);
        if (await desk.Own(id, caller, cancellation) is null)
        {
            return Problems.Unknown();
        }

        await streams.InOneTransaction(
            new Origin(caller.Subject, id.ToString(), http.TraceIdentifier),
            async work =>
            {
                var decided = await work.Decide(WebhookSubscription.Aggregate, id, state => Decide(state, new Command(id, clock.GetUtcNow())), null, cancellation);
                await erasures.Begin(work, id, cancellation);

                return decided;
            },
            cancellation);
        await erasures.FinishOrLeave(id, cancellation);
        return Results.NoContent();
    }
}
