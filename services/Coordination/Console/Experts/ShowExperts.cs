using System.Globalization;
using OtPlatform.Contracts;
using OtPlatform.Coordination.Journal;
using OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.Coordination.Console.Experts;

/// <summary>What is looked for in the pool, as the address of the page says it.</summary>
/// <param name="Hours">Hours a week that are wanted free, in each of <paramref name="Weeks"/> from this one on.</param>
public sealed record PoolQuery(string Topic, string Sector, string County, string Language, string Channel, decimal? Hours, int Weeks)
{
    private const int UsualWeeks = 4;
    private const int MostWeeks = 52;
    private const decimal MostHours = 40;

    /// <summary>Null where a number is none, or beyond its bounds.</summary>
    public static PoolQuery? Of(IQueryCollection query)
    {
        ArgumentNullException.ThrowIfNull(query);
        string Value(string field) => query[field].ToString().Trim();
        decimal? hours = null;
        if (Value("hours") is { Length: > 0 } typed)
        {
            // A comma as in Finnish and Swedish.
            if (!decimal.TryParse(typed.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > MostHours)
            {
                return null;
            }

            hours = number;
        }

        var weeks = UsualWeeks;
        return Value("weeks") is not { Length: > 0 } said || (int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out weeks) && weeks is >= 1 and <= MostWeeks)
            ? new PoolQuery(Value("topic"), Value("sector"), Value("county"), Value("language"), Value("channel"), hours, weeks)
            : null;
    }

    public SearchRequest Request => new() { Topic = Topic, Sector = Sector, County = County, Language = Language, Channel = Channel, WeeklyHours = (double)(Hours ?? 0), Weeks = Weeks };
}

/// <param name="Query">Null when it made no sense.</param>
/// <param name="Found">Null when nothing was looked for.</param>
public sealed record ExpertsView(long Position, string Address, PoolQuery? Query, Answer<SearchResponse>? Found, Catalogue Catalogue);

/// <summary>One expert; the weeks that assemblies hold.</summary>
public sealed record ExpertView(long Position, Expert Expert)
{
    public string Address => $"{ShowExperts.Path}/{Expert.ExpertId}";

    /// <summary>Hours that are held in each week, the first first.</summary>
    public IReadOnlyList<(string Monday, double Asked, double Agreed)> Weeks =>
    [
        .. Expert.Reservations
            .SelectMany(held => held.Weeks.Select(week => (week.Monday, week.Hours, held.Confirmed)))
            .GroupBy(week => week.Monday)
            .OrderBy(week => week.Key, StringComparer.Ordinal)
            .Select(week => (week.Key, week.Where(one => !one.Confirmed).Sum(one => one.Hours), week.Where(one => one.Confirmed).Sum(one => one.Hours))),
    ];
}

/// <summary>The pool of all areas: who can be asked, why the others cannot now, and what an expert's weeks hold (C-133).</summary>
public static class ShowExperts
{
    public const string Path = "/experts";

    public static void MapExperts(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Path, async (HttpContext http, PoolOwner pool, JournalFeed feed, Catalogue catalogue) =>
        {
            var visit = Visit.Of(http);
            if (visit.Visitor is not { ReadsExperts: true })
            {
                return PageForm.NotFound(http);
            }

            // The position first: whatever comes after it makes the page ask again.
            var position = await feed.Last(http.RequestAborted);
            var query = PoolQuery.Of(http.Request.Query);
            var found = query is null || http.Request.Query.Count == 0 ? null : await pool.Search(http, query.Request);
            var view = new ExpertsView(position, visit.Here, query, found, catalogue);
            return PageForm.Page<ExpertsPage>(
                new Dictionary<string, object?> { ["Visit"] = visit, ["View"] = view },
                query is null ? StatusCodes.Status400BadRequest : found?.Refusal is { } refusal ? PageForm.StatusOf(refusal) : StatusCodes.Status200OK);
        });
        endpoints.MapGet($"{Path}/{{id:guid}}", async (HttpContext http, Guid id, PoolOwner pool, JournalFeed feed) =>
        {
            var visit = Visit.Of(http);
            if (visit.Visitor is not { ReadsExperts: true })
            {
                return PageForm.NotFound(http);
            }

            var position = await feed.Last(http.RequestAborted);
            return await pool.Expert(http, id) switch
            {
                { Value: { } expert } => PageForm.Page<ExpertPage>(new Dictionary<string, object?> { ["Visit"] = visit, ["View"] = new ExpertView(position, expert) }),
                { Refusal: { Kind: RefusalKind.Unavailable } } => PageForm.Message(http, "refusal.unavailable", StatusCodes.Status503ServiceUnavailable),
                _ => PageForm.NotFound(http),
            };
        });
    }
}
