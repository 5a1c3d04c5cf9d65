using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.KnowledgeHolders;
using OtPlatform.Triage.Policies;
using Wire = OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Triage.TriageCases;

/// <summary>
/// otplatform.triage.v1.TriageCases. A coordinator sees the area's cases and those that the area is asked to take, a receiver those that are referred to it, an invited expert the one that they are to assess; the rules are those of REST.
/// </summary>
public sealed partial class TriageCasesService(StreamStore streams, AreaPolicies policies, TimeProvider clock, Catalogue catalogue) : Wire.TriageCases.TriageCasesBase
{
    [Authorize]
    public override async Task<Wire.TriageCase> Get(Wire.GetCaseRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var entry = await Readable(Id(request.Id), context, assesses: true);
        var answer = Answer(entry, context);
        if (answer.AllowedRoutes.Contains(Assessment.CodeOf(Route.KnowledgeHolder)))
        {
            answer.KnowledgeHolders.Add((await streams.InForce(entry.Topics, clock.GetUtcNow(), context.CancellationToken)).Select(CaseMessages.Of));
        }

        return answer;
    }

    [Authorize]
    public override async Task<Wire.CaseExplanation> Explain(Wire.GetCaseRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var entry = await Readable(Id(request.Id), context);
        return CaseMessages.Explanation(entry, AssessRequests.TextIn(request.Language, catalogue), policies.Named(entry.PolicyVersion));
    }

    [Authorize(Scopes.QueuesRead)]
    public override Task<Wire.AssessmentExplanation> Assess(Wire.AssessRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Task.FromResult(AssessRequests.Of(request, CallerOf(context).Claim(ClaimNames.Area), policies, catalogue));
    }

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> DecideRoute(Wire.DecideRouteRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (caller, id) = (CallerOf(context), Id(request.Id));
        var entry = await OfOwnArea(id, caller, context.CancellationToken);
        var route = CaseMessages.Route(request.Route) ?? throw new InvalidInputException("route", "Not a known code of this list.");
        Guid? chosen = request.KnowledgeHolderId.Length == 0 ? null : Guid.TryParse(request.KnowledgeHolderId, out var given) ? given : throw new InvalidInputException("knowledge_holder_id", "A UUID is required.");
        var now = clock.GetUtcNow();
        var holder = await streams.Chosen(chosen, now, context.CancellationToken);
        var command = new DecideRoute.Command(
            route, request.ReasonCode.Length == 0 ? null : request.ReasonCode, request.HasNetworkCoordinator ? request.NetworkCoordinator : null, policies.Named(entry.PolicyVersion), caller.Subject, now, holder);
        return await Change(entry, state => TriageCases.DecideRoute.Decide(state, command), request.ExpectedVersion, context);
    }

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> Claim(Wire.ClaimRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var entry = await OfOwnArea(Id(request.Id), caller, context.CancellationToken);
        var command = new ClaimCase.Command(caller.Subject, request.TakeOver, request.ReasonCode, policies.Named(entry.PolicyVersion), clock.GetUtcNow());
        return await Change(entry, state => ClaimCase.Decide(state, command), request.ExpectedVersion, context);
    }

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> Release(Wire.ReleaseRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var entry = await OfOwnArea(Id(request.Id), caller, context.CancellationToken);
        var command = new ReleaseCase.Command(caller.Subject, clock.GetUtcNow());
        return await Change(entry, state => ReleaseCase.Decide(state, command), request.ExpectedVersion, context);
    }

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> HandOver(Wire.HandOverRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var entry = await OfOwnArea(Id(request.Id), caller, context.CancellationToken);
        Guid? note = request.NoteTextId.Length == 0 ? null : Guid.TryParse(request.NoteTextId, out var given) ? given : throw new InvalidInputException("note_text_id", "A UUID is required.");
        var command = new HandOverCase.Command(caller.Subject, HandOverCase.Colleague(request.To), note, policies.Named(entry.PolicyVersion), clock.GetUtcNow());
        return await Change(entry, state => HandOverCase.Decide(state, command), request.ExpectedVersion, context);
    }

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> RequestInformation(Wire.RequestInformationRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var entry = await OfOwnArea(Id(request.Id), caller, context.CancellationToken);
        var asked = TriageCases.RequestInformation.Known([.. request.Asked], string.Empty);
        var command = new RequestInformation.Command(asked, caller.Subject, policies.Named(entry.PolicyVersion), clock.GetUtcNow());
        return await Change(entry, state => TriageCases.RequestInformation.Decide(state, command), request.ExpectedVersion, context);
    }

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> RecordScreening(Wire.RecordScreeningRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var entry = await OfOwnArea(Id(request.Id), caller, context.CancellationToken);
        var screening = TriageCases.RecordScreening.Scored(
            new ScreeningBody(request.Instrument, request.Version == 0 ? null : request.Version, request.Answers, [.. request.Participants]), catalogue, string.Empty);
        var command = new RecordScreening.Command(screening, caller.Subject, policies.Named(entry.PolicyVersion), clock.GetUtcNow());
        return await Change(entry, state => TriageCases.RecordScreening.Decide(state, command), request.ExpectedVersion, context);
    }

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> ProposeReferral(Wire.ProposeReferralRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (caller, id) = (CallerOf(context), Id(request.Id));
        var entry = await OfOwnArea(id, caller, context.CancellationToken);
        CaseCommands.ShortCode(request.Receiver, "receiver");
        var now = clock.GetUtcNow();
        var command = new ProposeReferral.Command(request.Receiver, caller.Subject, now, policies.Named(entry.PolicyVersion).ReferralDue(now));
        return await Change(entry, state => TriageCases.ProposeReferral.Decide(state, command), request.ExpectedVersion, context);
    }

