using OtPlatform.Platform.Streams;

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

public sealed partial class TeamsDesk
{
    public Task<AssemblyView> Accept(Guid invitation, Asking asking) =>
        OfInvited(invitation, asking, (_, _) => Task.FromResult<Func<Assembly, Decision<AssemblyEvent>>>(
            state => AcceptInvitation.Decide(state, new AcceptInvitation.Command(invitation, clock.GetUtcNow()))));
}
