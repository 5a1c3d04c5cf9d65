using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.StandingTeams;

/// <summary>A standing team as somebody describes one, over REST or gRPC. Everything may be missing here; <see cref="StandingTeamRules"/> says what may not.</summary>
/// <param name="TeamId">Chosen by the sender, so that it can be defined again; a new one is made when it is missing.</param>
/// <param name="Members">Ids of experts in the pool.</param>
public sealed record StandingTeamBody(string? TeamId, NameBody? Name, IReadOnlyList<string?>? Members, IReadOnlyList<string?>? Topics, IReadOnlyList<string?>? Areas);

/// <summary>Collects what is wrong with what is said of a standing team, by JSON path; never repeats a value.</summary>
public sealed class StandingTeamRules(Catalogue catalogue, DateOnly today) : BodyRules(catalogue, today)
{
    private const int MostMembers = 50;

    /// <summary>The facts of a body.</summary>
    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    public static StandingTeamFacts Facts(StandingTeamBody body, Catalogue catalogue, DateOnly today)
    {
        var rules = new StandingTeamRules(catalogue, today);
        var facts = new StandingTeamFacts(
            rules.Name(body.Name),
            rules.Members(body.Members),
            rules.SomeOf("$.topics", body.Topics, rules.ValidTopics()),
            rules.SomeOf("$.areas", body.Areas, [.. catalogue.Areas.Select(area => area.Code)]));
        rules.ThrowIfWrong();
        return facts;
    }

    private IReadOnlyList<Guid> Members(IReadOnlyList<string?>? given)
    {
        if (given is null or [])
        {
            Errors["$.members"] = "Required: at least one.";
            return [];
        }

        if (given.Count > MostMembers)
        {
            Errors["$.members"] = $"At most {MostMembers} entries.";
            return [];
        }

        var members = new SortedSet<Guid>();
        for (var at = 0; at < given.Count; at++)
        {
            if (Guid.TryParse(given[at], out var member))
            {
                members.Add(member);
            }
            else
            {
                Errors[$"$.members[{at}]"] = "A UUID.";
            }
        }

        return [.. members];
    }
}

/// <summary>A team is kept for a group of clients, or is another than before; the newest definition holds, and takes up again what was dissolved.</summary>
public static class DefineStandingTeam
{
    /// <param name="Away">Those of the members who are not in the pool, or suspended.</param>
    public sealed record Command(Guid TeamId, StandingTeamFacts Facts, IReadOnlyList<Guid> Away, DateTimeOffset Now);

    public static Decision<StandingTeamEvent> Decide(StandingTeam state, Command command) => state switch
    {
        { Facts: { } known, DissolvedAt: null } when known.SameAs(command.Facts) => Decision<StandingTeamEvent>.Nothing,
        _ when command.Away.Count > 0 => StandingTeam.MembersAway,
        _ => new StandingTeamDefined(command.TeamId, command.Facts, command.Now),
    };

    public static void MapDefineStandingTeam(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/", async (HttpContext http, StreamStore streams, Catalogue catalogue, TimeProvider clock, CancellationToken cancellation) =>
        {
            var command = await From(StrictJson.Parse<StandingTeamBody>(await StrictJson.ReadBody(http.Request, cancellation)), streams, catalogue, clock, cancellation);
            var outcome = await streams.Decide(
                StandingTeam.Aggregate, command.TeamId, state => Decide(state, command), new Origin(Caller.From(http.User).Subject, command.TeamId.ToString(), http.TraceIdentifier), cancellation);
            return outcome.Rejection is { } rejection
                ? Problems.Of(rejection)
                : StandingTeamDirectory.Answer(http, await StandingTeamDirectory.After(outcome, command.TeamId, streams, cancellation), outcome is { Changed: true, Version: 1 } ? StatusCodes.Status201Created : StatusCodes.Status200OK);
        })
            .RequireAuthorization(Scopes.ExpertsWrite)
            .WithName("DefineStandingTeam")
            .WithSummary("Define a standing team, or define it anew. The same facts again change nothing.")
            .Accepts<StandingTeamBody>("application/json")
            .Produces<StandingTeamAnswer>(StatusCodes.Status201Created)
            .Produces<StandingTeamAnswer>();

    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    internal static async Task<Command> From(StandingTeamBody body, StreamStore streams, Catalogue catalogue, TimeProvider clock, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var id = body.TeamId is { Length: > 0 } given
            ? Guid.TryParse(given, out var chosen) && chosen != Guid.Empty ? chosen : throw new InvalidInputException("$.teamId", "A UUID.")
            : Ids.New(now);
        var facts = StandingTeamRules.Facts(body, catalogue, DateOnly.FromDateTime(now.UtcDateTime));
        return new Command(id, facts, await StandingTeamDirectory.Away(facts.Members, streams, cancellation), now);
    }
}
