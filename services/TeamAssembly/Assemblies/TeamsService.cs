using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>
/// otplatform.teamassembly.v1.Teams: who may see an assembly, and reading it. Each command stands in its feature's file.
/// A coordinator sees the area's, an expert those that they are or were invited to, an integrating system (experts.write) all.
/// </summary>
[Authorize(Scopes.TeamsAct)]
public sealed partial class TeamsService(StreamStore streams, FeedReader feed, PoolReader pool, TeamPolicies policies, Catalogue catalogue, KeyedHash textIds, Narratives.NarrativesClient narratives, TimeProvider clock) : Teams.TeamsBase
{
    private const int MostInvitations = 500;

    public override async Task<Team> Get(GetTeamRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        return Messages.Team(await Visible(Inputs.Id(request.Id, "id"), caller, context.CancellationToken), caller);
    }

    public override async Task<TeamExplanation> Explain(GetTeamRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var view = await Visible(Inputs.Id(request.Id, "id"), caller, context.CancellationToken);
        return Messages.Explanation(view, caller) ?? throw new RejectedException(new Rejection("team-assembly.nothing-composed", "No team has been composed for this consultation."));
    }

    public override async Task<ListInvitationsResponse> ListInvitations(ListInvitationsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var (condition, parameters) = Seen(caller);
        var views = await streams.Query<AssemblyView>($"{condition} order by id desc limit {MostInvitations}", context.CancellationToken, parameters);
        return new ListInvitationsResponse
        {
            Invitations =
            {
                views.SelectMany(view => view.Invitations.Where(invitation => MaySee(invitation, caller)).Select(invitation => Messages.Invitation(view, invitation)))
                    .Where(invitation => request.Status.Length == 0 || invitation.Status == request.Status),
            },
        };
    }

    public override async Task Watch(WatchTeamsRequest request, IServerStreamWriter<TeamChange> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(responseStream);
        var caller = CallerOf(context);
        await foreach (var entry in feed.Resume(request.AfterPosition, context.CancellationToken))
        {
            if (await streams.Load<AssemblyView>(entry.StreamId, context.CancellationToken) is { } view && MaySee(view, caller) && IsAbout(entry, view, caller))
            {
                await responseStream.WriteAsync(Messages.Change(entry, view, caller), context.CancellationToken);
            }
        }
    }

    private static Caller CallerOf(ServerCallContext context) => Caller.From(context.GetHttpContext().User);

    private static bool SeesAll(Caller caller) => Caller.HasScope(caller.Principal, Scopes.ExpertsWrite);

    private static bool IsCoordinatorOf(AssemblyView view, Caller caller) =>
        caller.Claim(ClaimNames.Area) == view.Area && Caller.HasScope(caller.Principal, Scopes.QueuesAct);

    private static bool MaySee(AssemblyView view, Caller caller) =>
        SeesAll(caller) || IsCoordinatorOf(view, caller) || (view.Status is not (AssemblyStatus.Answered or AssemblyStatus.Disbanded or AssemblyStatus.Cancelled) && view.Invitations.Any(invitation => invitation.Status is InvitationStatus.Open or InvitationStatus.Accepted or InvitationStatus.Confirmed && IsTheirs(invitation, caller)));

    private static bool MaySee(InvitationView invitation, Caller caller) => caller.Claim(ClaimNames.Expert) is null || (invitation.InvitedAt is not null && IsTheirs(invitation, caller));

    private static bool IsTheirs(InvitationView invitation, Caller caller) => caller.Claim(ClaimNames.Expert) == invitation.ExpertId.ToString();

    private static (string Condition, object[] Parameters) Seen(Caller caller) => caller switch
    {
        _ when caller.Claim(ClaimNames.Expert) is { } expert && Guid.TryParse(expert, out var id) => ("where data->'invitations' @> jsonb_build_array(jsonb_build_object('expertId', ?::text))", [id.ToString()]),
        _ when SeesAll(caller) => ("where true", []),
        _ => ("where area = ?", [caller.Claim(ClaimNames.Area) ?? string.Empty]),
    };

    /// <summary>An expert does not hear what others have answered.</summary>
    private static bool IsAbout(FeedEntry entry, AssemblyView view, Caller caller) =>
        entry.PartId is not { } part || view.Invitations.Any(invitation => invitation.Id == part && MaySee(invitation, caller));

    private async Task<AssemblyView> Known(Guid id, CancellationToken cancellation) =>
        await streams.Load<AssemblyView>(id, cancellation) ?? throw new RejectedException(Assembly.NotStarted);

    private async Task<AssemblyView> Visible(Guid id, Caller caller, CancellationToken cancellation) =>
        await streams.Load<AssemblyView>(id, cancellation) is { } view && MaySee(view, caller) ? view : throw new RejectedException(Assembly.NotStarted);

    /// <summary>Decides on an assembly that the caller may act on, in one transaction with what the decision looks up.</summary>
    private async Task<Team> Deciding(AssemblyView view, ServerCallContext context, Func<Work, AssemblyView, Task<Func<Assembly, Decision<AssemblyEvent>>>> prepare)
    {
        var caller = CallerOf(context);
        var id = view.Id;
        var outcome = await streams.InOneTransaction(
            new Origin(caller.Subject, id.ToString(), context.GetHttpContext().TraceIdentifier),
            async work =>
            {
                var decide = await prepare(work, view);
                var decided = await work.Decide(Assembly.Aggregate, id, decide, null, context.CancellationToken);
                Around.Remember(work, decided);
                return decided;
            },
            context.CancellationToken);
        if (outcome.Rejection is { } rejection)
        {
            throw new RejectedException(rejection);
        }

        // Where nothing changed, somebody else may have changed it since it was read above.
        return Messages.Team(outcome.View as AssemblyView ?? await streams.Load<AssemblyView>(id, context.CancellationToken) ?? view, caller);
    }

    private async Task<Team> OfCoordinator(Guid id, ServerCallContext context, Func<Work, AssemblyView, Task<Func<Assembly, Decision<AssemblyEvent>>>> prepare)
    {
        var caller = CallerOf(context);
        var view = await Visible(id, caller, context.CancellationToken);
        return IsCoordinatorOf(view, caller)
            ? await Deciding(view, context, prepare)
            : throw GrpcProblems.Of(StatusCode.PermissionDenied, Problems.NotAllowed, "Only the area's coordinators may do this.");
    }

    /// <summary>Only the invited expert answers an invitation; to everybody else there is none.</summary>
    private async Task<Team> OfInvited(Guid invitation, ServerCallContext context, Func<Work, AssemblyView, Task<Func<Assembly, Decision<AssemblyEvent>>>> prepare)
    {
        var caller = CallerOf(context);
        var found = await streams.Query<AssemblyView>("where data->'invitations' @> jsonb_build_array(jsonb_build_object('id', ?::text))", context.CancellationToken, invitation.ToString());
        return found is [var view] && view.Invitations.Any(known => known.Id == invitation && IsTheirs(known, caller))
            ? await Deciding(view, context, prepare)
            : throw new RejectedException(Assembly.InvitationUnknown);
    }
}
