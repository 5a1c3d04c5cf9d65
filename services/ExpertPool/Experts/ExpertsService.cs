using Grpc.Core;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>otplatform.expertpool.v1.Experts; each method stands in its feature's file. The rules are those of REST.</summary>
public sealed partial class ExpertsService(StreamStore streams, Catalogue catalogue, Units units, TimeProvider clock) : Wire.Experts.ExpertsBase
{
    private DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    private static Caller CallerOf(ServerCallContext context) => Caller.From(context.GetHttpContext().User);

    private async Task<Wire.Expert> Answer(Guid id, Func<Expert, Decision<ExpertEvent>> decide, ServerCallContext context)
    {
        var (_, entry) = await Decided(id, decide, context);
        return ExpertMessages.Of(entry, Today);
    }

    private async Task<(Outcome<Expert> Outcome, ExpertDirectoryEntry Entry)> Decided(Guid id, Func<Expert, Decision<ExpertEvent>> decide, ServerCallContext context)
    {
        var origin = new Origin(CallerOf(context).Subject, id.ToString(), context.GetHttpContext().TraceIdentifier);
        var outcome = await streams.Decide(Expert.Aggregate, id, decide, origin, context.CancellationToken);
        return outcome.Rejection is { } rejection
            ? throw new RejectedException(rejection)
            : (outcome, await ExpertDirectory.After(outcome, id, streams, context.CancellationToken));
    }
}
