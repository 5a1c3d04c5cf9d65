using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>An organisation names an expert, or says other facts of one; the newest registration holds and ends a suspension.</summary>
public static class RegisterExpert
{
    public sealed record Command(Guid ExpertId, ExpertFacts Facts, DateTimeOffset Now);

    public static Decision<ExpertEvent> Decide(Expert state, Command command) => state switch
    {
        { Facts: { } known, Suspended: false } when known.SameAs(command.Facts) => Decision<ExpertEvent>.Nothing,
        _ => new ExpertRegistered(command.ExpertId, command.Facts, command.Now),
    };

    public static void MapRegisterExpert(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/", async (HttpContext http, StreamStore streams, Catalogue catalogue, Units units, TimeProvider clock, CancellationToken cancellation) =>
        {
            var body = StrictJson.Parse<ExpertBody>(await StrictJson.ReadBody(http.Request, cancellation));
            var command = await From(body, streams, catalogue, units, clock.GetUtcNow(), cancellation);
            var caller = Caller.From(http.User);
            var outcome = await streams.Decide(
                Expert.Aggregate, command.ExpertId, state => Decide(state, command), new Origin(caller.Subject, command.ExpertId.ToString(), http.TraceIdentifier), cancellation);
            var entry = await ExpertDirectory.After(outcome, command.ExpertId, streams, cancellation);
            http.Response.Headers.Location = $"/v1/experts/{command.ExpertId}";
            return ExpertDirectory.Answer(http, entry, clock, outcome is { Changed: true, Version: 1 } ? StatusCodes.Status201Created : StatusCodes.Status200OK);
        })
            .RequireAuthorization(Scopes.ExpertsWrite)
            .WithName("RegisterExpert")
            .WithSummary("Register an expert, or register one anew with other facts. The same facts again change nothing.")
            .Accepts<ExpertBody>("application/json")
            .Produces<ExpertAnswer>(StatusCodes.Status201Created)
            .Produces<ExpertAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest);

    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    internal static async Task<Command> From(ExpertBody body, StreamStore streams, Catalogue catalogue, Units units, DateTimeOffset now, CancellationToken cancellation)
    {
        var id = body.ExpertId is { Length: > 0 } given
            ? Guid.TryParse(given, out var chosen) && chosen != Guid.Empty ? chosen : throw new InvalidInputException("$.expertId", "A UUID.")
            : Ids.New(now);
        var known = await streams.Load<ExpertDirectoryEntry>(id, cancellation);
        return new Command(id, ExpertRules.Facts(body, catalogue, units, DateOnly.FromDateTime(now.UtcDateTime), known?.Facts.Topics), now);
    }
}

public sealed partial class ExpertsService
{
    [Authorize(Scopes.ExpertsWrite)]
    public override async Task<Wire.Expert> Register(Wire.RegisterExpertRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var command = await RegisterExpert.From(ExpertMessages.Body(request), streams, catalogue, units, clock.GetUtcNow(), context.CancellationToken);
        return await Answer(command.ExpertId, state => RegisterExpert.Decide(state, command), context);
    }
}
