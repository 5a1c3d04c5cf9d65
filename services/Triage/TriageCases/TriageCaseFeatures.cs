using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

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
        cases.MapRequestInformation();
        cases.MapRecordScreening();
        cases.MapRecordProfile();
        cases.MapSetNetworkCoordinator();
        cases.MapInviteAssessor();
    }

    /// <summary>What a case does when a time of its is over: a referral or a transfer that nobody answered, a claim on which nothing was decided, or an assessor from whom nothing came.</summary>
    public static DeadlineHandler Deadlines(AreaPolicies policies) => new(TriageCase.Aggregate.Name, async (work, deadline, now, cancellation) =>
    {
        var outcome = await work.Decide(TriageCase.Aggregate, deadline.StreamId, state => AtTheEndOf(deadline.Kind, state, policies, now), null, cancellation);
        return outcome.Changed;
    });

    public static void Documents(Marten.MartenRegistry schema)
    {
        PolicyVersions.PolicyFeatures.Documents(schema);
        InstrumentVersions.InstrumentFeatures.Documents(schema);
        KnowledgeHolders.KnownHolders.Documents(schema);
        schema.For<Platform.Hosting.TopicCopy>();
        schema.For<OpenMatter>().Duplicate(matter => matter.CaseId);
        schema.For<MatterRequest>().Duplicate(request => request.Matter);
        schema.For<RoutingQueueEntry>()
            .Duplicate(entry => entry.Area)
            .Duplicate(entry => entry.Status)
            .Duplicate(entry => entry.Held)
            .Duplicate(entry => entry.UrgencyRank)
            .Duplicate(entry => entry.WaitsForCoordinator)
            .Duplicate(entry => entry.ProposedTo!)
            .Duplicate(entry => entry.DueBy!);
    }

    private static Decision<TriageEvent> AtTheEndOf(string kind, TriageCase state, AreaPolicies policies, DateTimeOffset now) => kind switch
    {
        TriageCase.ClaimDeadline => ReleaseQuietClaim.Decide(state, new ReleaseQuietClaim.Command(now)),
        TriageCase.AssessorDeadline => ReleaseAssessors.Decide(state, new ReleaseAssessors.Command(now)),
        TriageCase.TransferDeadline => EndSilentTransfer.Decide(state, new EndSilentTransfer.Command(policies.For(state), now)),
        _ => NoteOverdueReferral.Decide(state, new NoteOverdueReferral.Command(now, policies.For(state).ReferralDue(now))),
    };
}
