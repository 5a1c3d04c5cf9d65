using Grpc.Core;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.TeamAssembly.V1;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>The invited expert can not join: the hours go back and somebody else is sought at once, with the fewest changes.</summary>
public static class DeclineInvitation
{
    public static readonly Rejection AlreadyAccepted = new("team-assembly.invitation-accepted", "The invitation has been accepted.");

    public sealed record Command(Guid InvitationId, string ReasonCode, Surroundings Around);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command) => state.Invitation(command.InvitationId) switch
    {
        null => Assembly.InvitationUnknown,
        { Status: InvitationStatus.Declined } => Decision<AssemblyEvent>.Nothing,
        { Status: InvitationStatus.Accepted or InvitationStatus.Confirmed } => AlreadyAccepted,
        { Status: not InvitationStatus.Open } => Assemblies.AcceptInvitation.NotOpen,
        var invitation => WhatFollows.After(
            state,
            command.Around,
            new InvitationDeclined(state.Id, invitation.Id, state.Area, invitation.ExpertId, command.ReasonCode, command.Around.Now),
            new CapacityGivenBack(state.Id, invitation.Id, invitation.ExpertId, null, "declined", command.Around.Now)),
    };
}

public sealed partial class TeamsService
{
    public override async Task<Team> DeclineInvitation(DeclineInvitationRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var invitation = Inputs.Id(request.InvitationId, "invitation_id");
        return await OfInvited(invitation, context, async (work, view) =>
        {
            if (!policies.Of(view.Area).Team.DeclineReasons.Contains(request.ReasonCode))
            {
                throw new InvalidInputException("reason_code", $"One of {string.Join(", ", policies.Of(view.Area).Team.DeclineReasons)}.");
            }

            var around = await Around.Of(work, view.Id, pool, policies, clock, context.CancellationToken);
            return state => Assemblies.DeclineInvitation.Decide(state, new DeclineInvitation.Command(invitation, request.ReasonCode, around!));
        });
    }
}
