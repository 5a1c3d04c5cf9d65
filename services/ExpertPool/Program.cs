using OtPlatform.Contracts;
using OtPlatform.ExpertPool;
using OtPlatform.ExpertPool.Coverage;
using OtPlatform.ExpertPool.Experts;
using OtPlatform.ExpertPool.KnowledgeHolders;
using OtPlatform.ExpertPool.StandingTeams;
using OtPlatform.ExpertPool.Topics;
using OtPlatform.Platform;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;

var builder = WebApplication.CreateBuilder(args);
var catalogue = Catalogue.Load(builder.Configuration.Required<CatalogueOptions>("Catalogue").Path);

builder.AddPlatform(new ServiceIdentity("expert-pool"), Scopes.All);
builder.Services.AddStore(
    builder.Configuration.Required<StoreSettings>("Store"),
    new StoreDefinition([typeof(ExpertEvent), typeof(KnowledgeHolderEvent), typeof(StandingTeamEvent), typeof(TopicEvent)], ExpertFeatures.Documents, ExpertFeatures.Relays));
builder.Services.AddMessaging(
    builder.Configuration.Required<BrokerOptions>("Broker"),
    [
        new QueueConsumers(Topology.ExpertPoolReservation, ExpertFeatures.Reactions),
        new QueueConsumers(Topology.ExpertPoolAssembly, [typeof(NoteNeedsOnServiceGapFound)]),
        new QueueConsumers(Topology.ExpertPoolTriageCase, [typeof(NoteTopicsOnServiceGapRecorded)]),
    ]);
builder.Services.AddSingleton(catalogue);
builder.Services.AddTopicCopies();
builder.Services.AddSingleton(LapseCapacity.Handler());
builder.Services.AddSingleton(builder.Configuration.Required<UnitOptions>("ExpertPool"));
builder.Services.AddSingleton<Units>();
builder.Services.AddOpenApi();

var app = builder.Build();
app.Services.GetRequiredService<Units>();
app.UsePlatform(DevelopmentClients.Of(catalogue));
app.MapOpenApi();
app.MapExperts();
app.MapKnowledgeHolders();
app.MapStandingTeams();
app.MapGrpcService<ExpertsService>();
app.MapGrpcService<CatalogueService>();
await app.RunPlatform((services, cancellation) => services.GetRequiredService<TopicCopies>().Learn(cancellation));

/// <summary>Entry point of the ExpertPool service.</summary>
public sealed partial class Program;
