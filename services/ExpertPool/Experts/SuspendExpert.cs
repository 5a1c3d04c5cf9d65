using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.ExpertPool.V1;

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

public sealed partial class ExpertsService
{
    [Authorize(Scopes.ExpertsWrite)]
    public override Task<Wire.Expert> Suspend(Wire.SuspendRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var command = new SuspendExpert.Command(ExpertMessages.Id(request.ExpertId), ExpertRules.ReasonCode(request.ReasonCode), clock.GetUtcNow());
        return Answer(command.ExpertId, state => SuspendExpert.Decide(state, command), context);
    }
}
