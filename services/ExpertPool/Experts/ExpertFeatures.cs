using OtPlatform.ExpertPool.Coverage;
using OtPlatform.Platform.Messaging;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>The features of the expert aggregate.</summary>
public static class ExpertFeatures
{
    public static readonly Type[] Reactions = [typeof(HoldHoursOnReserveCapacity), typeof(KeepHoursOnConfirmCapacity), typeof(FreeHoursOnReleaseCapacity)];

    public static readonly RelayDefinition[] Relays = [new("relay", Published.Map)];

    public static void MapExperts(this IEndpointRouteBuilder endpoints)
    {
        var experts = endpoints.MapGroup("/v1/experts").WithTags("Experts");
        experts.MapExpertDirectory();
        experts.MapRegisterExpert();
        experts.MapSetAvailability();
        experts.MapTopicCoverage();
        experts.MapUncoveredNeeds();
    }

    public static void Documents(Marten.MartenRegistry schema)
    {
        KnowledgeHolders.KnowledgeHolderFeatures.Documents(schema);
        StandingTeams.StandingTeamFeatures.Documents(schema);
        schema.For<Platform.Hosting.TopicCopy>();
        schema.For<UncoveredNeed>();
        schema.For<ExpertDirectoryEntry>()
            .Duplicate(entry => entry.Sector)
            .Duplicate(entry => entry.County!)
            .Duplicate(entry => entry.Area!);
    }
}
