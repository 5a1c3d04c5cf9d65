using System.Diagnostics;
using OtPlatform.Contracts;

namespace OtPlatform.Intake.Consultations;

/// <summary>Where an event leaves a consultation: what the requester sees and what the others are told come from here alone.</summary>
/// <param name="Status">Null when the status stays.</param>
/// <param name="Responsible">Null when nobody is accountable any more.</param>
public sealed record Standing(ConsultationStatus? Status, Accountable? Responsible, NextStep? Next, DateTimeOffset Since)
{
    /// <summary>Null when the event leaves status, accountable party and date as they are.</summary>
    public static Standing? After(ConsultationEvent happened) => happened switch
    {
        ConsultationSubmitted e => new(ConsultationStatus.Received, Accountable.AreaCoordinators, e.Next, e.SubmittedAt),
        KeyPersonAsked { First: true } e => new(null, Accountable.KeyPerson, e.Next, e.AskedAt),
        PassedOn e => new(null, Accountable.AreaCoordinators, e.Next, e.PassedOnAt),
        TriageTookOver e => new(ConsultationStatus.InTriage, e.WithKeyPerson ? Accountable.KeyPerson : Accountable.AreaCoordinators, e.Next, e.TookOverAt),
        TriageResumed e => new(ConsultationStatus.InTriage, Accountable.AreaCoordinators, e.Next, e.ResumedAt),
        TriageAwaited e => new(ConsultationStatus.InTriage, Accountable.AreaCoordinators, e.Next, e.Since),
        LegalBasisAwaited e => new(ConsultationStatus.NeedsInformation, Accountable.Requester, e.Next, e.Since),
        ClaimFollowed { Responsible: { } responsible, Next: { } next } e => new(null, responsible, next, e.Since),
        InformationAsked e => new(ConsultationStatus.NeedsInformation, Accountable.Requester, e.Next, e.AskedAt),
        InformationAdded e => new(ConsultationStatus.InTriage, Accountable.AreaCoordinators, e.Next, e.AddedAt),
        RouteFollowed e => new(OfRoute(e.Route), e.Route is Route.ServiceGap ? Accountable.CoordinatingTeam : Accountable.Coordinator, e.Next, e.DecidedAt),
        ConsultationArranged e => new(ConsultationStatus.ConsultationArranged, Accountable.Expert, e.Next, e.ArrangedAt),
        TeamStarted e => new(ConsultationStatus.TeamWorking, Accountable.ResponsibleWorker, e.Next, e.StartedAt),
        ServiceGapFound e => new(ConsultationStatus.GapBeingSolved, Accountable.CoordinatingTeam, e.Next, e.FoundAt),
        HandedToCoordinator e => new(null, Accountable.Coordinator, e.Next, e.HandedAt),
        ConsultationAnswered e => new(ConsultationStatus.Answered, Accountable.Requester, e.Next, e.AnsweredAt),
        TeamEnded e => new(ConsultationStatus.Answered, Accountable.Requester, e.Next, e.EndedAt),
        ReferralProposed e => new(ConsultationStatus.ReferralProposed, Accountable.Coordinator, e.Next, e.ProposedAt),
        ReferralAccepted e => new(ConsultationStatus.ReferralAccepted, Accountable.Receiver, e.Next, e.AcceptedAt),
        ReferralReturned e => new(ConsultationStatus.InTriage, Accountable.AreaCoordinators, e.Next, e.ReturnedAt),
        TransferFollowed { Next: { } next } e => new(ConsultationStatus.InTriage, e.Step is TransferStep.AwaitsTeam ? Accountable.CoordinatingTeam : Accountable.AreaCoordinators, next, e.At),
        ContactConfirmed e => new(ConsultationStatus.Answered, Accountable.Requester, e.Next, e.ConfirmedAt),
        StepResumed e => new(null, e.Responsible, e.Next, e.Since),
        StepHastened e => new(null, e.Responsible, e.Next, e.Since),
        NextStepOverdue e => new(null, e.NowAccountable, e.Next, e.FoundAt),
        RequestUnlinked { Next: { } next } e => new(ConsultationStatus.InTriage, Accountable.AreaCoordinators, next, e.UnlinkedAt),
        ConsultationClosed e => new(ConsultationStatus.Closed, null, null, e.ClosedAt),
        ConsultationWithdrawn e => new(ConsultationStatus.Withdrawn, null, null, e.WithdrawnAt),
        TransferFollowed or ClaimFollowed or RequestLinked or RequestUnlinked or KeyPersonAsked or ImmediateDangerReported or SafetyReported or MessageSent or MessageOverdue or ResponsibleWorkerChanged or ConsultationCorrected or FeedbackGiven or RouteLearned or ReturnLearned or ExpertAdmitted or ExpertAccessEnded or AnswerObjected or ConsultationErased or ConsultationReopened or ConsentRecorded or ConsentEnded => null,
        _ => throw new UnreachableException($"No standing for {happened.GetType().Name}"),
    };

    // A consultation is arranged, or guidance answered, only when an expert or an answer is there; until then it is a coordinator's.
    internal static ConsultationStatus OfRoute(Route route) => route switch
    {
        Route.HybridTeam or Route.StandingTeam => ConsultationStatus.TeamBeingAssembled,
        Route.SpecialLevel => ConsultationStatus.ReferralProposed,
        Route.KnowledgeHolder => ConsultationStatus.PointedToKnowledgeHolder,
        Route.ServiceGap => ConsultationStatus.GapBeingSolved,
        _ => ConsultationStatus.InTriage,
    };
}
