using OtPlatform.Contracts;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>Who acts next, and how to reach them.</summary>
/// <param name="Kind">requester, areaCoordinators, coordinator, coordinatingTeam, expert, responsibleWorker, receiver, keyPerson.</param>
/// <param name="Name">In words, in the request's language.</param>
/// <param name="Contact">How to reach them; null for the requester, the reference for a responsible worker.</param>
public sealed record ResponsibleAnswer(string Kind, string Name, string? Contact);

/// <summary>Where to turn at once.</summary>
/// <param name="Text">Where to turn, for people to read.</param>
/// <param name="Language">The language that the text is in; Finnish where a Northern Sámi text is missing.</param>
public sealed record EmergencyAnswer(string Text, string Language);

/// <summary>One step of the timeline in the request's language.</summary>
/// <param name="At">When it happened.</param>
/// <param name="What">What happened, in the request's language.</param>
/// <param name="By">Kind of who did it.</param>
/// <param name="Status">Where the consultation stood after it.</param>
public sealed record TimelineAnswer(DateTimeOffset At, string What, string By, ConsultationStatus Status);

/// <summary>A member of the team, or the expert of a single consultation.</summary>
/// <param name="Role">responsibleWorker, expert, consultant or networkCoordinator.</param>
/// <param name="Sector">Code of the list sectors.</param>
/// <param name="Organisation">Code of the organisation.</param>
/// <param name="Profession">Code of the profession.</param>
/// <param name="Channel">How they take part; code of the list channels.</param>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
public sealed record MemberAnswer(string Role, string? Sector, string? Organisation, string? Profession, string? Channel, DateOnly From, DateOnly To);

/// <summary>Who works on the matter.</summary>
/// <param name="Members">Everybody in the team, each with a role and an end date.</param>
/// <param name="NetworkCoordinator">Somebody coordinates the network.</param>
/// <param name="Plan">The joint plan; there is none yet.</param>
public sealed record TeamAnswer(IReadOnlyList<MemberAnswer> Members, bool NetworkCoordinator, object? Plan);

/// <summary>What the requester asked for.</summary>
/// <param name="Text">The words; null in a list, and for a caller who may not read them.</param>
/// <param name="Knowledge">Codes of knowledge items that the basic level can use itself.</param>
/// <param name="By">expert or coordinator.</param>
/// <param name="KnowledgeHolder">Who has more exact knowledge, when the requester has reached them; null for an answer in words, and in a list.</param>
public sealed record GivenAnswer(string? Text, IReadOnlyList<string> Knowledge, string By, HolderAnswer? KnowledgeHolder = null);

/// <summary>A message between the requester and whoever acted then.</summary>
/// <param name="Id">Id of the message.</param>
/// <param name="At">When it was written.</param>
/// <param name="From">requester, coordinator or expert.</param>
/// <param name="To">requester, an accountable kind, or team.</param>
/// <param name="Text">The words; null in a list, and for a caller who may not read them.</param>
/// <param name="AnswerBy">When the oldest message that waits for an answer has to have one; null for every other.</param>
public sealed record MessageAnswer(Guid Id, DateTimeOffset At, string From, string To, string? Text, DateTimeOffset? AnswerBy = null);

/// <summary>A consultation as the partner API shows it (PRODUCT, Partner API v1).</summary>
/// <param name="Id">Id of the consultation.</param>
/// <param name="Number">A number that people can say on the phone.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Route">Where it was sent; null until that is decided.</param>
/// <param name="Responsible">Who acts next; null only when nothing is open any more.</param>
/// <param name="DueBy">When the next step is due; null only when nothing is open any more.</param>
/// <param name="AllowedActions">What the caller may do now: last parts of the addresses.</param>
/// <param name="LinkedTo">The consultation on the same matter that this one was linked to; null when there is none.</param>
/// <param name="Transfers">How often it was sent on.</param>
/// <param name="Team">Members once a team works; null until then.</param>
/// <param name="Answer">The answer once there is one; null until then.</param>
/// <param name="Emergency">Where to turn at once, in danger or when it is urgent outside duty hours; else null.</param>
/// <param name="Timeline">What has happened, oldest first.</param>
/// <param name="Version">Also the ETag.</param>
/// <param name="Messages">Both ways, the oldest first; null only in answers that were kept before there were any.</param>
/// <param name="Erased">When the words were erased, and when no backup can bring them back; null while they are there.</param>
/// <param name="KnowledgeHolder">Whom the route knowledgeHolder points to; null for every other, in a list, and until its registration has come here.</param>
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
    TeamAnswer? Team,
    GivenAnswer? Answer,
    EmergencyAnswer? Emergency,
    IReadOnlyList<TimelineAnswer> Timeline,
    long Version,
    IReadOnlyList<MessageAnswer>? Messages = null,
    ShownErasure? Erased = null,
    HolderAnswer? KnowledgeHolder = null);

/// <summary>A page of consultations, newest first.</summary>
/// <param name="Items">The consultations, without words.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record ConsultationPage(IReadOnlyList<ConsultationAnswer> Items, string? Next);

