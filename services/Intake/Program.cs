using OtPlatform.Contracts;
using OtPlatform.Intake;
using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Narratives;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Intake.Reference;
using OtPlatform.Intake.Webhooks;
using OtPlatform.Platform;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;

if (args is ["vault", .. var what])
{
    return await VaultCommand.Run(what, CancellationToken.None);
}

var builder = WebApplication.CreateBuilder(args);
var catalogue = Catalogue.Load(builder.Configuration.Required<CatalogueOptions>("Catalogue").Path);

builder.AddPlatform(new ServiceIdentity("intake"), Scopes.All);
builder.Services.AddStore(builder.Configuration.Required<StoreSettings>("Store"), IntakeStore.Definition);
builder.Services.AddMessaging(
    builder.Configuration.Required<BrokerOptions>("Broker"),
    [
        new QueueConsumers(Topology.IntakeTriageCase, ConsultationFeatures.Reactions),
        new QueueConsumers(Topology.IntakeAssembly, ConsultationFeatures.AssemblyReactions),
        .. Copies.Queues,
    ]);
builder.Services.AddPolicyCopies(catalogue, (book, version) => IntakePolicy.Read(catalogue, book, version));
builder.Services.AddSingleton(catalogue).AddSingleton<IntakePolicy>().AddSingleton<RequestersWords>();
builder.Services.AddSingleton(provider => ConsultationFeatures.Deadlines(provider.GetRequiredService<IntakePolicy>()));
builder.Services.AddVault(builder.Configuration.Required<VaultOptions>("Vault"));
builder.Services.AddSingleton(builder.Configuration.Required<PseudonymOptions>("Intake"));
builder.Services.AddSingleton<Pseudonyms>();
builder.Services.AddSingleton<RequestersDesk>().AddSingleton<LaterWords>().AddSingleton<OthersMessages>();
builder.Services.AddSingleton<Acknowledgements>().AddSingleton<Submissions>();
builder.Services.AddInstrumentCopies();
builder.Services.AddTopicCopies();
builder.Services.AddSingleton<ConsultationChanges>();
builder.Services.AddHostedService(provider => provider.GetRequiredService<ConsultationChanges>());
builder.AddWebhooks();
builder.AddAbsenceFollowUps();
builder.Services.AddPartnerApiDescription();

var app = builder.Build();
app.Services.GetRequiredService<Pseudonyms>();
app.UsePlatform(DevelopmentClients.Of(catalogue));
app.MapOpenApi();
app.MapConsultations();
app.MapCatalogue();
app.MapWebhooks();
app.MapAbsenceFollowUps();
app.MapGrpcService<ConsultationsService>();
app.MapGrpcService<NarrativesService>();
await app.RunPlatform(IntakeStore.Prepare);
return 0;

/// <summary>Entry point of the Intake service.</summary>
public sealed partial class Program;