    [Authorize(Scopes.TeamsAct)]
    public override async Task<Wire.TriageCase> AcceptReferral(Wire.AcceptReferralRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (entry, receiver) = await ReferredToCaller(Id(request.Id), context);
        var now = clock.GetUtcNow();
        var command = new AcceptReferral.Command(receiver, now, policies.Named(entry.PolicyVersion).AfterReferralDue(now));
        return await Change(entry, state => TriageCases.AcceptReferral.Decide(state, command), 0, context);
    }

    [Authorize(Scopes.TeamsAct)]
    public override async Task<Wire.TriageCase> ReturnReferral(Wire.ReturnReferralRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (entry, receiver) = await ReferredToCaller(Id(request.Id), context);
        var command = new ReturnReferral.Command(receiver, request.ReasonCode, policies.Named(entry.PolicyVersion), clock.GetUtcNow());
        return await Change(entry, state => TriageCases.ReturnReferral.Decide(state, command), 0, context);
    }

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> LinkCases(Wire.LinkCasesRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (caller, cancellation) = (CallerOf(context), context.CancellationToken);
        var entry = await OfOwnArea(Id(request.Id), caller, cancellation);
        var carrying = await OfOwnArea(Id(request.LeadId), caller, cancellation);
        var lead = carrying.LinkedTo ?? carrying.Id;
        if (carrying.Id == entry.Id)
        {
            throw new InvalidInputException("lead_id", "Another case than the one that is linked.");
        }

        if (lead == entry.Id)
        {
            throw new RejectedException(TriageCases.LinkCases.CarriesOthers);
        }

        var now = clock.GetUtcNow();
        var command = new LinkCases.Command(lead, caller.Subject, request.ReasonCode, now);
        var outcome = await streams.InOneTransaction(Origin(entry, context), async work =>
        {
            var linked = await work.Decide(TriageCase.Aggregate, entry.Id, RoutingQueue.StillIn(entry.Area, state => TriageCases.LinkCases.Decide(state, command)), Expected(request.ExpectedVersion), cancellation);
            if (linked.Changed)
            {
                var join = new JoinMatter.Command(entry.Id, linked.State.Own!, false, now, policies.For, now, IsRead: true);
                Held(await work.Decide(TriageCase.Aggregate, lead, RoutingQueue.StillIn(carrying.Area, state => TriageCases.LinkCases.Refused(state) is { } refused ? refused : JoinMatter.Decide(state, join)), null, cancellation));
            }

            return Held(linked);
        }, cancellation);
        return Answer(outcome.View as RoutingQueueEntry ?? entry, context);
    }