/// <summary>Which page of a list is asked for.</summary>
/// <param name="Status">Code of a status; null or empty for all.</param>
/// <param name="Cursor">Null or empty for the first page.</param>
/// <param name="Matter">Only requests about this matter; null for all.</param>
/// <param name="Named">What the caller calls the parts of the question; null for those of an address.</param>
public sealed record PageOf(string? Status, string? Cursor, int? Size, string? Matter = null, PageFields? Named = null);

/// <summary>Names by which a problem tells what was wrong with the question for a page.</summary>
public sealed record PageFields(string Status, string Cursor, string Size)
{
    public static readonly PageFields OfAddress = new("status", "cursor", "size");
    public static readonly PageFields OfBody = new("$.status", "$.cursor", "$.size");
    public static readonly PageFields OfMessage = new("status", "page_token", "page_size");
}

/// <summary>A partner reads its own consultations; a coordinator those of the area.</summary>
public static class ReadConsultation
{
    private const int LargestPage = 100;
    private const int UsualPage = 50;

    public static void MapReadConsultation(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/{id:guid}", async (Guid id, HttpContext http, RequestersDesk desk, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            return await desk.Visible(id, caller, cancellation) is { } view ? Answer(http, await desk.Show(view, caller, cancellation)) : Problems.Unknown();
        })
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ReadConsultation")
            .WithSummary("One consultation: status, who acts next, by when, and what has happened.")
            .Produces<ConsultationAnswer>();

        endpoints.MapGet("/", async (string? status, string? cursor, int? size, HttpContext http, StreamStore streams, Catalogue catalogue, RequestersWords words, CancellationToken cancellation) =>
            Results.Json(await Page(Caller.From(http.User), new PageOf(status, cursor, size), streams, catalogue, words, cancellation), StrictJson.Options))
            .RequireAuthorization(Scopes.ConsultationsRead)
            .WithName("ListConsultations")
            .WithSummary("The caller's own consultations, newest first.")
            .Produces<ConsultationPage>();
    }

    /// <summary>The caller's consultations, newest first.</summary>
    /// <exception cref="InvalidInputException">An unknown status, or a cursor of another list.</exception>
    internal static async Task<ConsultationPage> Page(
        Caller caller, PageOf wanted, StreamStore streams, Catalogue catalogue, RequestersWords words, CancellationToken cancellation)
    {
        var named = wanted.Named ?? PageFields.OfAddress;
        var statuses = catalogue.Codes.Statuses;
        if (wanted.Status is { Length: > 0 } asked && !statuses.Contains(asked))
        {
            throw new InvalidInputException(named.Status, "Not a status of a consultation.");
        }

        var cursor = new PageCursor(
            string.Join('\n', "consultations", caller.Claim(ClaimNames.Area), caller.Claim(ClaimNames.Organisation), wanted.Matter), [.. statuses]);
        var (last, status) = wanted.Cursor is { Length: > 0 } sent ? cursor.Read(sent, wanted.Status, named.Cursor) : ((Guid?)null, wanted.Status);
        var (condition, parameters) = Condition(caller, wanted.Matter, status, last);
        var take = SizeOf(wanted.Size, named.Size);
        var found = await streams.Query<RequestersView>($"{condition} order by id desc limit ?", cancellation, [.. parameters, take + 1]);
        var page = found.Take(take).ToList();
        return new ConsultationPage([.. page.Select(view => words.Render(view, caller))], found.Count > take ? cursor.After(page[^1].Id, status) : null);
    }

    /// <summary>A partner sees its own organisation's and what goes by way of it as the key person, a coordinator the area's.</summary>
    public static bool MaySee(Caller caller, RequestersView view) =>
        caller.Claim(ClaimNames.Area) is { } area ? area == view.Area : caller.Claim(ClaimNames.Organisation) == view.Organisation || PassOn.IsKeyPerson(caller, view);

    internal static IResult Answer(HttpContext http, ConsultationAnswer answer, int status = StatusCodes.Status200OK)
    {
        http.Response.Headers.ETag = Versions.Tag(answer.Version);
        return Results.Json(answer, StrictJson.Options, statusCode: status);
    }

    internal static async Task<IResult> Answer(HttpContext http, RequestersDesk desk, Written written, Caller caller, CancellationToken cancellation) =>
        written.Rejection is { } rejection ? Problems.Of(rejection) : Answer(http, await desk.Show(written.View, caller, cancellation));

    private static (string Condition, List<object> Parameters) Condition(Caller caller, string? matter, string? status, Guid? last)
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
            condition = "where (organisation = ? or key_person = ?)";
            var organisation = caller.Claim(ClaimNames.Organisation) ?? string.Empty;
            parameters.AddRange([organisation, organisation]);
        }

        if (matter is not null)
        {
            condition += " and matter_key = ?";
            parameters.Add(matter);
        }

        if (status is { Length: > 0 })
        {
            condition += " and status = ?";
            parameters.Add(char.ToUpperInvariant(status[0]) + status[1..]);
        }

        if (last is { } before)
        {
            condition += " and id < ?";
            parameters.Add(before);
        }

        return (condition, parameters);
    }

    internal static int SizeOf(int? wanted, string field) => PageSize.Of(wanted, UsualPage, LargestPage, field);
}
