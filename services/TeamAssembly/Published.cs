using OtPlatform.TeamAssembly.Assemblies;
using Commands = OtPlatform.Contracts.Commands;
using Wire = OtPlatform.Contracts.TeamAssembly;

namespace OtPlatform.TeamAssembly;

/// <summary>What TeamAssembly tells the others, and what it asks of the expert pool. Everything else stays private.</summary>
public static class Published
{
    public static object? Map(object happened) => happened switch
    {
        AssemblyStarted e => new Wire.AssemblyStarted(e.AssemblyId, e.AssemblyId, e.Area, e.Route, e.StartedAt, e.DueBy),
        TeamComposed e => new Wire.TeamProposed(
            e.AssemblyId,
            e.AssemblyId,
            e.Area,
            e.Round,
            [.. e.New.Select(invitation => new Wire.ProposedMember(invitation.ExpertId, invitation.InvitationId, invitation.Needs, invitation.WeeklyHours))],
            e.Team.Unmet,
            e.ComposedAt,
            e.DueBy),
        CapacityRequested e => new Commands.ReserveCapacity(e.InvitationId, e.ExpertId, e.AssemblyId, e.Round, e.Weeks, e.Until, e.LapsesAt, e.RequestedAt),
        ConfirmationRequested e => new Commands.ConfirmCapacity(e.InvitationId, e.ExpertId, e.AssemblyId, e.Round, e.RequestedAt),
        CapacityGivenBack e => new Commands.ReleaseCapacity(e.InvitationId, e.ExpertId, e.AssemblyId, e.FromWeek, e.ReasonCode, e.GivenBackAt),
        ExpertInvited e => new Wire.ExpertInvited(
            e.InvitationId, e.AssemblyId, e.AssemblyId, e.Area, e.ExpertId, e.Role, e.Needs, e.WeeklyHours, e.From, e.Until, e.Channel, e.InvitedAt, e.RespondBy),
        InvitationAccepted e => new Wire.InvitationAccepted(e.InvitationId, e.AssemblyId, e.AssemblyId, e.Area, e.ExpertId, e.AcceptedAt),
        InvitationDeclined e => new Wire.InvitationDeclined(e.InvitationId, e.AssemblyId, e.AssemblyId, e.Area, e.ExpertId, e.ReasonCode, e.DeclinedAt),
        InvitationExpired e => new Wire.InvitationExpired(e.InvitationId, e.AssemblyId, e.AssemblyId, e.Area, e.ExpertId, e.ExpiredAt),
        ConsultationArranged e => new Wire.ConsultationArranged(e.AssemblyId, e.AssemblyId, e.Area, Member(e.Expert), e.ArrangedAt, e.DueBy, e.RouteDecidedAt),
        TeamActivated e => new Wire.TeamActivated(e.AssemblyId, e.AssemblyId, e.Area, [.. e.Members.Select(Member)], e.NetworkCoordinator, e.ActivatedAt, e.DueBy, e.RouteDecidedAt),
        ConsultationAnswered e => new Wire.ConsultationAnswered(e.AssemblyId, e.AssemblyId, e.Area, e.AnswerTextId, e.Knowledge, e.By, e.AnsweredAt, e.RouteDecidedAt),
        ServiceGapFound e => new Wire.ServiceGapFound(e.AssemblyId, e.AssemblyId, e.Area, e.UnmetNeeds, e.FoundAt, e.DueBy, e.RouteDecidedAt, e.KnowledgeHolderId),
        AssemblyHandedToCoordinator e => new Wire.AssemblyHandedToCoordinator(e.AssemblyId, e.AssemblyId, e.Area, e.ReasonCode, e.HandedAt, e.DueBy, e.RouteDecidedAt),
        TeamDisbanded e => new Wire.TeamDisbanded(e.AssemblyId, e.AssemblyId, e.Area, e.OutcomeCode, e.DisbandedAt, e.RouteDecidedAt),
        AssemblyCancelled e => new Wire.AssemblyCancelled(e.AssemblyId, e.AssemblyId, e.Area, e.ReasonCode, e.CancelledAt),
        _ => null,
    };

    private static Wire.TeamMember Member(TeamMember member) => new(
        member.ExpertId, member.Role, member.Sector, member.Organisation, member.Profession, member.Channel, member.Needs, member.From, member.Until);
}
