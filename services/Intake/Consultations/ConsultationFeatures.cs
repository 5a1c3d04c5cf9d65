using OtPlatform.Intake.Narratives;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>The features of the consultation aggregate.</summary>
public static class ConsultationFeatures
{
    public static readonly Type[] Reactions =
    [
        typeof(TakeOverOnCaseOpened), typeof(ResumeOnCaseReassessed), typeof(FollowClaimOnCaseClaimed), typeof(FollowClaimOnCaseReleased), typeof(AskRequesterOnInformationRequested), typeof(FollowRouteOnRouteDecided), typeof(ResumeOnRouteKept),
        typeof(FollowReferralOnReferralProposed), typeof(FollowReferralOnReferralAccepted), typeof(FollowReferralOnReferralReturned),
        typeof(FollowTransferOnTransferProposed), typeof(FollowTransferOnTransferAccepted), typeof(FollowTransferOnTransferReturned),
        typeof(LinkOnCasesLinked), typeof(UnlinkOnCaseUnlinked), typeof(AdmitExpertOnAssessorInvited), typeof(EndAccessOnAssessorReleased),
    ];

    public static readonly Type[] AssemblyReactions =
    [
        typeof(AdmitExpertOnExpertInvited), typeof(EndAccessOnInvitationDeclined), typeof(EndAccessOnInvitationExpired), typeof(ArrangeOnConsultationArranged),
        typeof(ShowTeamOnTeamActivated), typeof(ShowAnswerOnConsultationAnswered), typeof(ShowGapOnServiceGapFound), typeof(ShowCoordinatorOnAssemblyHandedToCoordinator),
        typeof(ShowResultOnTeamDisbanded), typeof(EndAccessOnAssemblyCancelled),
    ];

    public static readonly RelayDefinition[] Relays =
        [new("relay", Published.Map), new("danger-relay", Published.MapDanger, typeof(ImmediateDangerReported))];

    /// <summary>Who follows a consultation hears of what its requester is to follow.</summary>
    public static readonly FeedDefinition Feed = new("feed", happened => happened is ConsultationEvent step && RequestersView.IsShown(step) ? new FeedSubject() : null);

    public static void MapConsultations(this IEndpointRouteBuilder endpoints)
    {
        var consultations = endpoints.MapGroup("/v1/consultations").WithTags("Consultations").RefuseUnsaidBodies().RefuseUnsaidQueries();
        consultations.MapSubmitConsultation();
        consultations.MapReadConsultation();
        consultations.MapSearchConsultations();
        consultations.MapWatchConsultation();
        consultations.MapAddInformation();
        consultations.MapConfirmAnswer();
        consultations.MapObjectToAnswer();
        consultations.MapWithdrawConsultation();
        consultations.MapSendMessage();
        consultations.MapReportSafety();
        consultations.MapChangeResponsibleWorker();
        consultations.MapCorrectConsultation();
        consultations.MapGiveFeedback();
        consultations.MapReopenConsultation();
        consultations.MapRecordConsent();
        consultations.MapWithdrawConsent();
        consultations.MapPassOn();
        consultations.MapEraseConsultation();
        consultations.MapReadAccessLog();
    }

    /// <summary>What happens when a date passes.</summary>
    public static DeadlineHandler Deadlines(IntakePolicy policy) => new(Consultation.Aggregate.Name, async (work, deadline, now, cancellation) =>
    {
        var outcome = deadline.Kind switch
        {
            Consultation.ObjectionDeadline => await CloseWhenObjectionTimeIsOver.Fire(work, deadline, now, cancellation),
            Consultation.ConsentDeadline => await EndConsent.Fire(work, deadline, policy, now, cancellation),
            Consultation.MessageDeadline => await EscalateUnansweredMessage.Fire(work, deadline, policy, now, cancellation),
            _ => await EscalateOverdueStep.Fire(work, deadline, policy, now, cancellation),
        };
        return outcome.Changed;
    });

    public static void Documents(Marten.MartenRegistry schema)
    {
        schema.For<RequestersView>().Duplicate(view => view.Organisation).Duplicate(view => view.Area).Duplicate(view => view.Status).Duplicate(view => view.MatterKey!).Duplicate(view => view.KeyPerson!);
        schema.For<IdempotencyKey>().Duplicate(key => key.ConsultationId).Duplicate(key => key.AnsweredAt);
        schema.For<VaultText>().Duplicate(text => text.Owner);
        schema.For<TextAccess>().Duplicate(access => access.Owner).Duplicate(access => access.Number);
        schema.For<AccessHead>().Duplicate(head => head.ChangedAt);
        schema.For<Erasure>().Duplicate(erasure => erasure.Done);
    }
}
