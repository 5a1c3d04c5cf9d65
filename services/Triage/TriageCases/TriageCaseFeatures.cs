using OtPlatform.Platform.Messaging;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The features of the triage case aggregate.</summary>
public static class TriageCaseFeatures
{
    public static readonly Type[] Reactions =
    [
        typeof(OpenCaseOnConsultationSubmitted), typeof(ReassessOnInformationAdded), typeof(CloseCaseOnConsultationWithdrawn), typeof(ReopenCaseOnAnswerObjected),
        typeof(ReopenCaseOnConsultationReopened), typeof(ReassessOnConsentRecorded), typeof(ReassessOnConsentEnded), typeof(RaiseSafetyOnSafetyReported),
        typeof(ReassessOnConsultationCorrected), typeof(NoteWorkerOnResponsibleWorkerChanged), typeof(EraseCaseOnConsultationErased), typeof(SettleCaseOnConsultationClosed),
    ];

    public static readonly Type[] AssemblyReactions =
    [
        typeof(OpenRouteOnServiceGapFound), typeof(OpenRouteOnAssemblyHandedToCoordinator),
        typeof(KeepRouteOnConsultationArranged), typeof(KeepRouteOnTeamActivated), typeof(KeepRouteOnConsultationAnswered),
    ];

    public static readonly Type[] UrgentReactions = [typeof(OpenCaseOnImmediateDangerReported)];

    public static readonly RelayDefinition[] Relays = [new("relay", Published.Map)];

    public static void MapTriageCases(this IEndpointRouteBuilder endpoints)
    {
        var cases = endpoints.MapGroup("/v1/cases").WithTags("Triage cases");
        cases.MapRoutingQueue();
        cases.MapDecideRoute();
        cases.MapClaims();
    }

    public static void Documents(Marten.MartenRegistry schema)
    {
        PolicyVersions.PolicyFeatures.Documents(schema);
        schema.For<OpenMatter>().Duplicate(matter => matter.CaseId);
        schema.For<MatterRequest>().Duplicate(request => request.Matter);
        schema.For<RoutingQueueEntry>()
            .Duplicate(entry => entry.Area)
            .Duplicate(entry => entry.Status)
            .Duplicate(entry => entry.Held)
            .Duplicate(entry => entry.UrgencyRank)
            .Duplicate(entry => entry.WaitsForCoordinator)
            .Duplicate(entry => entry.DueBy!);
    }
}
