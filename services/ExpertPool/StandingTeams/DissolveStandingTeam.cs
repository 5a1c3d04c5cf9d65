using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.StandingTeams;

/// <param name="ReasonCode">A code of the caller's own, for example <c>no-demand</c>.</param>
public sealed record DissolveStandingTeamBody(string? ReasonCode);

/// <summary>The team is kept no more. Its experts stay in the pool.</summary>
public static class DissolveStandingTeam
{
    public sealed record Command(Guid TeamId, string ReasonCode, DateTimeOffset Now);

    public static Decision<StandingTeamEvent> Decide(StandingTeam state, Command command) => state switch
    {
        { Facts: null } => StandingTeam.NotDefined,
        { DissolvedAt: not null } => Decision<StandingTeamEvent>.Nothing,
        _ => new StandingTeamDissolved(command.TeamId, command.ReasonCode, command.Now),
    };

    public static void MapDissolveStandingTeam(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/dissolution", async (Guid id, HttpContext http, StreamStore streams, TimeProvider clock, CancellationToken cancellation) =>
        {
            var body = StrictJson.Parse<DissolveStandingTeamBody>(await StrictJson.ReadBody(http.Request, cancellation));
            var command = new Command(id, BodyRules.ReasonCode(body.ReasonCode), clock.GetUtcNow());
            var outcome = await streams.Decide(StandingTeam.Aggregate, id, state => Decide(state, command), new Origin(Caller.From(http.User).Subject, id.ToString(), http.TraceIdentifier), cancellation);
            return outcome.Rejection is { } rejection ? Problems.Of(rejection) : StandingTeamDirectory.Answer(http, await StandingTeamDirectory.After(outcome, id, streams, cancellation));
        })
            .RequireAuthorization(Scopes.ExpertsWrite)
            .WithName("DissolveStandingTeam")
            .WithSummary("The team is kept no more, until it is defined anew.")
            .Accepts<DissolveStandingTeamBody>("application/json")
            .Produces<StandingTeamAnswer>();
}

/// <summary>The features of the standing teams.</summary>
public static class StandingTeamFeatures
{
    public static void MapStandingTeams(this IEndpointRouteBuilder endpoints)
    {
        var teams = endpoints.MapGroup("/v1/standing-teams").WithTags("Standing teams");
        teams.MapStandingTeamDirectory();
        teams.MapDefineStandingTeam();
        teams.MapDissolveStandingTeam();
    }

    public static void Documents(Marten.MartenRegistry schema) => schema.For<StandingTeamEntry>();
}
