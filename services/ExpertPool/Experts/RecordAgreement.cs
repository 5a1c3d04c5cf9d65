using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>The expert's organisation agrees to give working time from a day on, until another or open-ended.</summary>
public static class RecordAgreement
{
    public sealed record Command(Guid ExpertId, Agreement Agreement, DateTimeOffset Now);

    public static Decision<ExpertEvent> Decide(Expert state, Command command) => state switch
    {
        { Facts: null } => Expert.NotRegistered,
        { Facts.Agreement: { } known } when known == command.Agreement => Decision<ExpertEvent>.Nothing,
        _ => new AgreementRecorded(command.ExpertId, command.Agreement, command.Now),
    };
}

public sealed partial class ExpertsService
{
    [Authorize(Scopes.ExpertsWrite)]
    public override Task<Wire.Expert> RecordAgreement(Wire.RecordAgreementRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var agreement = ExpertRules.AgreementOf(request.From, request.Until, "$.from", "$.until", required: true)!;
        var command = new RecordAgreement.Command(ExpertMessages.Id(request.ExpertId), agreement, clock.GetUtcNow());
        return Answer(command.ExpertId, state => Experts.RecordAgreement.Decide(state, command), context);
    }
}
