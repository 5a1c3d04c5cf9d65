using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>Hours of an expert that an assembly holds.</summary>
public sealed record HeldReservation(Guid ReservationId, Guid AssemblyId, bool Confirmed, IReadOnlyList<WeekHours> Weeks, DateTimeOffset? LapsesAt);

/// <summary>An expert as the pool shows one.</summary>
public sealed record ExpertDirectoryEntry
{
    public required Guid Id { get; init; }

    public required string Sector { get; init; }

    public string? County { get; init; }

    public string? Area { get; init; }

    public required ExpertFacts Facts { get; init; }

    public required bool Suspended { get; init; }

    public required IReadOnlyList<HeldReservation> Held { get; init; }

    public required long Version { get; init; }

    /// <summary>The entry of a whole stream; null until the expert is registered.</summary>
    public static ExpertDirectoryEntry? Fold(IReadOnlyList<ExpertEvent> happened, long version)
    {
        var state = happened.Aggregate(Expert.Initial, Expert.Evolve);
        return state.Facts is { } facts
            ? new ExpertDirectoryEntry
            {
                Id = state.Id,
                Sector = facts.Sector,
                County = facts.County,
                Area = facts.Area,
                Facts = facts,
                Suspended = state.Suspended,
                Held =
                [
                    .. state.Reservations.Values.Where(reservation => reservation.HoldsHours).OrderBy(reservation => reservation.Weeks[0].Monday).ThenBy(reservation => reservation.Id)
                        .Select(held => new HeldReservation(held.Id, held.AssemblyId, held.Status is ReservationStatus.Confirmed, held.Weeks, held.LapsesAt)),
                ],
                Version = version,
            }
            : null;
    }

    /// <summary>Hours that can still be given in each of the coming weeks, this one first.</summary>
    public IReadOnlyList<WeekHours> FreeHours(DateOnly today, int weeks) =>
        [.. Enumerable.Range(0, weeks).Select(week => MondayOf(today).AddDays(7 * week)).Select(monday => new WeekHours(monday, FreeIn(monday)))];

    /// <summary>What is held from this week on; what lies behind is over.</summary>
    public IReadOnlyList<HeldReservation> HeldFrom(DateOnly today) => [.. Held.Where(held => held.Weeks.Any(week => week.Monday >= MondayOf(today)))];

    private decimal FreeIn(DateOnly monday)
    {
        var covered = !Suspended && Facts.Agreement is { } agreement && agreement.From <= monday.AddDays(6) && (agreement.Until is not { } until || until >= monday);
        return covered ? Math.Max(0, Facts.WeeklyHours - Held.SelectMany(held => held.Weeks).Where(week => week.Monday == monday).Sum(week => week.Hours)) : 0;
    }

    private static DateOnly MondayOf(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
}

/// <summary>An expert over REST.</summary>
/// <param name="FreeHours">Hours that can still be given in each of the coming twelve weeks, this one first.</param>
/// <param name="Reservations">What assemblies hold from this week on.</param>
/// <param name="Version">Also the ETag.</param>
public sealed record ExpertAnswer(
    Guid ExpertId,
    string Sector,
    string Profession,
    string Organisation,
    string Engagement,
    string? County,
    string? Area,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> Languages,
    IReadOnlyList<string> Channels,
    decimal WeeklyHours,
    DateOnly? AgreementFrom,
    DateOnly? AgreementUntil,
    bool EmployerConsents,
    bool Suspended,
    IReadOnlyList<WeekHours> FreeHours,
    IReadOnlyList<HeldReservation> Reservations,
    long Version);

/// <summary>A page of the pool, by id.</summary>
/// <param name="Next">Send it as <c>cursor</c> for the next page; null on the last.</param>
public sealed record ExpertPage(IReadOnlyList<ExpertAnswer> Items, string? Next);

/// <summary>Who may read experts reads the whole pool; an expert reads only their own entry.</summary>
public static class ExpertDirectory
{
    private const int LargestPage = 100;
    private const int UsualPage = 50;
    private const int WeeksShown = 12;

