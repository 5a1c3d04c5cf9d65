using Microsoft.AspNetCore.Http.HttpResults;
using OtPlatform.Contracts;
using OtPlatform.Coordination.Journal;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.TeamAssembly.V1;

namespace OtPlatform.Coordination.Console.Invitations;

/// <summary>What is asked of an expert or of a receiving unit.</summary>
/// <param name="Invitations">An expert's own; null for a receiver.</param>
/// <param name="ToAnswer">Consultations that await the expert's answer.</param>
/// <param name="ToAssess">Matters that the expert is invited to assess.</param>
/// <param name="Referrals">Matters that the unit is asked to take, or has taken.</param>
public sealed record InvitationsView(long Position, Answer<ListInvitationsResponse>? Invitations, IReadOnlyList<QueueEntry> ToAnswer, IReadOnlyList<QueueEntry> ToAssess, IReadOnlyList<QueueEntry> Referrals);

/// <summary>An expert answers invitations and questions; a receiver answers referrals.</summary>
public static class ShowInvitations
{
    public const string Path = "/invitations";

    private const string Purpose = "answering";

    public static void MapInvitations(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Path, async (HttpContext http) =>
            await Load(http) is { } view ? Page(http, view, null, StatusCodes.Status200OK) : PageForm.NotFound(http));
        Map(endpoints, "accepted", $"{Path}/{{id:guid}}/acceptance", (owners, http, id, _) => owners.AcceptInvitation(http, id));
        Map(endpoints, "declined", $"{Path}/{{id:guid}}/refusal", (owners, http, id, typed) => owners.DeclineInvitation(http, id, typed.Value("reason") ?? string.Empty));
        Map(endpoints, "referralAccepted", "/referrals/{id:guid}/acceptance", (owners, http, id, _) => owners.AcceptReferral(http, id));
        Map(endpoints, "referralReturned", "/referrals/{id:guid}/return", (owners, http, id, typed) => owners.ReturnReferral(http, id, typed.Value("reason") ?? string.Empty));
        endpoints.MapAssessMatter();
        endpoints.MapGet("/answers/{id:guid}", (HttpContext http, Guid id) => Question(http, id, null, StatusCodes.Status200OK));
        endpoints.MapForm("/answers/{id:guid}", async (http, typed) =>
        {
            var id = IdOf(http);
            var request = new AnswerConsultationRequest { Id = id.ToString(), Text = typed.Value("text") ?? string.Empty };
            if (Visit.Of(http).Visitor is not { Expert: not null })
            {
                return PageForm.NotFound(http);
            }

            var answer = await http.RequestServices.GetRequiredService<Owners>().AnswerConsultation(http, request);
            return answer.Refusal is { } refusal
                ? await Question(http, id, new Refused(typed, PageForm.InWords(Visit.Of(http).Words, refusal)), PageForm.StatusOf(refusal))
                : PageForm.SeeOther(http, $"{Path}?done=answered");
        });
    }

    private static Guid IdOf(HttpContext http) => Guid.Parse((string)http.GetRouteValue("id")!);

    private static async Task<InvitationsView?> Load(HttpContext http)
    {
        var services = http.RequestServices;
        var position = await services.GetRequiredService<JournalFeed>().Last(http.RequestAborted);
        var streams = services.GetRequiredService<StreamStore>();
        return Visit.Of(http).Visitor switch
        {
            { Expert: { } expert } => new InvitationsView(
                position,
                await services.GetRequiredService<Owners>().Invitations(http),
                await streams.Query<QueueEntry>("where answering_expert = ? order by data ->> 'sortKey'", http.RequestAborted, expert),
                await services.GetRequiredService<RoutingQueues>().AssessedBy(expert, Visit.Of(http).Now, http.RequestAborted),
                []),
            { Receiver: { } receiver } => new InvitationsView(
                position, null, [], [], await streams.Query<QueueEntry>("where data ->> 'receiver' = ? order by data ->> 'sortKey'", http.RequestAborted, receiver)),
            _ => null,
        };
    }

    private static RazorComponentResult<InvitationsPage> Page(HttpContext http, InvitationsView view, Refused? refused, int status) =>
        PageForm.Page<InvitationsPage>(
            new Dictionary<string, object?> { ["Visit"] = Visit.Of(http), ["View"] = view, ["Refused"] = refused, ["Catalogue"] = http.RequestServices.GetRequiredService<Catalogue>() }, status);

    private static void Map<T>(IEndpointRouteBuilder endpoints, string done, string pattern, Func<Owners, HttpContext, Guid, Typed, Task<Answer<T>>> act)
        where T : class =>
        endpoints.MapForm(pattern, async (http, typed) =>
        {
            if (Visit.Of(http).Visitor is not { } visitor || (visitor.Expert is null && visitor.Receiver is null))
            {
                return PageForm.NotFound(http);
            }

            var answer = await act(http.RequestServices.GetRequiredService<Owners>(), http, IdOf(http), typed);
            return answer.Refusal is { } refusal
                ? Page(http, (await Load(http))!, new Refused(typed, PageForm.InWords(Visit.Of(http).Words, refusal)), PageForm.StatusOf(refusal))
                : PageForm.SeeOther(http, $"{Path}?done={done}");
        });

    /// <summary>The question with the requester's words, for the one expert who is to answer it.</summary>
    private static async Task<IResult> Question(HttpContext http, Guid id, Refused? refused, int status)
    {
        var visit = Visit.Of(http);
        var entry = await http.RequestServices.GetRequiredService<StreamStore>().Load<QueueEntry>(id, http.RequestAborted);
        if (entry is null || visit.Visitor is not { Expert: { } expert } || (entry.AnsweringExpert != expert && refused is null) || !entry.Experts.Contains(expert))
        {
            return PageForm.NotFound(http);
        }

        var words = await http.RequestServices.GetRequiredService<Owners>().Words(http, id, Purpose);
        return PageForm.Page<AnswerPage>(new Dictionary<string, object?> { ["Visit"] = visit, ["Entry"] = entry, ["Read"] = words, ["Refused"] = refused }, status);
    }
}
