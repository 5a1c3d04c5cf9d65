using OtPlatform.Contracts;
using OtPlatform.Coordination.Journal;
using OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.Coordination.Console.Experts;

/// <summary>Topic by county, and what past requests lacked.</summary>
/// <param name="Area">Empty for the whole country.</param>
public sealed record CoverageView(long Position, string Area, IReadOnlyList<County> Counties, IReadOnlyList<Area> Areas, Answer<CoverageResponse> Coverage, Answer<GapsResponse> Gaps)
{
    public string Address => ShowCoverage.AddressOf(Area);
}

/// <summary>Whether the most demanding competence reaches every county, with the cells that are empty, and the needs that nobody covered (C-133, C-150).</summary>
public static class ShowCoverage
{
    public const string Path = "/coverage";

    /// <summary>In the address: all areas together.</summary>
    private const string Everywhere = "all";

    public static void MapCoverage(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Path, async (HttpContext http, PoolOwner pool, JournalFeed feed, Catalogue catalogue, string? area) =>
        {
            var visit = Visit.Of(http);
            var asked = (area ?? visit.Visitor?.Area) is { } named and not Everywhere ? named : string.Empty;
            if (visit.Visitor is not { ReadsExperts: true } || (asked.Length > 0 && catalogue.Areas.All(known => known.Code != asked)))
            {
                return PageForm.NotFound(http);
            }

            // The position first: whatever comes after it makes the page ask again.
            var position = await feed.Last(http.RequestAborted);
            var (coverage, gaps) = (pool.Coverage(http, asked), pool.Gaps(http, asked));
            var counties = catalogue.Counties.Where(county => asked.Length == 0 || catalogue.AreaOf(county.Code)?.Code == asked).ToList();
            var view = new CoverageView(position, asked, counties, catalogue.Areas, await coverage, await gaps);
            return PageForm.Page<CoveragePage>(
                new Dictionary<string, object?> { ["Visit"] = visit, ["View"] = view }, view.Coverage.Refusal is { } refusal ? PageForm.StatusOf(refusal) : StatusCodes.Status200OK);
        });

    /// <param name="area">Empty for the whole country.</param>
    public static string AddressOf(string area) => $"{Path}?area={(string.IsNullOrEmpty(area) ? Everywhere : area)}";
}
