using OtPlatform.Platform.Streams;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>
/// The requester has reopened the request. Withdrawal and reopening come over two queues without a common order; the requester's own
/// times tell which was the later.
/// </summary>
public static class ReopenAssembly
{
    public sealed record Command(Guid AssemblyId, DateTimeOffset ReopenedAt, DateTimeOffset Now);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command) => state switch
    {
        { Erased: true } => Decision<AssemblyEvent>.Nothing,
        { ReopenedAt: { } known } when known >= command.ReopenedAt => Decision<AssemblyEvent>.Nothing,
        { IsOver: true } => new AssemblyReopened(command.AssemblyId, state.Area, command.ReopenedAt),
        _ => (List<AssemblyEvent>)
        [
            .. CancelAssembly.Events(state, state.Area, CancelAssembly.BackInTriage, command.Now),
            new AssemblyReopened(command.AssemblyId, state.Area, command.ReopenedAt),
        ],
    };
}
