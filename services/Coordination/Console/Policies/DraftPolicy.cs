using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Console.Policies;

/// <summary>An editor writes what the next version of a policy shall be, setting by setting, with a reason; or has it checked without keeping it.</summary>
public static class DraftPolicy
{
    public static void MapDraftPolicy(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPolicyForm("draft", async (rules, http, view, typed) =>
        {
            var document = PolicySettings.Filled(view.Draft, typed, out var wrong);
            if (wrong.Count > 0)
            {
                return Unreadable(http, view, typed, wrong);
            }

            var answer = await rules.Draft(http, new DraftPolicyRequest
            {
                Code = view.Code,
                DocumentJson = document.ToJsonString(),
                ReasonCode = typed.Value("reason") ?? string.Empty,
                ExpectedVersion = typed.Number("version"),
            });
            return answer.Refusal is { } refusal ? await ShowPolicy.Refused(http, view, typed, refusal) : PageForm.SeeOther(http, $"{view.Address}?done=policy-draft");
        });
        endpoints.MapPolicyForm("check", async (rules, http, view, typed) =>
        {
            var document = PolicySettings.Filled(view.Draft, typed, out var wrong);
            if (wrong.Count > 0)
            {
                return Unreadable(http, view, typed, wrong);
            }

            var answer = await rules.Validate(http, view.Code, document.ToJsonString());
            return answer.Refusal is { } refusal
                ? await ShowPolicy.Refused(http, view, typed, refusal)
                : ShowPolicy.Page(http, view, new Edited(typed, null, [.. answer.Value!.Faults]), StatusCodes.Status200OK);
        });
    }

    private static IResult Unreadable(HttpContext http, PolicyView view, Typed typed, IReadOnlyList<string> paths)
    {
        var words = Visit.Of(http).Words;
        PolicyFault[] faults = [.. paths.Select(path => new PolicyFault { Path = $"$.{path}", Message = words["policies.noJson"] })];
        return ShowPolicy.Page(http, view, new Edited(typed, words["policies.faulty"], faults), StatusCodes.Status400BadRequest);
    }
}
