using OtPlatform.Contracts.Commands;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Contracts.Intake;
using OtPlatform.Contracts.TeamAssembly;
using OtPlatform.Contracts.Triage;

namespace OtPlatform.Contracts;

/// <summary>A durable quorum queue and the messages bound to it: all that one service consumes of one aggregate.</summary>
/// <param name="Queue"><c>service-aggregate</c>; part of the wire address, never renamed.</param>
/// <param name="InOrder">True when one consumer at a time may read it, so that a stream's messages keep their order across replicas.</param>
public sealed record Subscription(string Queue, bool InOrder, params Type[] Messages);

/// <summary>Every queue of the platform. Each service declares all of them before it publishes, so that a first start loses nothing.</summary>
public static class Topology
{
    public const string TriageConsultation = "triage-consultation";
    public const string TriageImmediateDanger = "triage-immediate-danger";
    public const string TriageAssembly = "triage-assembly";
    public const string IntakeTriageCase = "intake-triage-case";
    public const string IntakeAssembly = "intake-assembly";
    public const string TeamAssemblyTriageCase = "team-assembly-triage-case";
    public const string TeamAssemblyConsultation = "team-assembly-consultation";
    public const string TeamAssemblyExpert = "team-assembly-expert";
    public const string ExpertPoolReservation = "expert-pool-reservation";
    public const string CoordinationConsultation = "coordination-consultation";
    public const string CoordinationImmediateDanger = "coordination-immediate-danger";
    public const string CoordinationTriageCase = "coordination-triage-case";
    public const string CoordinationAssembly = "coordination-assembly";
    public const string CoordinationExpert = "coordination-expert";
    public const string IntakePolicy = "intake-policy";
    public const string TeamAssemblyPolicy = "team-assembly-policy";
    public const string CoordinationPolicy = "coordination-policy";
    public const string IntakeInstrument = "intake-instrument";
    public const string CoordinationInstrument = "coordination-instrument";

    public const string ExpertPoolAssembly = "expert-pool-assembly";
    public const string ExpertPoolTriageCase = "expert-pool-triage-case";
    public const string TriageKnowledgeHolder = "triage-knowledge-holder";
    public const string IntakeKnowledgeHolder = "intake-knowledge-holder";
    public const string CoordinationKnowledgeHolder = "coordination-knowledge-holder";
    public const string IntakeTopic = "intake-topic";
    public const string TriageTopic = "triage-topic";
    public const string CoordinationTopic = "coordination-topic";
    public const string TeamAssemblyKnowledgeHolder = "team-assembly-knowledge-holder";
    public const string TeamAssemblyStandingTeam = "team-assembly-standing-team";
    public const string CoordinationStandingTeam = "coordination-standing-team";

    public const string IntakeReplay = "intake-replay";
    public const string TriageReplay = "triage-replay";
    public const string TeamAssemblyReplay = "team-assembly-replay";
    public const string ExpertPoolReplay = "expert-pool-replay";

    private static readonly Type[] OfConsultations =
    [
        typeof(ConsultationSubmitted), typeof(InformationAdded), typeof(ConsultationWithdrawn), typeof(ConsultationClosed), typeof(ConsultationErased), typeof(ConsultationStatusChanged), typeof(AnswerObjected),
        typeof(ConsultationReopened), typeof(ConsentRecorded), typeof(ConsentEnded), typeof(SafetyReported),
        typeof(MessageSent), typeof(MessageOverdue), typeof(ResponsibleWorkerChanged), typeof(ConsultationCorrected), typeof(FeedbackGiven),
    ];

    private static readonly Type[] OfCases =
    [
        typeof(CaseOpened), typeof(CaseAssessed), typeof(PhenomenonSignalled), typeof(ServiceGapRecorded), typeof(CaseReassessed), typeof(CaseClaimed), typeof(CaseReleased), typeof(InformationRequested), typeof(RouteDecided), typeof(RouteKept), typeof(NeedsChanged),
        typeof(ReferralProposed), typeof(ReferralAccepted), typeof(ReferralReturned), typeof(TransferProposed), typeof(TransferAccepted), typeof(TransferReturned), typeof(CasesLinked), typeof(CaseUnlinked),
        typeof(AssessorInvited), typeof(AssessmentContributed), typeof(AssessorReleased),
    ];

    private static readonly Type[] OfAssemblies =
    [
        typeof(AssemblyStarted), typeof(TeamProposed), typeof(ExpertInvited), typeof(InvitationAccepted), typeof(InvitationDeclined), typeof(InvitationExpired),
        typeof(ConsultationArranged), typeof(TeamActivated), typeof(ConsultationAnswered), typeof(ServiceGapFound), typeof(AssemblyHandedToCoordinator),
        typeof(TeamDisbanded), typeof(AssemblyCancelled),
    ];

