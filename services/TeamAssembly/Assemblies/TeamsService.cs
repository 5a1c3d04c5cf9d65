using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.TeamAssembly.V1;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>otplatform.teamassembly.v1.Teams: <see cref="TeamsDesk"/> over gRPC.</summary>
[Authorize(Scopes.TeamsAct)]
public sealed class TeamsService(TeamsDesk desk, StreamStore streams, FeedReader feed) : Teams.TeamsBase
{
    public override async Task<Team> Get(GetTeamRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var asking = By(context);
        return Messages.Team(await desk.Visible(Inputs.Id(request.Id, "id"), asking), asking.Caller);
    }

    public override async Task<TeamExplanation> Explain(GetTeamRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var asking = By(context);
        var view = await desk.Visible(Inputs.Id(request.Id, "id"), asking);
        return Messages.Explanation(view.Id, TeamsDesk.Newest(view, asking.Caller), view.PolicyVersion);
    }

    public override async Task<TeamExplanation> Propose(ProposeRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var needs = request.Needs.Select(need => new WantedNeed(need.Kind, need.Code, Hours(need.WeeklyHours), need.Weeks, need.Once)).ToList();
        var (composed, version) = await desk.Propose(new Wanted(request.County, request.Language, request.Channel, needs), new WantedFields("needs", "county"), By(context));
        return Messages.Explanation(Guid.Empty, composed, version);
    }

    public override async Task<ListInvitationsResponse> ListInvitations(ListInvitationsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new ListInvitationsResponse
        {
            Invitations = { (await desk.Invitations(By(context))).Select(found => Messages.Invitation(found.Of, found.Invitation)).Where(invitation => request.Status.Length == 0 || invitation.Status == request.Status) },
        };
    }

    public override async Task<Team> Invite(InviteRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await Answer(desk.Invite(Inputs.Id(request.Id, "id"), Inputs.Id(request.ExpertId, "expert_id"), [.. request.Needs], By(context)), context);
    }

    public override async Task<Team> AcceptInvitation(AcceptInvitationRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await Answer(desk.Accept(Inputs.Id(request.InvitationId, "invitation_id"), By(context)), context);
    }

    public override async Task<Team> DeclineInvitation(DeclineInvitationRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await Answer(desk.Decline(Inputs.Id(request.InvitationId, "invitation_id"), request.ReasonCode, "reason_code", By(context)), context);
    }

    public override async Task<Team> AnswerConsultation(AnswerConsultationRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var answer = new GivenAnswer(request.Text, [.. request.Knowledge]);
        return await Answer(desk.Answer(Inputs.Id(request.Id, "id"), answer, new AnswerFields("text", "knowledge"), By(context)), context);
    }

    public override async Task<Team> Disband(DisbandRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await Answer(desk.Disband(Inputs.Id(request.Id, "id"), request.OutcomeCode, "outcome_code", By(context)), context);
    }

    public override async Task Watch(WatchTeamsRequest request, IServerStreamWriter<TeamChange> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(responseStream);
        var caller = By(context).Caller;
        await foreach (var entry in feed.Resume(request.AfterPosition, context.CancellationToken))
        {
            if (await streams.Load<AssemblyView>(entry.StreamId, context.CancellationToken) is { } view && TeamsDesk.MaySee(view, caller) && TeamsDesk.IsAbout(entry, view, caller))
            {
                await responseStream.WriteAsync(Messages.Change(entry, view, caller), context.CancellationToken);
            }
        }
    }

    // What is no number of hours stays none.
    private static decimal Hours(double hours) => double.IsFinite(hours) ? (decimal)Math.Clamp(hours, -1, 1_000) : -1;

    private static Asking By(ServerCallContext context) => new(Caller.From(context.GetHttpContext().User), context.GetHttpContext().TraceIdentifier, null, context.CancellationToken);

    private static async Task<Team> Answer(Task<AssemblyView> acting, ServerCallContext context) => Messages.Team(await acting, By(context).Caller);
}
