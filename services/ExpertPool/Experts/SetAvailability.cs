using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>The expert has other hours a week, languages or channels. What has been given away already stays given.</summary>
public static class SetAvailability
{
    public sealed record Command(Guid ExpertId, decimal WeeklyHours, IReadOnlyList<string> Languages, IReadOnlyList<string> Channels, DateTimeOffset Now);

    public static Decision<ExpertEvent> Decide(Expert state, Command command) => state switch
    {
        { Facts: null } => Expert.NotRegistered,
        { Facts: { } known } when known.WeeklyHours == command.WeeklyHours && known.Languages.SequenceEqual(command.Languages) && known.Channels.SequenceEqual(command.Channels) =>
            Decision<ExpertEvent>.Nothing,
        _ => new AvailabilitySet(command.ExpertId, command.WeeklyHours, command.Languages, command.Channels, command.Now),
    };

    public static void MapSetAvailability(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/availability", async (Guid id, HttpContext http, StreamStore streams, Catalogue catalogue, TimeProvider clock, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await ExpertDirectory.Visible(id, caller, streams, cancellation) is null)
            {
                return Problems.Unknown();
            }

            var body = StrictJson.Parse<AvailabilityBody>(await StrictJson.ReadBody(http.Request, cancellation));
            var command = From(id, body, catalogue, clock.GetUtcNow());
            var outcome = await streams.Decide(
                Expert.Aggregate,
                id,
                state => Decide(state, command),
                new Origin(caller.Subject, id.ToString(), http.TraceIdentifier),
                cancellation,
                http.Request.Headers.IfMatch.Count > 0 ? Versions.Expected(http.Request) : null);
            return outcome.Rejection is { } rejection ? Problems.Of(rejection) : ExpertDirectory.Answer(http, await ExpertDirectory.After(outcome, id, streams, cancellation), clock);
        })
            .RequireAuthorization(Scopes.ExpertsWrite)
            .WithName("SetAvailability")
            .WithSummary("Hours a week, languages and channels from now on. If-Match is heeded when it is sent.")
            .Accepts<AvailabilityBody>("application/json")
            .Produces<ExpertAnswer>();

    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    internal static Command From(Guid id, AvailabilityBody body, Catalogue catalogue, DateTimeOffset now)
    {
        var (hours, languages, channels) = ExpertRules.Availability(body, catalogue, DateOnly.FromDateTime(now.UtcDateTime));
        return new Command(id, hours, languages, channels, now);
    }
}

public sealed partial class ExpertsService
{
    [Authorize(Scopes.ExpertsWrite)]
    public override Task<Wire.Expert> SetAvailability(Wire.SetAvailabilityRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var id = ExpertMessages.Id(request.ExpertId);
        var body = new AvailabilityBody(ExpertMessages.Hours(request.WeeklyHours), request.Languages, request.Channels);
        var command = Experts.SetAvailability.From(id, body, catalogue, clock.GetUtcNow());
        return Answer(id, state => Experts.SetAvailability.Decide(state, command), context);
    }
}
