using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.PolicyVersions;

/// <summary>The policies that the product is shipped with are taken up once; a newer shipped version becomes the next one.</summary>
public static class TakeUpShippedPolicy
{
    public sealed record Command(PolicyPage Shipped, DateTimeOffset Now);

    public static Decision<PolicyEvent> Decide(PolicyHistory state, Command command) =>
        command.Shipped.Version <= state.LastVersion
            ? Decision<PolicyEvent>.Nothing
            : new PolicyPublished(
                PolicyHistory.IdOf(command.Shipped.Code),
                command.Shipped.Code,
                command.Shipped.Version,
                command.Shipped.Content,
                DateOnly.FromDateTime(command.Shipped.TakesEffectAt.UtcDateTime),
                command.Shipped.TakesEffectAt,
                PolicyPublished.ByPlatform,
                PolicyPublished.Shipped,
                command.Now);
}
