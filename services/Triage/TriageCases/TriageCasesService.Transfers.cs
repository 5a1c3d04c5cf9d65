using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using Wire = OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Transfers between areas: who has the case offers it, its coordinating team decides where it has to, and the other area answers.</summary>
public sealed partial class TriageCasesService
{
    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> ProposeTransfer(Wire.ProposeTransferRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var entry = await OfOwnArea(Id(request.Id), caller, context.CancellationToken);
        if (catalogue.Areas.All(area => area.Code != request.Area))
        {
            throw new InvalidInputException("area", "Not a known code of this list.");
        }

        var command = new ProposeTransfer.Command(request.Area, request.ReasonCode, caller.Subject, policies.Named(entry.PolicyVersion), clock.GetUtcNow());
        return await Change(entry, state => TriageCases.ProposeTransfer.Decide(state, command), request.ExpectedVersion, context);
    }

    [Authorize(Scopes.TransfersDecide)]
    public override async Task<Wire.TriageCase> DecideTransfer(Wire.DecideTransferRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var entry = await OfOwnArea(Id(request.Id), caller, context.CancellationToken);
        var command = new DecideTransfer.Command(request.Allowed, request.ReasonCode, caller.Subject, policies.Named(entry.PolicyVersion), clock.GetUtcNow());
        return await Change(entry, state => TriageCases.DecideTransfer.Decide(state, command), request.ExpectedVersion, context);
    }

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> AcceptTransfer(Wire.AcceptTransferRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (entry, area) = await OfferedToCaller(Id(request.Id), context);
        var command = new AcceptTransfer.Command(area, CallerOf(context).Subject, policies.Named(entry.PolicyVersion), clock.GetUtcNow());
        var outcome = await streams.InOneTransaction(
            Origin(entry, context),
            async work => Held(await JointMatter.Move(work, entry.Id, area, state => TriageCases.AcceptTransfer.Decide(state, command), context.CancellationToken)),
            context.CancellationToken);
        return Answer(outcome.View as RoutingQueueEntry ?? entry, context);
    }

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> ReturnTransfer(Wire.ReturnTransferRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (entry, area) = await OfferedToCaller(Id(request.Id), context);
        var command = new ReturnTransfer.Command(area, request.ReasonCode, policies.Named(entry.PolicyVersion), clock.GetUtcNow());
        return await Change(entry, state => TriageCases.ReturnTransfer.Decide(state, command), 0, context);
    }

    /// <summary>What was not taken is gone for the other area, except for the same words once more.</summary>
    private async Task<(RoutingQueueEntry Entry, string Area)> OfferedToCaller(Guid id, ServerCallContext context) =>
        await streams.Load<RoutingQueueEntry>(id, context.CancellationToken) is { Transfer: { Status: TransferStatus.Proposed or TransferStatus.Accepted or TransferStatus.Returned } transfer } entry
            && CallerOf(context).Claim(ClaimNames.Area) is { } own && own == transfer.ToArea
            ? (entry, own)
            : throw new RejectedException(TriageCases.AcceptTransfer.NotProposed);
}
