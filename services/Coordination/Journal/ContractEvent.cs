using System.Collections.Frozen;
using System.Diagnostics;
using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Contracts.Intake;
using OtPlatform.Contracts.TeamAssembly;
using OtPlatform.Contracts.Triage;

namespace OtPlatform.Coordination.Journal;

/// <summary>What the journal notes of a contract event beside its JSON.</summary>
/// <param name="ConsultationId">Null for what is about no consultation.</param>
/// <param name="At">When it happened, by its own word.</param>
public sealed record ContractEvent(Guid? ConsultationId, DateTimeOffset At)
{
    /// <summary>The queues that the journal is written from.</summary>
    public static readonly string[] Queues =
        [Topology.CoordinationConsultation, Topology.CoordinationImmediateDanger, Topology.CoordinationTriageCase, Topology.CoordinationAssembly, Topology.CoordinationExpert, Topology.CoordinationPolicy, Topology.CoordinationInstrument, Topology.CoordinationKnowledgeHolder, Topology.CoordinationStandingTeam, Topology.CoordinationTopic];

    private static readonly FrozenDictionary<string, Type> ByName = Topology.Subscriptions
        .Where(subscription => Queues.Contains(subscription.Queue))
        .SelectMany(subscription => subscription.Messages)
        .ToFrozenDictionary(message => message.Name);

    /// <summary>The contract event of a journal entry.</summary>
    public static object Of(JournalEntry entry) => EventJson.Read(entry.Event, ByName[entry.What]);

    public static ContractEvent About(object message) => message switch
    {
        ConsultationSubmitted e => new(e.ConsultationId, e.SubmittedAt),
        InformationAdded e => new(e.ConsultationId, e.AddedAt),
        ConsultationWithdrawn e => new(e.ConsultationId, e.WithdrawnAt),
        ConsultationClosed e => new(e.ConsultationId, e.ClosedAt),
        ConsultationErased e => new(e.ConsultationId, e.ErasedAt),
        ConsultationStatusChanged e => new(e.ConsultationId, e.ChangedAt),
        AnswerObjected e => new(e.ConsultationId, e.ObjectedAt),
        MessageSent e => new(e.ConsultationId, e.SentAt),
        MessageOverdue e => new(e.ConsultationId, e.FoundAt),
        ResponsibleWorkerChanged e => new(e.ConsultationId, e.ChangedAt),
        ConsultationCorrected e => new(e.ConsultationId, e.CorrectedAt),
        FeedbackGiven e => new(e.ConsultationId, e.GivenAt),
        SafetyReported e => new(e.ConsultationId, e.ReportedAt),
        ConsultationReopened e => new(e.ConsultationId, e.ReopenedAt),
        ConsentRecorded e => new(e.ConsultationId, e.RecordedAt),
        ConsentEnded e => new(e.ConsultationId, e.EndedAt),
        ImmediateDangerReported e => new(e.ConsultationId, e.ReportedAt),
        CaseOpened e => new(e.ConsultationId, e.OpenedAt),
        CaseAssessed e => new(e.ConsultationId, e.AssessedAt),
        PhenomenonSignalled e => new(e.ConsultationId, e.SignalledAt),
        ServiceGapRecorded e => new(e.ConsultationId, e.RecordedAt),
        CaseReassessed e => new(e.ConsultationId, e.ReassessedAt),
        CaseClaimed e => new(e.ConsultationId, e.ClaimedAt),
        CaseReleased e => new(e.ConsultationId, e.ReleasedAt),
        InformationRequested e => new(e.ConsultationId, e.RequestedAt),
        RouteDecided e => new(e.ConsultationId, e.DecidedAt),
        RouteKept e => new(e.ConsultationId, e.KeptAt),
        NeedsChanged e => new(e.ConsultationId, e.ChangedAt),
        ReferralProposed e => new(e.ConsultationId, e.ProposedAt),
        ReferralAccepted e => new(e.ConsultationId, e.AcceptedAt),
        ReferralReturned e => new(e.ConsultationId, e.ReturnedAt),
        TransferProposed e => new(e.ConsultationId, e.ProposedAt),
        TransferAccepted e => new(e.ConsultationId, e.AcceptedAt),
        TransferReturned e => new(e.ConsultationId, e.ReturnedAt),
        CasesLinked e => new(e.ConsultationId, e.LinkedAt),
        CaseUnlinked e => new(e.ConsultationId, e.UnlinkedAt),
        AssessorInvited e => new(e.ConsultationId, e.InvitedAt),
        AssessmentContributed e => new(e.ConsultationId, e.ContributedAt),
        AssessorReleased e => new(e.ConsultationId, e.ReleasedAt),
        AssemblyStarted e => new(e.ConsultationId, e.StartedAt),
        TeamProposed e => new(e.ConsultationId, e.ProposedAt),
        ExpertInvited e => new(e.ConsultationId, e.InvitedAt),
        InvitationAccepted e => new(e.ConsultationId, e.AcceptedAt),
        InvitationDeclined e => new(e.ConsultationId, e.DeclinedAt),
        InvitationExpired e => new(e.ConsultationId, e.ExpiredAt),
        ConsultationArranged e => new(e.ConsultationId, e.ArrangedAt),
        TeamActivated e => new(e.ConsultationId, e.ActivatedAt),
        ConsultationAnswered e => new(e.ConsultationId, e.AnsweredAt),
        ServiceGapFound e => new(e.ConsultationId, e.FoundAt),
        AssemblyHandedToCoordinator e => new(e.ConsultationId, e.HandedAt),
        TeamDisbanded e => new(e.ConsultationId, e.DisbandedAt),
        AssemblyCancelled e => new(e.ConsultationId, e.CancelledAt),
        ExpertRegistered e => new(null, e.RegisteredAt),
        ExpertAvailabilitySet e => new(null, e.SetAt),
        AgreementRecorded e => new(null, e.RecordedAt),
        EmployerConsentRecorded e => new(null, e.RecordedAt),
        ExpertSuspended e => new(null, e.SuspendedAt),
        CapacityReserved e => new(e.AssemblyId, e.ReservedAt),
        CapacityRefused e => new(e.AssemblyId, e.RefusedAt),
        CapacityConfirmed e => new(e.AssemblyId, e.ConfirmedAt),
        CapacityReleased e => new(e.AssemblyId, e.ReleasedAt),
        CapacityLapsed e => new(e.AssemblyId, e.LapsedAt),
        KnowledgeHolderRegistered e => new(null, e.RegisteredAt),
        KnowledgeHolderEnded e => new(null, e.EndedAt),
        StandingTeamDefined e => new(null, e.DefinedAt),
        StandingTeamDissolved e => new(null, e.DissolvedAt),
        TopicDefined e => new(null, e.DefinedAt),
        TopicRetired e => new(null, e.RetiredAt),
        InstrumentPublished e => new(null, e.PublishedAt),
        PolicyPublished e => new(null, e.PublishedAt),
        _ => throw new UnreachableException($"The journal does not know {message.GetType().Name}"),
    };
}
