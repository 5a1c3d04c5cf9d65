using OtPlatform.Contracts;
using OtPlatform.Platform;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Security;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.TeamAssembly.Assemblies;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;

var builder = WebApplication.CreateBuilder(args);
var catalogue = Catalogue.Load(builder.Configuration.Required<CatalogueOptions>("Catalogue").Path);

builder.AddPlatform(new ServiceIdentity("team-assembly"), Scopes.All);
builder.Services.AddStore(
    builder.Configuration.Required<StoreSettings>("Store"),
    new StoreDefinition([typeof(AssemblyEvent)], AssemblyFeatures.Documents, AssemblyFeatures.Relays, AssemblyFeatures.Feed));
builder.Services.AddMessaging(
    builder.Configuration.Required<BrokerOptions>("Broker"),
    [
        new QueueConsumers(Topology.TeamAssemblyTriageCase, AssemblyFeatures.RouteReactions),
        new QueueConsumers(Topology.TeamAssemblyConsultation, AssemblyFeatures.ConsultationReactions),
        new QueueConsumers(Topology.TeamAssemblyExpert, AssemblyFeatures.ExpertReactions),
        new QueueConsumers(Topology.TeamAssemblyStandingTeam, AssemblyFeatures.StandingTeamReactions),
        new QueueConsumers(Topology.TeamAssemblyKnowledgeHolder, AssemblyFeatures.KnowledgeHolderReactions),
        new QueueConsumers(Topology.TeamAssemblyPolicy, [typeof(KeepPolicyOnPolicyPublished)]),
    ]);
builder.Services.AddSingleton(catalogue);
builder.Services.AddPolicyCopies(catalogue, (book, version) => TeamPolicies.Read(book, version));
builder.Services.AddSingleton<TeamPolicies>();
builder.Services.AddSingleton<PoolReader>();
builder.Services.AddSingleton<TeamsDesk>();
builder.Services.AddOpenApi();
builder.Services.AddSingleton(new KeyedHash(builder.Configuration.Required<TextIdOptions>("TeamAssembly").TextKeyFile));
builder.Services.AddSingleton(provider => AssemblyDeadlines.Handler(
    provider.GetRequiredService<PoolReader>(), provider.GetRequiredService<TeamPolicies>(), provider.GetRequiredService<TimeProvider>()));
builder.Services.AddServiceClient<Narratives.NarrativesClient>(builder.Configuration.Required<NarrativesOptions>("Narratives").Address);

var app = builder.Build();
app.UsePlatform(DevelopmentClients.Of(catalogue));
app.MapOpenApi();
app.MapTeams();
app.MapGrpcService<TeamsService>();
await app.RunPlatform(async (services, cancellation) =>
{
    await services.GetRequiredService<PolicyCopies>().Learn(cancellation);
    foreach (var area in catalogue.Areas)
    {
        services.GetRequiredService<TeamPolicies>().Of(area.Code);
    }
});

/// <summary>Entry point of the TeamAssembly service.</summary>
public sealed partial class Program;