    public static void MapExpertDirectory(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/", async (
            string? topic, string? sector, string? county, string? area, string? cursor, int? size, HttpContext http, StreamStore streams, Catalogue catalogue, TimeProvider clock, CancellationToken cancellation) =>
        {
            var conditions = new List<string>();
            var parameters = new List<object>();
            void Only(string name, string? value, IEnumerable<string> known, string condition)
            {
                if (value is not null)
                {
                    conditions.Add(known.Contains(value) ? condition : throw new InvalidInputException(name, "Not a known code of this list."));
                    parameters.Add(value);
                }
            }

            Only("topic", topic, catalogue.Topics.Select(known => known.Code), "jsonb_exists(data -> 'facts' -> 'topics', ?)");
            Only("sector", sector, catalogue.Codes.Sectors, "sector = ?");
            Only("county", county, catalogue.Counties.Select(known => known.Code), "county = ?");
            Only("area", area, catalogue.Areas.Select(known => known.Code), "area = ?");
            if (cursor is not null)
            {
                conditions.Add("id > ?");
                parameters.Add(Guid.TryParseExact(cursor, "N", out var after) ? after : throw new InvalidInputException("cursor", "Send the cursor exactly as the last page gave it."));
            }

            if (Caller.From(http.User).Claim(ClaimNames.Expert) is { } own)
            {
                conditions.Add("id = ?");
                parameters.Add(Guid.TryParse(own, out var id) ? id : Guid.Empty);
            }

            var take = PageSize.Of(size, UsualPage, LargestPage);
            var condition = conditions.Count == 0 ? string.Empty : $"where {string.Join(" and ", conditions)}";
            var found = await streams.Query<ExpertDirectoryEntry>($"{condition} order by id limit ?", cancellation, [.. parameters, take + 1]);
            var page = found.Take(take).ToList();
            return Results.Json(new ExpertPage([.. page.Select(entry => Render(entry, clock))], found.Count > take ? page[^1].Id.ToString("N") : null), StrictJson.Options);
        })
            .RequireAuthorization(Scopes.ExpertsRead)
            .WithName("ListExperts")
            .WithSummary("The pool, a page at a time; an expert sees only their own entry.")
            .Produces<ExpertPage>();

        endpoints.MapGet("/{id:guid}", async (Guid id, HttpContext http, StreamStore streams, TimeProvider clock, CancellationToken cancellation) =>
            await Visible(id, Caller.From(http.User), streams, cancellation) is { } entry ? Answer(http, entry, clock) : Problems.Unknown())
            .RequireAuthorization(Scopes.ExpertsRead)
            .WithName("ReadExpert")
            .WithSummary("One expert with the hours that are still free.")
            .Produces<ExpertAnswer>();
    }

    /// <summary>The entry, unless the caller is another expert; else null.</summary>
    internal static async Task<ExpertDirectoryEntry?> Visible(Guid id, Caller caller, StreamStore streams, CancellationToken cancellation) =>
        caller.Claim(ClaimNames.Expert) is { } own && !(Guid.TryParse(own, out var ownId) && ownId == id) ? null : await streams.Load<ExpertDirectoryEntry>(id, cancellation);

    internal static IResult Answer(HttpContext http, ExpertDirectoryEntry entry, TimeProvider clock, int status = StatusCodes.Status200OK)
    {
        http.Response.Headers.ETag = Versions.Tag(entry.Version);
        return Results.Json(Render(entry, clock), StrictJson.Options, statusCode: status);
    }

    /// <summary>The entry as a decision left it.</summary>
    internal static async Task<ExpertDirectoryEntry> After(Outcome<Expert> outcome, Guid id, StreamStore streams, CancellationToken cancellation) =>
        outcome.View as ExpertDirectoryEntry ?? await streams.Load<ExpertDirectoryEntry>(id, cancellation) ?? throw new InvalidOperationException("A registered expert has an entry.");

    private static ExpertAnswer Render(ExpertDirectoryEntry entry, TimeProvider clock)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var facts = entry.Facts;
        return new ExpertAnswer(
            entry.Id,
            facts.Sector,
            facts.Profession,
            facts.Organisation,
            facts.Engagement,
            facts.County,
            facts.Area,
            facts.Topics,
            facts.Languages,
            facts.Channels,
            facts.WeeklyHours,
            facts.Agreement?.From,
            facts.Agreement?.Until,
            facts.EmployerConsents,
            entry.Suspended,
            entry.FreeHours(today, WeeksShown),
            entry.HeldFrom(today),
            entry.Version);
    }
}

public sealed partial class ExpertsService
{
    [Authorize(Scopes.ExpertsRead)]
    public override async Task<Wire.Expert> Get(Wire.GetExpertRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var entry = await ExpertDirectory.Visible(ExpertMessages.Id(request.ExpertId), CallerOf(context), streams, context.CancellationToken);
        return entry is null ? throw new RejectedException(Expert.NotRegistered) : ExpertMessages.Of(entry, Today);
    }
}
