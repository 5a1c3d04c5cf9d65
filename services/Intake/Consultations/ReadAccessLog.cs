using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>One reading of the client's words.</summary>
/// <param name="Number">From 1, without a gap.</param>
/// <param name="At">When it was read.</param>
/// <param name="Reader">Who read it: the subject of the token.</param>
/// <param name="Purpose">Code of what it was read for, for example <c>triage</c> or <c>requester</c>.</param>
/// <param name="Kind">What was read, for example <c>question</c>; <c>messages</c> for all messages that were there (<c>absenceMeetings</c>, <c>absenceCorrections</c> likewise), <c>all</c> for an erasure.</param>
/// <param name="TextId">Which text; null for all of them at once.</param>
/// <param name="Hash">Over this line and the hash of the one before it.</param>
public sealed record AccessAnswer(long Number, DateTimeOffset At, string Reader, string Purpose, string Kind, Guid? TextId, string Hash);

/// <summary>A page of the access log, oldest first.</summary>
/// <param name="Items">The readings, oldest first.</param>
/// <param name="Next">What to send as <c>after</c> for the next page; null on the last.</param>
public sealed record AccessPage(IReadOnlyList<AccessAnswer> Items, long? Next);

/// <summary>Who read the client's words, when and what for: for the client, who has a right to know (Act 703/2023, section 11). It stays after an erasure.</summary>
public static class ReadAccessLog
{
    private const int LargestPage = 500;

    public static void MapReadAccessLog(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/{id:guid}/access-log", async (Guid id, long? after, HttpContext http, StreamStore streams, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await streams.Load<RequestersView>(id, cancellation) is not { } view || !MaySee(caller, view))
            {
                return Problems.Unknown();
            }

            return Results.Json(await Page(streams, id, after, cancellation), StrictJson.Options);
        })
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ReadAccessLog")
            .WithSummary("Who read the words of one's own consultation, when and what for; also after an erasure.")
            .Produces<AccessPage>();

    /// <param name="owner">Whose words they are.</param>
    /// <param name="after">The last number that was read; null for the first page.</param>
    /// <exception cref="InvalidInputException">A number that no page can have given.</exception>
    internal static async Task<AccessPage> Page(StreamStore streams, Guid owner, long? after, CancellationToken cancellation)
    {
        if (after < 0)
        {
            throw new InvalidInputException("after", "A number as the last page gave it is expected.");
        }

        var lines = await streams.Query<TextAccess>("where owner = ? and number > ? order by number limit ?", cancellation, owner, after ?? 0, LargestPage + 1);
        var page = lines.Take(LargestPage).Select(Shown).ToList();
        return new AccessPage(page, lines.Count > LargestPage ? page[^1].Number : null);
    }

    /// <summary>The organisation that sent it, and those who audit the area.</summary>
    private static bool MaySee(Caller caller, RequestersView view) => caller.Claim(ClaimNames.Area) is { } area
        ? area == view.Area && Caller.HasScope(caller.Principal, Scopes.AuditRead)
        : caller.Claim(ClaimNames.Organisation) == view.Organisation;

    private static AccessAnswer Shown(TextAccess line) =>
        new(line.Number, line.ReadAt, line.Reader, line.Purpose, line.Kind, line.TextId == Guid.Empty ? null : line.TextId, line.Hash);
}
