using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <summary>A page of follow-ups, newest first.</summary>
/// <param name="Items">The follow-ups, without words.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record AbsencePage(IReadOnlyList<AbsenceAnswer> Items, string? Next);

/// <summary>A school reads its own follow-ups, and who read their words.</summary>
public static class ReadAbsenceFollowUp
{
    private static readonly IReadOnlyList<string> Statuses = [.. Enum.GetNames<AbsenceStatus>().Select(known => char.ToLowerInvariant(known[0]) + known[1..])];

    public static void MapReadAbsenceFollowUp(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/{id:guid}", async (Guid id, HttpContext http, AbsenceDesk desk, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            return await desk.Own(id, caller, cancellation) is { } view ? await desk.Answer(http, new AbsenceWritten(view, null), caller, cancellation) : Problems.Unknown();
        })
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ReadAbsenceFollowUp")
            .WithSummary("One follow-up: its hours, the steps that they have reached, what each needs still, and what is due next.")
            .Produces<AbsenceAnswer>();

        endpoints.MapGet("/", async (string? status, string? cursor, int? size, HttpContext http, StreamStore streams, AbsenceDesk desk, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            var cursors = new PageCursor($"absence-follow-ups\n{caller.Claim(ClaimNames.Organisation)}", Statuses);
            var (last, asked) = cursor is { Length: > 0 } ? cursors.Read(cursor, status, PageFields.OfAddress.Cursor) : ((Guid?)null, status);
            var (condition, parameters) = Condition(caller, asked, last);
            var take = ReadConsultation.SizeOf(size, PageFields.OfAddress.Size);
            var found = await streams.Query<AbsenceFollowUpView>($"{condition} order by id desc limit ?", cancellation, [.. parameters, take + 1]);
            var page = found.Take(take).ToList();
            return Results.Json(new AbsencePage([.. page.Select(view => desk.Render(view, caller))], found.Count > take ? cursors.After(page[^1].Id, asked) : null), StrictJson.Options);
        })
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ListAbsenceFollowUps")
            .WithSummary("The caller's own follow-ups, newest first; with status=followUpDue or stepOpen those in which something is due.")
            .Produces<AbsencePage>();

        endpoints.MapGet("/{id:guid}/access-log", async (Guid id, long? after, HttpContext http, AbsenceDesk desk, StreamStore streams, CancellationToken cancellation) =>
            await desk.Own(id, Caller.From(http.User), cancellation) is null
                ? Problems.Unknown()
                : Results.Json(await ReadAccessLog.Page(streams, id, after, cancellation), StrictJson.Options))
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ReadAbsenceAccessLog")
            .WithSummary("Who read the words of one's own follow-up, when and what for; also after an erasure.")
            .Produces<AccessPage>();
    }

    private static (string Condition, List<object> Parameters) Condition(Caller caller, string? status, Guid? last)
    {
        var (condition, parameters) = ("where organisation = ?", new List<object> { caller.Claim(ClaimNames.Organisation) ?? string.Empty });
        if (status is { Length: > 0 })
        {
            parameters.Add(Statuses.Contains(status) ? char.ToUpperInvariant(status[0]) + status[1..] : throw new InvalidInputException("status", "Not a status of a follow-up."));
            condition += " and status = ?";
        }

        if (last is { } before)
        {
            parameters.Add(before);
            condition += " and id < ?";
        }

        return (condition, parameters);
    }
}
