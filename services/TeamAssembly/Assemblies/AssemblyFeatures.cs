using OtPlatform.Contracts;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Experts;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>The features of the assembly aggregate.</summary>
public static class AssemblyFeatures
{
    public static readonly Type[] RouteReactions = [typeof(StartAssemblyOnRouteDecided), typeof(CancelAssemblyOnCaseReassessed), typeof(CancelAssemblyOnInformationRequested), typeof(CancelAssemblyOnCasesLinked), typeof(DropNeedsOnNeedsChanged)];

    public static readonly Type[] ConsultationReactions = [typeof(CancelAssemblyOnConsultationWithdrawn), typeof(CancelAssemblyOnConsentEnded), typeof(ChangeLegalBasisOnConsentRecorded), typeof(ChangeWorkerOnResponsibleWorkerChanged), typeof(EraseAssemblyOnConsultationErased)];

    public static readonly Type[] ExpertReactions = [typeof(IndexCandidateOnExpertChanged), typeof(FollowCapacityOnPoolsAnswer)];

    public static readonly Type[] StandingTeamReactions = [typeof(KeepTeamOnStandingTeamDefined), typeof(EndTeamOnStandingTeamDissolved)];

    public static readonly Type[] KnowledgeHolderReactions = [typeof(KeepHolderOnKnowledgeHolderRegistered), typeof(EndHolderOnKnowledgeHolderEnded)];

    public static readonly RelayDefinition[] Relays = [new("relay", Published.Map)];

    public static readonly FeedDefinition Feed = new("feed", happened => happened switch
    {
        ExpertInvited e => new FeedSubject(e.InvitationId),
        InvitationAccepted e => new FeedSubject(e.InvitationId),
        InvitationDeclined e => new FeedSubject(e.InvitationId),
        InvitationExpired e => new FeedSubject(e.InvitationId),
        AssemblyStarted or TeamComposed or ConsultationArranged or TeamActivated or ServiceGapFound or AssemblyHandedToCoordinator or ConsultationAnswered or TeamDisbanded or AssemblyCancelled => new FeedSubject(),
        _ => null,
    });

    public static void Documents(Marten.MartenRegistry schema)
    {
        schema.For<AssemblyView>().Duplicate(view => view.Area).Duplicate(view => view.Status);
        schema.For<CandidateEntry>();
        schema.For<StandingTeamEntry>();
        schema.For<KnowledgeHolderCopy>();
        schema.For<Acquaintance>().Duplicate(acquaintance => acquaintance.UnitId);
    }
}
