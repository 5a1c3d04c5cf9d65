using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

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

public sealed partial class TeamsDesk
{
    /// <param name="field">What the caller calls the reason.</param>
    /// <exception cref="InvalidInputException">Not a reason of the area's policy.</exception>
    public Task<AssemblyView> Decline(Guid invitation, string? reasonCode, string field, Asking asking) => OfInvited(invitation, asking, async (work, view) =>
    {
        if (reasonCode is null || !policies.Of(view.Area).Team.DeclineReasons.Contains(reasonCode))
        {
            throw new InvalidInputException(field, $"One of {string.Join(", ", policies.Of(view.Area).Team.DeclineReasons)}.");
        }

        var around = await Around.Of(work, view.Id, pool, policies, clock, asking.Cancellation);
        return state => DeclineInvitation.Decide(state, new DeclineInvitation.Command(invitation, reasonCode, around!));
    });
}
