using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Webhooks;

/// <summary>A change that could not be told to a webhook.</summary>
/// <param name="Id">Id of the dead letter.</param>
/// <param name="EventId">What <c>OT-Event-Id</c> says or would say.</param>
/// <param name="ConsultationId">The consultation that changed.</param>
/// <param name="Status">Where the consultation stood then.</param>
/// <param name="At">When it changed.</param>
/// <param name="Version">Version of the consultation then.</param>
/// <param name="Reason">timedOut, notReached, addressRefused, redirected, answered, switchedOff; or behindAnother when an earlier change of the same consultation was given up.</param>
/// <param name="AnsweredStatus">The HTTP status when the receiver has answered.</param>
/// <param name="Rounds">Rounds of attempts.</param>
/// <param name="GivenUpAt">Null for what waits behind another.</param>
public sealed record DeadLetterAnswer(
    Guid Id, Guid EventId, Guid ConsultationId, ConsultationStatus Status, DateTimeOffset At, long Version, string Reason, int? AnsweredStatus, int Rounds, DateTimeOffset? GivenUpAt);

/// <summary>A page of dead letters, oldest first.</summary>
/// <param name="Items">The dead letters.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record DeadLetterPage(IReadOnlyList<DeadLetterAnswer> Items, string? Next);

/// <summary>Which dead letters are wanted again.</summary>
/// <param name="Ids">All when left out. With one of a consultation come all of that consultation, in their order.</param>
public sealed record ReplayBody(IReadOnlyList<Guid>? Ids);

/// <summary>What a replay does.</summary>
/// <param name="Replayed">How many dead letters are on their way again.</param>
public sealed record ReplayAnswer(long Replayed);

/// <summary>What a partner's system was not reached about, and how it gets it after all.</summary>
public static class DeadLetters
{
    private const int LargestPage = 100;
    internal const int MostIds = 500;
    private const string BehindAnother = "behindAnother";

    public static void MapDeadLetters(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/{id:guid}/dead-letters", async (Guid id, string? cursor, int? size, HttpContext http, WebhookDesk desk, StreamStore streams, CancellationToken cancellation) =>
            await desk.Own(id, Caller.From(http.User), cancellation) is { } view
                ? Results.Json(await Page(view, cursor, PageSize.Of(size, LargestPage, LargestPage), streams, cancellation), StrictJson.Options)
                : Problems.Unknown())
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ListDeadLetters")
            .WithSummary("What this webhook was not reached about, oldest first.")
            .Produces<DeadLetterPage>();

        endpoints.MapPost("/{id:guid}/dead-letters/replay", Replay)
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("ReplayDeadLetters")
            .WithSummary("Deliver dead letters again, all or those named; a webhook that was switched off is switched on again.")
            .Accepts<ReplayBody>(isOptional: true, "application/json")
            .Produces<ReplayAnswer>(StatusCodes.Status202Accepted);

        // The shorter address of the same.
        endpoints.MapPost("/{id:guid}/replay", Replay).RequireAuthorization(Scopes.ConsultationsWrite).WithMetadata(new BodylessOperations.TakesBody()).ExcludeFromDescription();
    }

    private static async Task<DeadLetterPage> Page(WebhookView view, string? cursor, int size, StreamStore streams, CancellationToken cancellation)
    {
        var cursors = new PageCursor($"dead-letters\n{view.Id}", []);
        var after = cursor is { Length: > 0 } ? cursors.ReadPosition(cursor, PageFields.OfAddress.Cursor) : 0;
        var found = await streams.Query<WebhookDelivery>(
            $"where d.webhook_id = ? and d.position > ? and {WebhookDelivery.IsDeadLetter} order by d.position limit ?", cancellation, view.Id, after, size + 1);
        var page = found.Take(size).ToList();
        return new DeadLetterPage([.. page.Select(Shown)], found.Count > size ? cursors.AfterPosition(page[^1].Position) : null);
    }

    private static DeadLetterAnswer Shown(WebhookDelivery letter) => new(
        letter.Id, letter.EventId, letter.ConsultationId, letter.Status, letter.At, letter.Version, letter.Dead ? letter.Failure!.Code : BehindAnother, letter.Dead ? letter.Failure!.Status : null, letter.Rounds, letter.GivenUpAt);

    private static async Task<IResult> Replay(Guid id, HttpContext http, WebhookDesk desk, StreamStore streams, TimeProvider clock, CancellationToken cancellation)
    {
        var caller = Caller.From(http.User);
        if (await desk.Own(id, caller, cancellation) is not { } view)
        {
            return Problems.Unknown();
        }

        var ids = (await WebhookDesk.OptionalBody<ReplayBody>(http.Request, cancellation))?.Ids;
        if (ids?.Count > MostIds)
        {
            throw new InvalidInputException("$.ids", $"At most {MostIds}.");
        }

        var replayed = await streams.InOneTransaction(
            new Origin(caller.Subject, id.ToString(), http.TraceIdentifier),
            async work =>
            {
                await work.Decide(WebhookSubscription.Aggregate, id, state => SwitchWebhook.On(state, new SwitchWebhook.Command(id, view.Organisation, clock.GetUtcNow())), null, cancellation);

                // Of one consultation at most one is given up; the others only wait behind it.
                var named = $"d.consultation_id in (select e.consultation_id from {WebhookDelivery.Table} as e where e.webhook_id = d.webhook_id and e.id = any(?))";
                var given = ids is null
                    ? await work.Take<WebhookDelivery>("where d.webhook_id = ? and d.dead", cancellation, view.Id)
                    : await work.Take<WebhookDelivery>($"where d.webhook_id = ? and d.dead and {named}", cancellation, view.Id, ids.ToArray());
                foreach (var letter in given)
                {
                    work.Store(letter with { Dead = false, GivenUpAt = null, Rounds = 0, NextAt = DateTimeOffset.UnixEpoch });
                }

                return await streams.Count<WebhookDelivery>(
                    "where d.webhook_id = ? and d.consultation_id = any(?)", cancellation, view.Id, given.Select(letter => letter.ConsultationId).ToArray());
            },
            cancellation);
        return Results.Json(new ReplayAnswer(replayed), StrictJson.Options, statusCode: StatusCodes.Status202Accepted);
    }
}
