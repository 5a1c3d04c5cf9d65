using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using Wire = OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Triage.TriageCases;

/// <summary>What others add to the judgement of a case: results of outside tools, invited experts, and whether many services need somebody who keeps them together.</summary>
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

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> InviteAssessor(Wire.InviteAssessorRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var entry = await OfOwnArea(Id(request.Id), caller, context.CancellationToken);
        var expert = Guid.TryParse(request.ExpertId, out var given) ? given : throw new InvalidInputException("expert_id", "A UUID is required.");
        var now = clock.GetUtcNow();
        var command = new InviteAssessor.Command(expert, Ids.New(now), request.ReasonCode, caller.Subject, policies.Named(entry.PolicyVersion), now);
        return await Change(entry, state => TriageCases.InviteAssessor.Decide(state, command), request.ExpectedVersion, context);
    }

    [Authorize(Scopes.TeamsAct)]
    public override async Task<Wire.TriageCase> Contribute(Wire.ContributeRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var id = Id(request.Id);
        if (ExpertOf(CallerOf(context)) is not { } expert
            || await streams.Load<RoutingQueueEntry>(id, context.CancellationToken) is not { } entry
            || entry.Assessors.All(assessor => assessor.ExpertId != expert))
        {
            throw new RejectedException(TriageCases.Contribute.NotInvited);
        }

        var (marks, text) = TriageCases.Contribute.Known(request.Marks, request.TextId, catalogue);
        var command = new Contribute.Command(expert, marks, text, policies.Named(entry.PolicyVersion), clock.GetUtcNow());
        return await Change(entry, state => TriageCases.Contribute.Decide(state, command), 0, context);
    }

    private bool IsAssessedBy(RoutingQueueEntry entry, Caller caller) =>
        ExpertOf(caller) is { } expert && entry.Assessors.Any(assessor => assessor.ExpertId == expert && assessor.MayAssess(clock.GetUtcNow()));

    private static Guid? ExpertOf(Caller caller) => Guid.TryParse(caller.Claim(ClaimNames.Expert), out var expert) ? expert : null;
}
