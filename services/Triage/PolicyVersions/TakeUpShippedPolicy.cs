using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.PolicyVersions;

/// <summary>The policies that the product is shipped with are taken up once; a newer shipped one becomes the next version, from then on.</summary>
public static class TakeUpShippedPolicy
{
    public static readonly Rejection DoesNotFit = new("triage.policy-shipped-faulty", "The shipped policy does not fit to what areas have published; what is in force stays.");

    /// <param name="FaultsOf">What is wrong with a document beside those that were published.</param>
    public sealed record Command(PolicyPage Shipped, Func<string, IReadOnlyList<PolicyFault>> FaultsOf, DateTimeOffset Now);

    public static Decision<PolicyEvent> Decide(PolicyHistory state, Command command) => (state, command.Shipped) switch
    {
        _ when command.Shipped.Version <= state.Shipped => Decision<PolicyEvent>.Nothing,
        ({ LastVersion: > 0 }, var shipped) when command.FaultsOf(shipped.Content).Count > 0 => DoesNotFit,
        ({ LastVersion: 0 }, var shipped) => Published(shipped, shipped.Version, shipped.TakesEffectAt, command.Now),
        (var known, var shipped) => Published(shipped, Math.Max(known.LastVersion + 1, shipped.Version), shipped.TakesEffectAt > command.Now ? shipped.TakesEffectAt : command.Now, command.Now),
    };

    private static PolicyPublished Published(PolicyPage shipped, int version, DateTimeOffset takesEffectAt, DateTimeOffset now)
    {
        var from = DateOnly.FromDateTime(takesEffectAt.UtcDateTime);
        return new PolicyPublished(
            PolicyHistory.IdOf(shipped.Code),
            shipped.Code,
            version,
            PublishPolicy.Stamped(shipped.Content, shipped.Code, version, from),
            from,
            takesEffectAt,
            PolicyPublished.ByPlatform,
            PolicyPublished.ShippedWithProduct,
            now,
            ShippedVersion: shipped.Version);
    }
}
