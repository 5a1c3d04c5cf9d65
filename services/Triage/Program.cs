using OtPlatform.Contracts;
using OtPlatform.Platform;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;
using OtPlatform.Triage.InstrumentVersions;
using OtPlatform.Triage.KnowledgeHolders;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.PolicyVersions;
using OtPlatform.Triage.TriageCases;

var builder = WebApplication.CreateBuilder(args);
var catalogue = Catalogue.Load(builder.Configuration.Required<CatalogueOptions>("Catalogue").Path);

builder.AddPlatform(new ServiceIdentity("triage"), Scopes.All);
builder.Services.AddStore(
    builder.Configuration.Required<StoreSettings>("Store"),
    new StoreDefinition([typeof(TriageEvent), typeof(PolicyEvent), typeof(InstrumentEvent)], TriageCaseFeatures.Documents, TriageCaseFeatures.Relays));
builder.Services.AddMessaging(
    builder.Configuration.Required<BrokerOptions>("Broker"),
    [
        new QueueConsumers(Topology.TriageConsultation, TriageCaseFeatures.Reactions),
        new QueueConsumers(Topology.TriageAssembly, TriageCaseFeatures.AssemblyReactions),
        new QueueConsumers(Topology.TriageImmediateDanger, TriageCaseFeatures.UrgentReactions),
        new QueueConsumers(Topology.TriageKnowledgeHolder, KnownHolders.Reactions),
        new QueueConsumers(Topology.TriageTopic, [typeof(KeepTopicOnTopicChanged)]),
    ]);
builder.Services.AddSingleton(catalogue);
builder.Services.AddPolicyVersions(catalogue, builder.Configuration.Required<CatalogueOptions>("Catalogue").Path);
builder.Services.AddInstrumentVersions(catalogue, builder.Configuration.Required<CatalogueOptions>("Catalogue").Path);
builder.Services.AddTopicCopies();
builder.Services.AddSingleton(provider => TriageCaseFeatures.Deadlines(provider.GetRequiredService<AreaPolicies>()));
builder.Services.AddOpenApi();

var app = builder.Build();
app.UsePlatform(DevelopmentClients.Of(catalogue));
app.MapOpenApi();
app.MapTriageCases();
app.MapGrpcService<TriageCasesService>();
app.MapGrpcService<PoliciesService>();
app.MapGrpcService<InstrumentsService>();
await app.RunPlatform(async (services, cancellation) =>
{
    await services.GetRequiredService<TopicCopies>().Learn(cancellation);
    await services.GetRequiredService<KeepInstruments>().Learn(cancellation);
    await services.GetRequiredService<KeepPolicies>().Begin(cancellation);
});

/// <summary>Entry point of the Triage service.</summary>
public sealed partial class Program;
