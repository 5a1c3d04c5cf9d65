using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using Wire = OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Triage.TriageCases;

/// <summary>What others add to the judgement of a case: results of outside tools, and whether many services need somebody who keeps them together.</summary>
public sealed partial class TriageCasesService
{
    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> RecordProfile(Wire.RecordProfileRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var entry = await OfOwnArea(Id(request.Id), caller, context.CancellationToken);
        var now = clock.GetUtcNow();
        var body = new RecordProfileBody(
            request.Tool, request.Source, TriageCases.RecordProfile.Day(request.MadeOn, "made_on"), request.Result, request.HasNetworkCoordinator ? request.NetworkCoordinator : null);
        var command = new RecordProfile.Command(TriageCases.RecordProfile.Known(body, string.Empty, "made_on", now), caller.Subject, now);
        return await Change(entry, state => TriageCases.RecordProfile.Decide(state, command), request.ExpectedVersion, context);
    }

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> SetNetworkCoordinator(Wire.SetNetworkCoordinatorRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var entry = await OfOwnArea(Id(request.Id), caller, context.CancellationToken);
        var needed = request.HasNeeded ? request.Needed : throw new InvalidInputException("needed", "Required.");
        var command = new SetNetworkCoordinator.Command(needed, request.ReasonCode, caller.Subject, policies.Named(entry.PolicyVersion), clock.GetUtcNow());
        return await Change(entry, state => TriageCases.SetNetworkCoordinator.Decide(state, command), request.ExpectedVersion, context);
    }
}
