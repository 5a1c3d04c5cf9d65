using System.Diagnostics;
using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.StandingTeams;

/// <summary>What a standing team is. Lists are sorted and without repeats.</summary>
/// <param name="Members">Ids of experts.</param>
/// <param name="Topics">What it is kept for.</param>
/// <param name="Areas">Whose requests it takes.</param>
public sealed record StandingTeamFacts(Label Name, IReadOnlyList<Guid> Members, IReadOnlyList<string> Topics, IReadOnlyList<string> Areas)
{
    public bool SameAs(StandingTeamFacts other) =>
        Name == other.Name && Members.SequenceEqual(other.Members) && Topics.SequenceEqual(other.Topics) && Areas.SequenceEqual(other.Areas);
}

public abstract record StandingTeamEvent;

public sealed record StandingTeamDefined(Guid TeamId, StandingTeamFacts Facts, DateTimeOffset DefinedAt) : StandingTeamEvent;

public sealed record StandingTeamDissolved(Guid TeamId, string ReasonCode, DateTimeOffset DissolvedAt) : StandingTeamEvent;

/// <summary>A team that stays together for a defined group of clients, beside those that are assembled for one situation (pysyvä tiimi, C-74).</summary>
/// <param name="Facts">Null until it is defined.</param>
/// <param name="DissolvedAt">Null while it exists.</param>
public sealed record StandingTeam(Guid Id, StandingTeamFacts? Facts, DateTimeOffset? DissolvedAt)
{
    public static readonly StandingTeam Initial = new(Guid.Empty, null, null);

    public static readonly Aggregate<StandingTeam, StandingTeamEvent> Aggregate = new("standing-team", Initial, Evolve)
    {
        View = (happened, version) => happened.Aggregate(Initial, Evolve) is { Facts: { } facts } state ? ViewDocument.Of(new StandingTeamEntry(state.Id, facts, state.DissolvedAt, version)) : null,
    };

    public static readonly Rejection NotDefined = new("expert-pool.standing-team-unknown", "There is no such standing team.", RejectionKind.NotFound);
    public static readonly Rejection MembersAway = new("expert-pool.standing-team-members-away", "A member is not in the pool, or is suspended.");

    public static StandingTeam Evolve(StandingTeam state, StandingTeamEvent happened) => happened switch
    {
        StandingTeamDefined e => new StandingTeam(e.TeamId, e.Facts, null),
        StandingTeamDissolved e => state with { DissolvedAt = e.DissolvedAt },
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };
}
