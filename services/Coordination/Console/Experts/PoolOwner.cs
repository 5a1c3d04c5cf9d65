using OtPlatform.Coordination.Journal;
using OtPlatform.Protos.ExpertPool.V1;
using ExpertsClient = OtPlatform.Protos.ExpertPool.V1.Experts.ExpertsClient;

namespace OtPlatform.Coordination.Console.Experts;

/// <summary>Asks ExpertPool for experts in the name of the person who is signed in.</summary>
public sealed class PoolOwner(ExpertsClient experts)
{
    /// <summary>Of its events in the journal.</summary>
    public const string Source = "expert-pool";

    private const int MostOffered = 30;

    public Task<Answer<SearchResponse>> Search(HttpContext http, SearchRequest request) => Owners.Ask(http, options => experts.SearchAsync(request, options));

    public Task<Answer<Expert>> Expert(HttpContext http, Guid id) => Owners.Ask(http, options => experts.GetAsync(new GetExpertRequest { ExpertId = id.ToString() }, options));

    /// <param name="area">Empty for the whole country.</param>
    public Task<Answer<CoverageResponse>> Coverage(HttpContext http, string area) => Owners.Ask(http, options => experts.CoverageAsync(new CoverageRequest { Area = area }, options));

    /// <param name="area">Empty for the whole country.</param>
    public Task<Answer<GapsResponse>> Gaps(HttpContext http, string area) => Owners.Ask(http, options => experts.GapsAsync(new GapsRequest { Area = area }, options));

    /// <summary>Who can be asked about a request now: those who know one of its topics, those who know more of them first, then the nearest.</summary>
    /// <returns>Empty, too, while the pool cannot be asked: then an expert is named by id.</returns>
    public async Task<IReadOnlyList<Expert>> Suitable(HttpContext http, QueueEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var answers = await Task.WhenAll(entry.Topics.Select(topic => Search(http, new SearchRequest { Topic = topic, County = entry.County, Weeks = 1 })));
        var fits = answers.SelectMany(answer => answer.Value?.Fits.Select((found, rank) => (found.Expert, Rank: rank)) ?? []);
        return [.. fits
            .GroupBy(found => found.Expert.ExpertId)
            .OrderByDescending(found => found.Count())
            .ThenBy(found => found.Min(one => one.Rank))
            .Select(found => found.First().Expert)
            .Take(MostOffered)];
    }
}
