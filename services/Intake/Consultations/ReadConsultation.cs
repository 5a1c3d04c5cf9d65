using System.Globalization;
using System.Text;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>Who acts next, and how to reach them.</summary>
/// <param name="Kind">requester, areaCoordinators, coordinator, coordinatingTeam.</param>
public sealed record ResponsibleAnswer(string Kind, string Name, string? Contact);

/// <summary>Where to turn at once.</summary>
/// <param name="Language">The language that the text is in; Finnish where a Northern Sámi text is missing.</param>
public sealed record EmergencyAnswer(string Text, string Language);

/// <summary>One step of the timeline in the request's language.</summary>
public sealed record TimelineAnswer(DateTimeOffset At, string What, string By, ConsultationStatus Status);

/// <summary>A consultation as the partner API shows it (PRODUCT, Partner API v1).</summary>
/// <param name="DueBy">When the next step is due; null only when nothing is open any more.</param>
/// <param name="Team">Members once a team works; null until then.</param>
/// <param name="Answer">The answer once there is one; null until then.</param>
/// <param name="Version">Also the ETag.</param>
public sealed record ConsultationAnswer(
    Guid Id,
    string Number,
    ConsultationStatus Status,
    Route? Route,
    ResponsibleAnswer? Responsible,
    DateTimeOffset? DueBy,
    IReadOnlyList<string> AllowedActions,
    Guid? LinkedTo,
    int Transfers,
    object? Team,
    object? Answer,
    EmergencyAnswer? Emergency,
    IReadOnlyList<TimelineAnswer> Timeline,
    long Version);

/// <summary>A page of consultations, newest first.</summary>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record ConsultationPage(IReadOnlyList<ConsultationAnswer> Items, string? Next);

/// <summary>A partner reads its own consultations; a coordinator those of the area.</summary>
public static class ReadConsultation
{
    private const int LargestPage = 100;
    private const int UsualPage = 50;

    public static void MapReadConsultation(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/{id:guid}", async (Guid id, HttpContext http, StreamStore streams, RequestersWords words, CancellationToken cancellation) =>
            await streams.Load<RequestersView>(id, cancellation) is { } view && MaySee(Caller.From(http.User), view)
                ? Answer(http, words.Render(view))
                : Problems.Unknown())
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ReadConsultation")
            .WithSummary("One consultation: status, who acts next, by when, and what has happened.")
            .Produces<ConsultationAnswer>();

        endpoints.MapGet("/", async (string? status, string? cursor, int? size, HttpContext http, StreamStore streams, Catalogue catalogue, RequestersWords words, CancellationToken cancellation) =>
        {
            var (condition, parameters) = Condition(Caller.From(http.User), status, cursor, catalogue.Codes.Statuses);
            var take = Math.Clamp(size ?? UsualPage, 1, LargestPage);
            var found = await streams.Query<RequestersView>($"{condition} order by id desc limit ?", cancellation, [.. parameters, take + 1]);
            var page = found.Take(take).ToList();
            return Results.Json(
                new ConsultationPage([.. page.Select(words.Render)], found.Count > take ? Encode(page[^1].Id) : null),
                StrictJson.Options);
        })
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ListConsultations")
            .WithSummary("The caller's own consultations, newest first.")
            .Produces<ConsultationPage>();
    }

    /// <summary>A partner sees its own organisation's, a coordinator the area's.</summary>
    public static bool MaySee(Caller caller, RequestersView view) =>
        caller.Claim(ClaimNames.Area) is { } area ? area == view.Area : caller.Claim(ClaimNames.Organisation) == view.Organisation;

    internal static IResult Answer(HttpContext http, ConsultationAnswer answer, int status = StatusCodes.Status200OK)
    {
        http.Response.Headers.ETag = Versions.Tag(answer.Version);
        return Results.Json(answer, StrictJson.Options, statusCode: status);
    }

    private static (string Condition, List<object> Parameters) Condition(Caller caller, string? status, string? cursor, IReadOnlyList<string> statuses)
    {
        var parameters = new List<object>();
        string condition;
        if (caller.Claim(ClaimNames.Area) is { } area)
        {
            condition = "where area = ?";
            parameters.Add(area);
        }
        else
        {
            condition = "where organisation = ?";
            parameters.Add(caller.Claim(ClaimNames.Organisation) ?? string.Empty);
        }

        if (status is not null)
        {
            if (!statuses.Contains(status))
            {
                throw new InvalidInputException("status", "Not a status of a consultation.");
            }

            condition += " and status = ?";
            parameters.Add(char.ToUpperInvariant(status[0]) + status[1..]);
        }

        if (cursor is not null)
        {
            condition += " and id < ?";
            parameters.Add(Decode(cursor));
        }

        return (condition, parameters);
    }

    private static string Encode(Guid id) => Convert.ToBase64String(Encoding.ASCII.GetBytes(id.ToString("N", CultureInfo.InvariantCulture))).TrimEnd('=');

    private static Guid Decode(string cursor)
    {
        Span<byte> bytes = stackalloc byte[48];
        var padded = cursor.PadRight((cursor.Length + 3) / 4 * 4, '=');
        return cursor.Length < 64 && Convert.TryFromBase64String(padded, bytes, out var length)
            && Guid.TryParseExact(Encoding.ASCII.GetString(bytes[..length]), "N", out var id)
            ? id
            : throw new InvalidInputException("cursor", "Send the cursor exactly as the last page gave it.");
    }
}
