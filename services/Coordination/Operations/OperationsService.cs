using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Messaging;
using OtPlatform.Protos.Coordination.V1;
using WireFault = OtPlatform.Protos.Coordination.V1.Fault;

namespace OtPlatform.Coordination.Operations;

/// <summary>Failed messages of all services: seen without their content, and put back when their cause is mended.</summary>
[Authorize(Policy = Scopes.Operations)]
public sealed partial class OperationsService(ErrorQueues errors, ILogger<OperationsService> logger) : Protos.Coordination.V1.Operations.OperationsBase
{
    private const int MostPerQueue = 1_000;

    public override async Task<FaultsResponse> Faults(FaultsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var response = new FaultsResponse();
        foreach (var queue in request.Queue.Length > 0 ? [Known(request.Queue)] : Topology.Subscriptions.Select(subscription => subscription.Queue))
        {
            response.Faults.AddRange((await errors.List(queue, MostPerQueue, context.CancellationToken)).Select(Wire));
        }

        return response;
    }

    public override async Task<RedriveResponse> Redrive(RedriveRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var queue = Known(request.Queue);
        var only = request.MessageIds.Select(id => Guid.TryParse(id, out var parsed) ? parsed : throw new InvalidInputException("message_ids", "Ids as Faults gives them.")).ToHashSet();
        var redriven = await errors.Redrive(queue, only, context.CancellationToken);
        Redriven(logger, redriven, queue);
        return new RedriveResponse { Redriven = redriven };
    }

    private static string Known(string queue) =>
        Topology.Subscriptions.Any(subscription => subscription.Queue == queue) ? queue : throw new InvalidInputException("queue", "Not a queue of the platform.");

    private static WireFault Wire(Platform.Messaging.Fault fault) => new()
    {
        Queue = fault.Queue,
        MessageId = fault.MessageId.ToString(),
        Message = fault.Message,
        Source = fault.Source,
        StreamId = fault.StreamId?.ToString() ?? string.Empty,
        StreamVersion = fault.StreamVersion ?? 0,
        Reason = fault.Reason,
        FailedAt = fault.FailedAt?.ToTimestamp(),
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} failed messages were put back into {Queue}")]
    private static partial void Redriven(ILogger logger, int count, string queue);
}
