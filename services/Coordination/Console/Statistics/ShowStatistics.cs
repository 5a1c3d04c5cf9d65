using OtPlatform.Coordination.Journal;

namespace OtPlatform.Coordination.Console.Statistics;

/// <summary>How the routing of an area went in a quarter.</summary>
/// <param name="Decisions">All of them: they say nothing of a client.</param>
/// <param name="Repeats">Without small groups, and without sums from which one could be told.</param>
/// <param name="IsPresent">The quarter is not over.</param>
public sealed record StatisticsView(long Position, string Area, Quarter Quarter, IReadOnlyList<DecisionCount> Decisions, IReadOnlyList<RepeatCount> Repeats, bool IsPresent)
{
    public long Decided => Decisions.Sum(count => count.Count);

    public long Overridden => Decisions.Where(count => count.IsOverride).Sum(count => count.Count);

    public string Address => ShowStatistics.AddressOf(Quarter);
}

/// <summary>How often and where recommendations were not followed, and which phenomena and service gaps repeat in the area (C-25, C-108).</summary>
public static class ShowStatistics
{
    public const string Path = "/statistics";

    public static void MapStatistics(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Path, async (HttpContext http, RoutingStatistics statistics, JournalFeed feed, string? quarter) =>
        {
            var visit = Visit.Of(http);
            var present = Quarter.Of(visit.Now);
            if (visit.Visitor is not { ReadsQueues: true, Area: { } area } || (quarter is null ? present : Quarter.Named(quarter)) is not { } asked)
            {
                return PageForm.NotFound(http);
            }

            // The position first: whatever comes after it makes the page ask again.
            var position = await feed.Last(http.RequestAborted);
            var view = new StatisticsView(
                position, area, asked, await statistics.DecisionsIn(asked, area, http.RequestAborted), await statistics.RepeatsIn(asked, area, http.RequestAborted), asked.Until > visit.Now);
            return PageForm.Page<StatisticsPage>(new Dictionary<string, object?> { ["Visit"] = visit, ["View"] = view });
        });

    public static string AddressOf(Quarter quarter)
    {
        ArgumentNullException.ThrowIfNull(quarter);
        return $"{Path}?quarter={quarter.Name}";
    }
}