    private static readonly Type[] OfExperts =
    [
        typeof(ExpertRegistered), typeof(ExpertAvailabilitySet), typeof(AgreementRecorded), typeof(EmployerConsentRecorded), typeof(ExpertSuspended),
        typeof(CapacityReserved), typeof(CapacityRefused), typeof(CapacityConfirmed), typeof(CapacityReleased), typeof(CapacityLapsed),
    ];

    private static readonly Type[] OfKnowledgeHolders = [typeof(KnowledgeHolderRegistered), typeof(KnowledgeHolderEnded)];

    private static readonly Type[] OfTopics = [typeof(TopicDefined), typeof(TopicRetired)];

    private static readonly Type[] OfStandingTeams = [typeof(StandingTeamDefined), typeof(StandingTeamDissolved)];

    public static readonly IReadOnlyList<Subscription> Subscriptions =
    [
        new(TriageConsultation, true, typeof(ConsultationSubmitted), typeof(InformationAdded), typeof(ConsultationWithdrawn), typeof(AnswerObjected), typeof(ConsultationReopened), typeof(ConsentRecorded), typeof(ConsentEnded), typeof(SafetyReported), typeof(ResponsibleWorkerChanged), typeof(ConsultationCorrected), typeof(ConsultationErased), typeof(ConsultationClosed)),
        new(TriageImmediateDanger, false, typeof(ImmediateDangerReported)),
        new(TriageAssembly, true, typeof(ServiceGapFound), typeof(AssemblyHandedToCoordinator), typeof(ConsultationArranged), typeof(TeamActivated), typeof(ConsultationAnswered)),
        new(IntakeTriageCase, true, typeof(CaseOpened), typeof(CaseReassessed), typeof(CaseClaimed), typeof(CaseReleased), typeof(InformationRequested), typeof(RouteDecided), typeof(RouteKept), typeof(ReferralProposed), typeof(ReferralAccepted), typeof(ReferralReturned), typeof(TransferProposed), typeof(TransferAccepted), typeof(TransferReturned), typeof(CasesLinked), typeof(CaseUnlinked), typeof(AssessorInvited), typeof(AssessorReleased)),
        new(IntakeAssembly, true, typeof(ExpertInvited), typeof(InvitationDeclined), typeof(InvitationExpired), typeof(ConsultationArranged), typeof(TeamActivated), typeof(ConsultationAnswered), typeof(ServiceGapFound), typeof(AssemblyHandedToCoordinator), typeof(TeamDisbanded), typeof(AssemblyCancelled)),
        new(TeamAssemblyTriageCase, true, typeof(RouteDecided), typeof(NeedsChanged), typeof(CaseReassessed), typeof(InformationRequested), typeof(CasesLinked)),
        new(TeamAssemblyConsultation, true, typeof(ConsultationWithdrawn), typeof(ConsentRecorded), typeof(ConsentEnded), typeof(ResponsibleWorkerChanged), typeof(ConsultationErased)),
        new(TeamAssemblyExpert, true, OfExperts),
        new(ExpertPoolReservation, true, typeof(ReserveCapacity), typeof(ConfirmCapacity), typeof(ReleaseCapacity)),
        new(CoordinationConsultation, true, OfConsultations),
        new(CoordinationImmediateDanger, false, typeof(ImmediateDangerReported)),
        new(CoordinationTriageCase, true, OfCases),
        new(CoordinationAssembly, true, OfAssemblies),
        new(CoordinationExpert, true, OfExperts),
        new(IntakePolicy, true, typeof(PolicyPublished)),
        new(TeamAssemblyPolicy, true, typeof(PolicyPublished)),
        new(CoordinationPolicy, true, typeof(PolicyPublished)),
        new(IntakeInstrument, true, typeof(InstrumentPublished)),
        new(CoordinationInstrument, true, typeof(InstrumentPublished)),
        new(ExpertPoolAssembly, true, typeof(ServiceGapFound)),
        new(ExpertPoolTriageCase, true, typeof(ServiceGapRecorded)),
        new(TriageKnowledgeHolder, true, OfKnowledgeHolders),
        new(IntakeKnowledgeHolder, true, OfKnowledgeHolders),
        new(CoordinationKnowledgeHolder, true, OfKnowledgeHolders),
        new(IntakeTopic, true, OfTopics),
        new(TriageTopic, true, OfTopics),
        new(CoordinationTopic, true, OfTopics),
        new(TeamAssemblyKnowledgeHolder, true, OfKnowledgeHolders),
        new(TeamAssemblyStandingTeam, true, OfStandingTeams),
        new(CoordinationStandingTeam, true, OfStandingTeams),
        new(IntakeReplay, false, typeof(Replay)),
        new(TriageReplay, false, typeof(Replay)),
        new(TeamAssemblyReplay, false, typeof(Replay)),
        new(ExpertPoolReplay, false, typeof(Replay)),
    ];

    /// <summary>The queue in which a service takes requests to send something again.</summary>
    public static string ReplayQueueOf(string service) => $"{service}-replay";
}
