using Grpc.Core;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.TeamAssembly.V1;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>The invited expert joins; their hours are to be confirmed.</summary>
public static class AcceptInvitation
{
    public static readonly Rejection NotOpen = new("team-assembly.invitation-not-open", "The invitation is not open any more.");

    public sealed record Command(Guid InvitationId, DateTimeOffset Now);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command) => state.Invitation(command.InvitationId) switch
    {
        null => Assembly.InvitationUnknown,
        { Status: InvitationStatus.Accepted or InvitationStatus.Confirmed } => Decision<AssemblyEvent>.Nothing,
        { Status: not InvitationStatus.Open } => NotOpen,
        { RespondBy: { } by } when by <= command.Now => NotOpen,
        var invitation => (AssemblyEvent[])
        [
            new InvitationAccepted(state.Id, invitation.Id, state.Area, invitation.ExpertId, command.Now),
            new ConfirmationRequested(state.Id, invitation.Id, invitation.ExpertId, invitation.Round, command.Now),
        ],
    };
}

public sealed partial class TeamsService
{
    public override async Task<Team> AcceptInvitation(AcceptInvitationRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var invitation = Inputs.Id(request.InvitationId, "invitation_id");
        return await OfInvited(invitation, context, (_, assembly) => Task.FromResult<Func<Assembly, Decision<AssemblyEvent>>>(
            state => Assemblies.AcceptInvitation.Decide(state, new AcceptInvitation.Command(invitation, clock.GetUtcNow()))));
    }
}
