using OtPlatform.Contracts;
using OtPlatform.Coordination.Console;
using OtPlatform.Coordination.Journal;
using OtPlatform.Coordination.Operations;
using OtPlatform.Platform;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;

var builder = WebApplication.CreateBuilder(args);
var catalogue = Catalogue.Load(builder.Configuration.Required<CatalogueOptions>("Catalogue").Path);

builder.AddPlatform(new ServiceIdentity("coordination"), Scopes.All);
builder.Services.AddStore(builder.Configuration.Required<StoreSettings>("Store"), new StoreDefinition([], JournalFeatures.Documents, []));
builder.Services.AddMessaging(builder.Configuration.Required<BrokerOptions>("Broker"), JournalFeatures.Consumers);
builder.Services.AddSingleton(catalogue);
builder.Services.AddTopicCopies();
builder.Services.AddSingleton<ErrorQueues>();
builder.Services.AddSingleton<JournalFeed>();
builder.Services.AddSingleton<RoutingQueues>();
builder.Services.AddSingleton<RoutingStatistics>();
builder.Services.AddHostedService(provider => provider.GetRequiredService<JournalFeed>());
builder.AddConsole();

var app = builder.Build();
app.UsePlatform(DevelopmentClients.Of(catalogue));
app.MapGrpcService<QueuesService>();
app.MapGrpcService<OperationsService>();
app.UseConsole();
await app.RunPlatform((services, cancellation) => services.GetRequiredService<TopicCopies>().Learn(cancellation));

/// <summary>Entry point of the Coordination service.</summary>
public sealed partial class Program;
