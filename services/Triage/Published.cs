using OtPlatform.Triage.InstrumentVersions;
using OtPlatform.Triage.PolicyVersions;
using OtPlatform.Triage.TriageCases;
using Wire = OtPlatform.Contracts.Triage;

namespace OtPlatform.Triage;

/// <summary>What Triage tells the others. Everything else stays private.</summary>
public static class Published
{
    public static object? Map(object happened) => happened switch
    {
        CaseAssessed { Assessment: var assessment } e => new Wire.CaseAssessed(
            e.CaseId, e.CaseId, assessment.Route, assessment.Grounds, assessment.DecidingRow, assessment.Facts.ImmediateDanger, assessment.PolicyVersion, e.AssessedAt),
        CaseOpened e => new Wire.CaseOpened(e.CaseId, e.ConsultationId, e.Area, e.Held, e.PolicyVersion, e.OpenedAt, e.DueBy),
        ConfirmationAwaited e => new Wire.CaseReassessed(e.CaseId, e.CaseId, e.Area, e.Held, e.PolicyVersion, e.Since, e.DueBy, e.ReopenedAt),
        InformationRequested e => new Wire.InformationRequested(e.CaseId, e.CaseId, e.Area, e.Asked, e.RequestedAt, e.DueBy),
        RouteDecided e => new Wire.RouteDecided(
            e.CaseId,
            e.CaseId,
            e.Area,
            e.Route,
            e.Grounds,
            Needs(e.Needs),
            e.StandingTeamFirst,
            e.NetworkCoordinator,
            e.Sectors,
            e.PolicyVersion,
            e.DecidedBy,
            e.ReasonCode,
            e.DecidedAt,
            e.DueBy,
            e.Matter is { } matter
                ? new Wire.MatterFacts(
                    matter.Kind,
                    matter.County,
                    matter.Language,
                    matter.Urgency,
                    matter.RequestingUnitId,
                    matter.RequesterRole,
                    matter.ResponsibleWorkerRole,
                    matter.ResponsibleWorkerRef,
                    matter.LegalBasisType,
                    matter.LegalBasisValidUntil)
                : null,
            e.KnowledgeHolder),
        PhenomenonSignalled e => new Wire.PhenomenonSignalled(e.CaseId, e.CaseId, e.Area, e.County, e.Topics, e.Services ?? [], e.Marks, e.SignalledAt),
        ServiceGapRecorded e => new Wire.ServiceGapRecorded(e.CaseId, e.CaseId, e.Area, e.County, e.Topics, e.Services, e.RecordedAt),
        RouteKept e => new Wire.RouteKept(e.CaseId, e.CaseId, e.Area, e.KeptBy, e.KeptAt, e.DueBy),
        CaseClaimed e => new Wire.CaseClaimed(e.CaseId, e.CaseId, e.Area, e.TakenFrom is not null, e.ReasonCode, e.ClaimedAt, e.EndsAt),
        CaseReleased e => new Wire.CaseReleased(e.CaseId, e.CaseId, e.Area, e.ReasonCode, e.ReleasedAt),
        NeedsChanged e => new Wire.NeedsChanged(e.CaseId, e.CaseId, e.Area, Needs(e.Needs), e.RouteDecidedAt, e.ChangedAt),
        ReferralProposed e => new Wire.ReferralProposed(e.CaseId, e.CaseId, e.Area, e.Receiver, e.ProposedBy, e.ProposedAt, e.DueBy),
        ReferralAccepted e => new Wire.ReferralAccepted(e.CaseId, e.CaseId, e.Area, e.Receiver, e.AcceptedAt, e.DueBy),
        ReferralReturned e => new Wire.ReferralReturned(e.CaseId, e.CaseId, e.Area, e.Receiver, e.ReasonCode, e.Returns, e.ReturnedAt, e.DueBy),
        TransferProposed e => new Wire.TransferProposed(e.CaseId, e.CaseId, e.Area, e.ToArea, e.ReasonCode, e.NeedsDecision, e.ProposedAt, e.DueBy),
        TransferAllowed e => new Wire.TransferProposed(e.CaseId, e.CaseId, e.Area, e.ToArea, e.ReasonCode, false, e.AllowedAt, e.DueBy),
        TransferRefused e => new Wire.TransferReturned(e.CaseId, e.CaseId, e.Area, e.ToArea, e.ReasonCode, e.Transfers, e.RefusedAt, e.DueBy),
        TransferReturned e => new Wire.TransferReturned(e.CaseId, e.CaseId, e.Area, e.ToArea, e.ReasonCode, e.Transfers, e.ReturnedAt, e.DueBy),
        TransferAccepted e => new Wire.TransferAccepted(e.CaseId, e.CaseId, e.Area, e.ToArea, e.Transfers, e.AcceptedAt, e.DueBy),
        AssessorInvited e => new Wire.AssessorInvited(e.CaseId, e.CaseId, e.Area, e.ExpertId, e.InvitationId, e.ReasonCode, e.InvitedAt, e.DueBy),
        AssessmentContributed e => new Wire.AssessmentContributed(e.CaseId, e.CaseId, e.Area, e.ExpertId, e.InvitationId, e.Marks, e.TextId, e.ContributedAt),
        AssessorReleased e => new Wire.AssessorReleased(e.CaseId, e.CaseId, e.Area, e.ExpertId, e.InvitationId, e.ReasonCode, e.ReleasedAt),
        CaseLinked e => new Wire.CasesLinked(e.CaseId, e.CaseId, e.Area, e.LeadId, e.LinkedBy, e.ReasonCode, e.LinkedAt, e.DueBy),
        CaseUnlinked e => new Wire.CaseUnlinked(e.CaseId, e.CaseId, e.Area, e.LeadId, e.UnlinkedBy, e.ReasonCode, e.UnlinkedAt, e.DueBy),
        InstrumentPublished e => new Wire.InstrumentPublished(e.InstrumentId, e.Code, e.Version, e.Content, e.PublishedBy, e.ReasonCode, e.PublishedAt),
        PolicyPublished e => new Wire.PolicyPublished(e.PolicyId, e.Code, e.Version, e.Content, e.EffectiveFrom, e.TakesEffectAt, e.PublishedBy, e.ReasonCode, e.PublishedAt),
        _ => null,
    };

    private static IReadOnlyList<Wire.Need> Needs(IReadOnlyList<Need> needs) =>
        [.. needs.Select(need => new Wire.Need(need.Kind, need.Code, need.WeeklyHours, need.Weeks, need.Once, need.Channel, need.Language))];
}
