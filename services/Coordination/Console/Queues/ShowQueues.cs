using OtPlatform.Contracts;
using OtPlatform.Coordination.Journal;

namespace OtPlatform.Coordination.Console.Queues;

/// <summary>The routing queue of the area of whoever is signed in, as it stands now.</summary>
public static class ShowQueues
{
    public const string Path = "/queues";

    private const int PageSize = 50;

    public static void MapQueues(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Path, async (HttpContext http, RoutingQueues queues, string? status, string? after) =>
        {
            var visit = Visit.Of(http);
            if (visit.Visitor is not { ReadsQueues: true, Area: { } area })
            {
                return PageForm.NotFound(http);
            }

            var wanted = Enum.GetValues<ConsultationStatus>().Where(known => Codes.Of(known) == status).Select(known => (ConsultationStatus?)known).SingleOrDefault();
            var page = await queues.Page(new QueueScope(area), wanted, after is { Length: > 0 } ? after : null, PageSize, http.RequestAborted);
            return PageForm.Page<QueuesPage>(new Dictionary<string, object?>
            {
                ["Visit"] = visit,
                ["Area"] = area,
                ["Queue"] = page,
                ["Offered"] = after is { Length: > 0 } ? [] : await queues.OfferedTo(area, http.RequestAborted),
                ["Status"] = wanted,
                ["Address"] = AddressOf(wanted, after),
            });
        });

    public static string AddressOf(ConsultationStatus? status, string? after)
    {
        var query = QueryString.Empty;
        query = status is { } wanted ? query.Add("status", Codes.Of(wanted)) : query;
        query = after is { Length: > 0 } ? query.Add("after", after) : query;
        return $"{Path}{query}";
    }
}
