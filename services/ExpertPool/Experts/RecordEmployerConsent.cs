using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>Whether the employer gives working time for detachments (C-76).</summary>
public static class RecordEmployerConsent
{
    public sealed record Command(Guid ExpertId, bool Consents, DateTimeOffset Now);

    public static Decision<ExpertEvent> Decide(Expert state, Command command) => state switch
    {
        { Facts: null } => Expert.NotRegistered,
        { Facts: { } known } when known.EmployerConsents == command.Consents => Decision<ExpertEvent>.Nothing,
        _ => new EmployerConsentRecorded(command.ExpertId, command.Consents, command.Now),
    };
}

public sealed partial class ExpertsService
{
    [Authorize(Scopes.ExpertsWrite)]
    public override Task<Wire.Expert> RecordEmployerConsent(Wire.RecordEmployerConsentRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var command = new RecordEmployerConsent.Command(ExpertMessages.Id(request.ExpertId), request.Consents, clock.GetUtcNow());
        return Answer(command.ExpertId, state => Experts.RecordEmployerConsent.Decide(state, command), context);
    }
}
