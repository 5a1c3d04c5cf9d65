using OtPlatform.Contracts;
using OtPlatform.Intake;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;

var builder = WebApplication.CreateBuilder(args);
var catalogue = Catalogue.Load(builder.Configuration.Required<CatalogueOptions>("Catalogue").Path);

builder.AddPlatform(new ServiceIdentity("intake"), Scopes.All);
builder.Services.AddStore(
    builder.Configuration.Required<StoreSettings>("Store"),
    new StoreDefinition([typeof(ConsultationEvent)], ConsultationFeatures.Documents, ConsultationFeatures.Relays));
builder.Services.AddMessaging(
    builder.Configuration.Required<BrokerOptions>("Broker"),
    [
        new QueueConsumers(Topology.IntakeTriageCase, ConsultationFeatures.Reactions),
        new QueueConsumers(Topology.IntakeAssembly, ConsultationFeatures.AssemblyReactions),
    ]);
builder.Services.AddSingleton(catalogue);
builder.Services.AddSingleton<IntakePolicy>();
builder.Services.AddSingleton<RequestersWords>();
builder.Services.AddSingleton(provider => ConsultationFeatures.Deadlines(provider.GetRequiredService<IntakePolicy>()));
builder.Services.AddSingleton(builder.Configuration.Required<VaultOptions>("Vault"));
builder.Services.AddSingleton(builder.Configuration.Required<PseudonymOptions>("Intake"));
builder.Services.AddSingleton<DataKeys>();
builder.Services.AddSingleton<Pseudonyms>();
builder.Services.AddSingleton<Vault>();
builder.Services.AddSingleton<RequestersDesk>();
builder.Services.AddSingleton<LaterWords>();
builder.Services.AddSingleton<OthersMessages>();
builder.Services.AddSingleton<Submissions>();
builder.Services.AddOpenApi();

var app = builder.Build();
app.Services.GetRequiredService<IntakePolicy>();
app.Services.GetRequiredService<Pseudonyms>();
app.UsePlatform(DevelopmentClients.Of(catalogue));
app.MapOpenApi();
app.MapConsultations();
app.MapGrpcService<ConsultationsService>();
app.MapGrpcService<NarrativesService>();
await app.RunPlatform((services, cancellation) => services.GetRequiredService<DataKeys>().Migrate(cancellation));

/// <summary>Entry point of the Intake service.</summary>
public sealed partial class Program;
