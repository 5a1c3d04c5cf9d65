using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Messaging;

namespace OtPlatform.Intake.Consultations;

/// <summary>The features of the consultation aggregate.</summary>
public static class ConsultationFeatures
{
    public static readonly Type[] Reactions =
        [typeof(TakeOverOnCaseOpened), typeof(ResumeOnCaseReassessed), typeof(AskRequesterOnInformationRequested), typeof(FollowRouteOnRouteDecided)];

    public static readonly RelayDefinition[] Relays =
        [new("relay", Published.Map), new("danger-relay", Published.MapDanger, typeof(ImmediateDangerReported))];

    public static void MapConsultations(this IEndpointRouteBuilder endpoints)
    {
        var consultations = endpoints.MapGroup("/v1/consultations").WithTags("Consultations");
        consultations.MapSubmitConsultation();
        consultations.MapReadConsultation();
        consultations.MapAddInformation();
        consultations.MapWithdrawConsultation();
    }

    public static void Documents(Marten.MartenRegistry schema)
    {
        schema.For<RequestersView>().Duplicate(view => view.Organisation).Duplicate(view => view.Area).Duplicate(view => view.Status);
        schema.For<IdempotencyKey>();
        schema.For<VaultText>().Duplicate(text => text.Owner);
        schema.For<TextAccess>().Duplicate(access => access.Owner);
    }
}
