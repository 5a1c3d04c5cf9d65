using OtPlatform.ExpertPool.Experts;
using OtPlatform.ExpertPool.KnowledgeHolders;
using OtPlatform.ExpertPool.StandingTeams;
using OtPlatform.ExpertPool.Topics;
using Wire = OtPlatform.Contracts.ExpertPool;

namespace OtPlatform.ExpertPool;

/// <summary>What ExpertPool tells the others: every fact of an expert, for who composes teams and for who watches; who has more exact knowledge; which teams stay together; and which topics there are.</summary>
public static class Published
{
    public static object? Map(object happened) => happened switch
    {
        ExpertRegistered { Facts: var facts } e => new Wire.ExpertRegistered(
            e.ExpertId,
            facts.Sector,
            facts.Profession,
            facts.Organisation,
            facts.Engagement,
            facts.County,
            facts.Area,
            facts.UnitId,
            facts.Topics,
            facts.Languages,
            facts.Channels,
            facts.WeeklyHours,
            facts.Agreement?.From,
            facts.Agreement?.Until,
            facts.EmployerConsents,
            e.RegisteredAt),
        AvailabilitySet e => new Wire.ExpertAvailabilitySet(e.ExpertId, e.WeeklyHours, e.Languages, e.Channels, e.SetAt),
        AgreementRecorded e => new Wire.AgreementRecorded(e.ExpertId, e.Agreement.From, e.Agreement.Until, e.RecordedAt),
        EmployerConsentRecorded e => new Wire.EmployerConsentRecorded(e.ExpertId, e.Consents, e.RecordedAt),
        ExpertSuspended e => new Wire.ExpertSuspended(e.ExpertId, e.ReasonCode, e.SuspendedAt),
        CapacityReserved e => new Wire.CapacityReserved(
            e.ExpertId, e.ReservationId, e.AssemblyId, e.Round, [.. e.Weeks.Select(week => new Wire.WeekHours(week.Monday, week.Hours))], e.LapsesAt, e.ReservedAt),
        CapacityRefused e => new Wire.CapacityRefused(e.ExpertId, e.ReservationId, e.AssemblyId, e.Round, e.ReasonCode, e.RefusedAt),
        CapacityConfirmed e => new Wire.CapacityConfirmed(e.ExpertId, e.ReservationId, e.AssemblyId, e.ConfirmedAt),
        CapacityReleased e => new Wire.CapacityReleased(e.ExpertId, e.ReservationId, e.AssemblyId, e.FromWeek, e.ReasonCode, e.ReleasedAt),
        CapacityLapsed e => new Wire.CapacityLapsed(e.ExpertId, e.ReservationId, e.AssemblyId, e.LapsedAt),
        KnowledgeHolderRegistered { Facts: var known } e => new Wire.KnowledgeHolderRegistered(
            e.HolderId, known.Name, known.Country, known.Topics, known.Languages, known.Contact, known.ValidUntil, e.RegisteredAt),
        KnowledgeHolderEnded e => new Wire.KnowledgeHolderEnded(e.HolderId, e.ReasonCode, e.EndedAt),
        StandingTeamDefined { Facts: var team } e => new Wire.StandingTeamDefined(e.TeamId, team.Members, team.Topics, team.Areas, e.DefinedAt),
        StandingTeamDissolved e => new Wire.StandingTeamDissolved(e.TeamId, e.ReasonCode, e.DissolvedAt),
        TopicDefined e => new Wire.TopicDefined(e.TopicId, e.Topic, e.DefinedAt),
        TopicRetired e => new Wire.TopicRetired(e.TopicId, e.Code, e.LastDay, e.RetiredAt),
        _ => null,
    };
}
