using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.PolicyVersions;

/// <summary>The policies that the product is shipped with are taken up once; a newer shipped version becomes the next one.</summary>
public static class TakeUpShippedPolicy
{
    public static Decision<PolicyEvent> Decide(PolicyHistory state, PolicyPage shipped, DateTimeOffset now) =>
        shipped.Version <= state.LastVersion
            ? Decision<PolicyEvent>.Nothing
            : new PolicyPublished(
                PolicyHistory.IdOf(shipped.Code),
                shipped.Code,
                shipped.Version,
                shipped.Content,
                DateOnly.FromDateTime(shipped.TakesEffectAt.UtcDateTime),
                shipped.TakesEffectAt,
                PolicyPublished.ByPlatform,
                PolicyPublished.Shipped,
                now);
}
