using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>Who asks for something, whichever interface they come through.</summary>
/// <param name="Cause">Id of the request.</param>
/// <param name="Expected">The version that was decided on; null leaves that open.</param>
public sealed record Asking(Caller Caller, string Cause, long? Expected, CancellationToken Cancellation);

/// <summary>
/// Where coordinators, experts and integrating systems meet assemblies: who may see one, and who may act on it. Each command stands in its feature's file.
/// A coordinator sees the area's, an expert those that they are or were invited to, an integrating system (experts.write) all.
/// </summary>
public sealed partial class TeamsDesk(StreamStore streams, PoolReader pool, TeamPolicies policies, Catalogue catalogue, KeyedHash textIds, Narratives.NarrativesClient narratives, TimeProvider clock)
{
    private const int MostInvitations = 500;

    internal static readonly Rejection NothingComposed = new("team-assembly.nothing-composed", "No team has been composed for this consultation.");
    private static readonly Rejection OnlyCoordinators = new(Problems.NotAllowed, "Only the area's coordinators may do this.", RejectionKind.NotAllowed);
    private static readonly Rejection OnlyWhoComposes = new(Problems.NotAllowed, "Only coordinators and integrating systems may do this.", RejectionKind.NotAllowed);

    /// <exception cref="RejectedException">There is none, or it is not the caller's to see.</exception>
    public async Task<AssemblyView> Visible(Guid id, Asking asking) =>
        await streams.Load<AssemblyView>(id, asking.Cancellation) is { } view && MaySee(view, asking.Caller) ? view : throw new RejectedException(Assembly.NotStarted);

    /// <summary>The caller's invitations, the newest assemblies first: an expert's own, a coordinator's area's, all of them for an integrating system.</summary>
    public async Task<IReadOnlyList<(AssemblyView Of, InvitationView Invitation)>> Invitations(Asking asking)
    {
        var (condition, parameters) = Seen(asking.Caller);
        var views = await streams.Query<AssemblyView>($"{condition} order by id desc limit {MostInvitations}", asking.Cancellation, parameters);
        return [.. views.SelectMany(view => view.Invitations.Where(invitation => MaySee(invitation, asking.Caller)).Select(invitation => (view, invitation)))];
    }

    /// <summary>The newest composition as it was recorded. Why others are not in the team is for the coordinators; an expert sees why they themselves are.</summary>
    /// <exception cref="RejectedException">None was composed.</exception>
    public static RecordedComposition Newest(AssemblyView view, Caller caller) => view.Compositions is not [.., var last]
        ? throw new RejectedException(NothingComposed)
        : caller.Claim(ClaimNames.Expert) is null ? last : last with { Team = last.Team with { Alternatives = [] } };

    private static bool SeesAll(Caller caller) => Caller.HasScope(caller.Principal, Scopes.ExpertsWrite);

    private static bool IsCoordinatorOf(AssemblyView view, Caller caller) =>
        caller.Claim(ClaimNames.Area) == view.Area && Caller.HasScope(caller.Principal, Scopes.QueuesAct);

    internal static bool MaySee(AssemblyView view, Caller caller) =>
        SeesAll(caller) || IsCoordinatorOf(view, caller) || (view.Status is not (AssemblyStatus.Answered or AssemblyStatus.Disbanded or AssemblyStatus.Cancelled) && view.Invitations.Any(invitation => invitation.Status is InvitationStatus.Open or InvitationStatus.Accepted or InvitationStatus.Confirmed && IsTheirs(invitation, caller)));

    internal static bool MaySee(InvitationView invitation, Caller caller) => caller.Claim(ClaimNames.Expert) is null || (invitation.InvitedAt is not null && IsTheirs(invitation, caller));

    private static bool IsTheirs(InvitationView invitation, Caller caller) => caller.Claim(ClaimNames.Expert) == invitation.ExpertId.ToString();

    private static (string Condition, object[] Parameters) Seen(Caller caller) => caller switch
    {
        _ when caller.Claim(ClaimNames.Expert) is { } expert && Guid.TryParse(expert, out var id) => ("where data->'invitations' @> jsonb_build_array(jsonb_build_object('expertId', ?::text))", [id.ToString()]),
        _ when SeesAll(caller) => ("where true", []),
        _ => ("where area = ?", [caller.Claim(ClaimNames.Area) ?? string.Empty]),
    };

    /// <summary>An expert does not hear what others have answered.</summary>
    internal static bool IsAbout(FeedEntry entry, AssemblyView view, Caller caller) =>
        entry.PartId is not { } part || view.Invitations.Any(invitation => invitation.Id == part && MaySee(invitation, caller));

    private async Task<AssemblyView> Known(Guid id, CancellationToken cancellation) =>
        await streams.Load<AssemblyView>(id, cancellation) ?? throw new RejectedException(Assembly.NotStarted);

    /// <summary>Decides on an assembly that the caller may act on, in one transaction with what the decision looks up.</summary>
    private async Task<AssemblyView> Deciding(AssemblyView view, Asking asking, Func<Work, AssemblyView, Task<Func<Assembly, Decision<AssemblyEvent>>>> prepare)
    {
        var id = view.Id;
        var outcome = await streams.InOneTransaction(
            new Origin(asking.Caller.Subject, id.ToString(), asking.Cause),
            async work =>
            {
                var decide = await prepare(work, view);
                var decided = await work.Decide(Assembly.Aggregate, id, decide, asking.Expected, asking.Cancellation);
                Around.Remember(work, decided);
                return decided;
            },
            asking.Cancellation);
        if (outcome.Rejection is { } rejection)
        {
            throw new RejectedException(rejection);
        }

        // Where nothing changed, somebody else may have changed it since it was read above.
        return outcome.View as AssemblyView ?? await streams.Load<AssemblyView>(id, asking.Cancellation) ?? view;
    }

    private async Task<AssemblyView> OfCoordinator(Guid id, Asking asking, Func<Work, AssemblyView, Task<Func<Assembly, Decision<AssemblyEvent>>>> prepare)
    {
        var view = await Visible(id, asking);
        return IsCoordinatorOf(view, asking.Caller) ? await Deciding(view, asking, prepare) : throw new RejectedException(OnlyCoordinators);
    }

    /// <summary>Only the invited expert answers an invitation; to everybody else there is none.</summary>
    private async Task<AssemblyView> OfInvited(Guid invitation, Asking asking, Func<Work, AssemblyView, Task<Func<Assembly, Decision<AssemblyEvent>>>> prepare)
    {
        var found = await streams.Query<AssemblyView>("where data->'invitations' @> jsonb_build_array(jsonb_build_object('id', ?::text))", asking.Cancellation, invitation.ToString());
        return found is [var view] && view.Invitations.Any(known => known.Id == invitation && IsTheirs(known, asking.Caller))
            ? await Deciding(view, asking, prepare)
            : throw new RejectedException(Assembly.InvitationUnknown);
    }
}
