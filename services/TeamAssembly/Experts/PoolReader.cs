using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;

namespace OtPlatform.TeamAssembly.Experts;

/// <summary>Reads the local copy of the pool.</summary>
public sealed class PoolReader
{
    /// <param name="unit">The requesting unit, whose acquaintances go before strangers when all else is equal.</param>
    public async Task<Pool> Load(Work work, Guid? unit, CancellationToken cancellation)
    {
        var experts = await work.Query<CandidateEntry>("order by id", cancellation);
        var known = unit is { } requesting ? await work.Query<Acquaintance>("where unit_id = ?", cancellation, requesting) : [];
        var standing = await work.Query<StandingTeamEntry>("where data ->> 'dissolvedAt' is null order by id", cancellation);
        return new Pool(experts, known.Select(acquaintance => acquaintance.ExpertId).ToHashSet())
        {
            StandingTeams = standing,
            KnowledgeHolders = await work.Query<KnowledgeHolderCopy>("where data ->> 'endedAt' is null order by id", cancellation),
        };
    }
}
