using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Console.Policies;

/// <summary>The draft that an editor has looked at becomes the next version, from a day on.</summary>
public static class PublishPolicy
{
    public static void MapPublishPolicy(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPolicyForm("publication", async (rules, http, view, typed) =>
        {
            var answer = await rules.Publish(http, new PublishPolicyRequest
            {
                Code = view.Code,
                DraftId = typed.Value("draftId") ?? string.Empty,
                EffectiveFrom = typed.Value("from") ?? string.Empty,
                ExpectedVersion = typed.Number("version"),
            });
            return answer.Refusal is { } refusal ? await ShowPolicy.Refused(http, view, typed, refusal) : PageForm.SeeOther(http, $"{view.Address}?done=policy-publication");
        });
}
