namespace OtPlatform.Contracts;

/// <summary>What a consultation is about (codes.json, kinds).</summary>
public enum ConsultationKind
{
    ClientWork,
    ProfessionalSupport,
    Group,
}

/// <summary>How soon help is needed, least first (codes.json, urgencies).</summary>
public enum Urgency
{
    Routine,
    Soon,
    Urgent,
}

/// <summary>Where a consultation can lead (ohjautuminen; codes.json, routes). None of them is a refusal (R1).</summary>
public enum Route
{
    BasicSupportGuidance,
    SpecialLevel,
    ExpertConsultation,
    HybridTeam,
    StandingTeam,
    KnowledgeHolder,
    ServiceGap,
}

/// <summary>Why a matter belongs to the OT centre (keskittämisperuste, C-21).</summary>
public enum Ground
{
    Rarity,
    Complexity,
    SystemFailure,
}

/// <summary>Where a consultation stands, as its requester sees it (codes.json, statuses). There is no rejected state (R1).</summary>
public enum ConsultationStatus
{
    Received,
    NeedsInformation,
    InTriage,
    ConsultationArranged,
    TeamBeingAssembled,
    TeamWorking,
    Answered,
    PointedToKnowledgeHolder,
    ReferralProposed,
    ReferralAccepted,
    GapBeingSolved,
    Withdrawn,
    Closed,
}

/// <summary>Who answers for the next step (R2).</summary>
public enum Accountable
{
    AreaCoordinators,
    Requester,
    Coordinator,
    CoordinatingTeam,
    Expert,
    ResponsibleWorker,
    Receiver,
    KeyPerson,
}