    [Authorize(Scopes.QueuesAct)]
    public override async Task<Wire.TriageCase> UnlinkCase(Wire.UnlinkCaseRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (caller, cancellation) = (CallerOf(context), context.CancellationToken);
        var entry = await OfOwnArea(Id(request.Id), caller, cancellation);
        var now = clock.GetUtcNow();
        var command = new LeaveMatter.Command(caller.Subject, request.ReasonCode, Waits: true, null, [], policies.For, now);
        var outcome = await streams.InOneTransaction(Origin(entry, context), async work =>
        {
            Guid? lead = TriageCase.Aggregate.Fold(await work.Past<TriageEvent>(entry.Id, cancellation)).Lead;
            var joined = lead is { } with ? TriageCase.Aggregate.Fold(await work.Past<TriageEvent>(with, cancellation)).Joined : [];
            var unlinked = await work.Decide(
                TriageCase.Aggregate,
                entry.Id,
                RoutingQueue.StillIn(entry.Area, state =>
                {
                    lead = state.Lead;
                    return TriageCases.UnlinkCase.Decide(state, command with { ApartFrom = [.. joined.Where(other => other != entry.Id)] });
                }),
                Expected(request.ExpectedVersion),
                cancellation);
            if (unlinked.Changed && lead is { } carrying)
            {
                await JointMatter.Drop(work, carrying, entry.Id, takesFacts: true, policies.For, now, cancellation);
            }

            return Held(unlinked);
        }, cancellation);
        return Answer(outcome.View as RoutingQueueEntry ?? entry, context);
    }

    private static Outcome<TriageCase> Held(Outcome<TriageCase> outcome) => outcome.Rejection is { } rejection ? throw new RejectedException(rejection) : outcome;

    private static long? Expected(long version) => version > 0 ? version : null;

    private static Origin Origin(RoutingQueueEntry entry, ServerCallContext context) => new(CallerOf(context).Subject, entry.Id.ToString(), context.GetHttpContext().TraceIdentifier);

    private async Task<Wire.TriageCase> Change(RoutingQueueEntry entry, Func<TriageCase, Decision<TriageEvent>> decide, long expected, ServerCallContext context)
    {
        var origin = new Origin(CallerOf(context).Subject, entry.Id.ToString(), context.GetHttpContext().TraceIdentifier);
        var outcome = await streams.Decide(TriageCase.Aggregate, entry.Id, RoutingQueue.StillIn(entry.Area, decide), origin, context.CancellationToken, expected > 0 ? expected : null);
        return outcome.Rejection is { } rejection ? throw new RejectedException(rejection) : Answer(outcome.View as RoutingQueueEntry ?? entry, context);
    }

    /// <summary>Who is only asked to take the case, or to assess it, decides nothing about it.</summary>
    private Wire.TriageCase Answer(RoutingQueueEntry entry, ServerCallContext context) =>
        CaseMessages.Case(entry, policies.Named(entry.PolicyVersion), decides: CallerOf(context) is var caller && (caller.Claim(ClaimNames.Area) == entry.Area || (entry.Transfer is null && ExpertOf(caller) is null)));

    private async Task<RoutingQueueEntry> Readable(Guid id, ServerCallContext context, bool assesses = false)
    {
        var caller = CallerOf(context);
        var reads = Caller.HasScope(caller.Principal, Scopes.QueuesRead);
        var receives = Caller.HasScope(caller.Principal, Scopes.TeamsAct);
        if (!reads && !receives)
        {
            throw GrpcProblems.Of(StatusCode.PermissionDenied, Problems.NotAllowed, "Your token does not allow this.");
        }

        return await streams.Load<RoutingQueueEntry>(id, context.CancellationToken) is { } entry
            && ((reads && entry.IsReadIn(caller.Claim(ClaimNames.Area))) || (receives && (IsReferredTo(entry, caller) || (assesses && IsAssessedBy(entry, caller)))))
            ? entry
            : throw new RejectedException(TriageCase.NotOpened);
    }

    private async Task<RoutingQueueEntry> OfOwnArea(Guid id, Caller caller, CancellationToken cancellation) =>
        await RoutingQueue.Visible(id, caller, streams, cancellation) ?? throw new RejectedException(TriageCase.NotOpened);

    /// <summary>What was sent back is gone for its receiver, except for the same words once more.</summary>
    private async Task<(RoutingQueueEntry Entry, string Receiver)> ReferredToCaller(Guid id, ServerCallContext context) =>
        await streams.Load<RoutingQueueEntry>(id, context.CancellationToken) is { Referral: { } referral } entry && CallerOf(context).Claim(ClaimNames.Organisation) is { } own && own == referral.Receiver
            ? (entry, own)
            : throw new RejectedException(TriageCases.AcceptReferral.NotReferred);

    private static bool IsReferredTo(RoutingQueueEntry entry, Caller caller) =>
        entry.Referral is { Status: ReferralStatus.Proposed or ReferralStatus.Accepted } referral && caller.Claim(ClaimNames.Organisation) == referral.Receiver;

    private static Caller CallerOf(ServerCallContext context) => Caller.From(context.GetHttpContext().User);

    private static Guid Id(string value) => Guid.TryParse(value, out var id) ? id : throw new InvalidInputException("id", "A UUID is required.");
}
