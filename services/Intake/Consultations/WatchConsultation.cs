using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>One step of a consultation as a server-sent event: named by the status after it, its id is the version.</summary>
/// <param name="What">In the request's language.</param>
public sealed record ConsultationStep(Guid ConsultationId, ConsultationStatus Status, DateTimeOffset At, string What, string By, long Version);

/// <summary>A partner or a coordinator follows one consultation without asking again and again.</summary>
public static class WatchConsultation
{
    private const string LastEventId = "Last-Event-ID";
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(15);

    // The caller's token is looked at anew when it comes back.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);
    private static readonly byte[] Opening = "retry: 2000\n\n"u8.ToArray();
    private static readonly byte[] Alive = ": \n\n"u8.ToArray();

    public static void MapWatchConsultation(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/{id:guid}/events", async (
            Guid id, HttpContext http, RequestersDesk desk, StreamStore streams, ConsultationChanges changes, Catalogue catalogue, IHostApplicationLifetime lifetime, CancellationToken cancellation) =>
        {
            var seen = Seen(http.Request);
            if (await desk.Visible(id, Caller.From(http.User), cancellation) is not { } view)
            {
                return Problems.Unknown();
            }

            if (seen > view.Version)
            {
                throw NeverGiven();
            }

            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
            end.CancelAfter(Longest);
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            try
            {
                await http.Response.Body.WriteAsync(Opening, end.Token);
                await foreach (var bytes in Messages(view, seen, streams, changes, catalogue, end.Token))
                {
                    await http.Response.Body.WriteAsync(bytes, end.Token);
                    await http.Response.Body.FlushAsync(end.Token);
                }
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // Whoever still listens comes back with the id of what it has seen.
            }

            return Results.Empty;
        })
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("WatchConsultation")
            .WithSummary("Server-sent events of one consultation, named by status, from the beginning or after Last-Event-ID.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .TakesHeaders(LastEventId);

    /// <summary>The steps after a version, as the requester's timeline tells them.</summary>
    internal static IEnumerable<ConsultationStep> Steps(RequestersView view, IReadOnlyList<Happened> history, long after, Catalogue catalogue)
    {
        var state = Consultation.Initial;
        foreach (var (version, _, happened) in history)
        {
            var step = (ConsultationEvent)happened;
            state = Consultation.Evolve(state, step);
            if (version > after && RequestersView.StepOf(step, state.Status!.Value) is { } shown)
            {
                yield return new ConsultationStep(view.Id, state.Status!.Value, shown.At, catalogue.Texts.Step(shown.Text, view.Language), shown.By, version);
            }
        }
    }

    private static async IAsyncEnumerable<byte[]> Messages(
        RequestersView view, long seen, StreamStore streams, ConsultationChanges changes, Catalogue catalogue, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var follower = changes.Follow(view.Id);
        while (true)
        {
            var told = false;
            var history = await streams.History(view.Id, cancellation);
            foreach (var step in Steps(view, history, seen, catalogue))
            {
                yield return Message(step);
                told = true;
            }

            seen = Math.Max(seen, history.Count == 0 ? 0 : history[^1].Version);
            if (!told)
            {
                yield return Alive;
            }

            await follower.Changed(Beat, cancellation);
        }
    }

    private static byte[] Message(ConsultationStep step)
    {
        var name = JsonNamingPolicy.CamelCase.ConvertName(step.Status.ToString());
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"id: {step.Version}\nevent: {name}\ndata: {JsonSerializer.Serialize(step, StrictJson.Options)}\n\n"));
    }

    private static long Seen(HttpRequest request) => request.Headers[LastEventId].ToString() switch
    {
        "" => 0,
        var sent when long.TryParse(sent, NumberStyles.None, CultureInfo.InvariantCulture, out var version) => version,
        _ => throw NeverGiven(),
    };

    private static InvalidInputException NeverGiven() => new(LastEventId, "Send the id of the last event exactly as it came.");
}
