using OtPlatform.Contracts;
using OtPlatform.Coordination.Journal;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Console.Invitations;

/// <summary>A matter that an expert is invited to assess, with the requester's words.</summary>
/// <param name="Own">What they have added already; null when that cannot be told.</param>
public sealed record AssessmentView(QueueEntry Entry, Answer<ReadNarrativeResponse> Read, Assessor? Own, IReadOnlyList<string> Marks);

/// <summary>An invited expert reads the matter and says what they find: marks, and a text that goes into the vault (C-33). It decides nothing.</summary>
public static class AssessMatter
{
    public const string Path = "/assessments";

    private const string Purpose = "triage";

    public static void MapAssessMatter(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet($"{Path}/{{id:guid}}", (HttpContext http, Guid id) => Show(http, id, null, StatusCodes.Status200OK));
        endpoints.MapForm($"{Path}/{{id:guid}}", async (http, typed) =>
        {
            var id = Guid.Parse((string)http.GetRouteValue("id")!);
            if (Visit.Of(http).Visitor is not { Expert: not null })
            {
                return PageForm.NotFound(http);
            }

            var request = new ContributeRequest { Id = id.ToString(), Marks = { typed.Values["mark"].OfType<string>() }, TextId = typed.Value("textId") ?? string.Empty };
            var answer = await http.RequestServices.GetRequiredService<Owners>().Contribute(http, request, typed.Value("text"));
            return answer.Refusal is { } refusal
                ? await Show(http, id, new Refused(typed, PageForm.InWords(Visit.Of(http).Words, refusal)), PageForm.StatusOf(refusal))
                : PageForm.SeeOther(http, $"{ShowInvitations.Path}?done=contributed");
        });
    }

    /// <summary>For an expert who is invited now; after a refusal also for one who was, so that nothing typed is lost.</summary>
    private static async Task<IResult> Show(HttpContext http, Guid id, Refused? refused, int status)
    {
        var (visit, services) = (Visit.Of(http), http.RequestServices);
        var entry = await services.GetRequiredService<StreamStore>().Load<QueueEntry>(id, http.RequestAborted);
        if (entry is null || visit.Visitor is not { Expert: { } expert } || !(entry.IsAssessedBy(expert, visit.Now) || (refused is not null && entry.HasAsked(expert))))
        {
            return PageForm.NotFound(http);
        }

        var owners = services.GetRequiredService<Owners>();
        var (words, known) = (owners.Words(http, id, Purpose), owners.Case(http, id));
        var own = (await known).Value?.Assessors.LastOrDefault(assessor => assessor.ExpertId == expert.ToString());
        var view = new AssessmentView(entry, await words, own, services.GetRequiredService<Catalogue>().Codes.Marks);
        return PageForm.Page<AssessPage>(new Dictionary<string, object?> { ["Visit"] = visit, ["View"] = view, ["Refused"] = refused }, status);
    }
}
