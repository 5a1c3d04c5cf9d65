using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>The expert is not asked any more until registered anew. Held hours stay held, but can no longer be confirmed.</summary>
public static class SuspendExpert
{
    public sealed record Command(Guid ExpertId, string ReasonCode, DateTimeOffset Now);

    public static Decision<ExpertEvent> Decide(Expert state, Command command) => state switch
    {
        { Facts: null } => Expert.NotRegistered,
        { Suspended: true } => Decision<ExpertEvent>.Nothing,
        _ => new ExpertSuspended(command.ExpertId, command.ReasonCode, command.Now),
    };
}
