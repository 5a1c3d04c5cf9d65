using System.Text.Json;
using System.Text.Json.Serialization;
using Marten;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OtPlatform.Contracts;

namespace OtPlatform.Platform.Messaging;

/// <summary>Where the broker is.</summary>
public sealed record BrokerOptions
{
    /// <summary><c>amqp://user:password@host:port/virtual-host</c>.</summary>
    public required Uri Uri { get; init; }
}

/// <summary>The consumers of one queue of the contract topology.</summary>
public sealed record QueueConsumers(string Queue, params Type[] Consumers);

/// <summary>MassTransit as this platform uses it: named queues of the contract topology, order per stream, pause instead of failure.</summary>
public static class MessagingExtensions
{
    private const int Lanes = 16;

    // A frozen consumer keeps its queue until the broker has missed two beats.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddMessaging(this IServiceCollection services, BrokerOptions broker, IReadOnlyList<QueueConsumers> queues)
    {
        services.AddSingleton(broker);
        services.AddSingleton<BrokerTopology>();
        services.AddSingleton<RelayHealth>();
        services.AddSingleton<Inbox>();
        services.AddSingleton<Publisher>();
        services.AddSingleton<BrokerQueues>();
        services.AddHostedService<ParkedMessages>();
        services.AddHostedService<ParkedStreams>();
        services.AddHostedService<RedactedStreams>();
        services.AddHostedService<RelayGauges>();
        services.AddHostedService<Housekeeping>();
        services.AddMassTransit(bus =>
        {
            bus.AddConsumer<AnswerReplay>();
            foreach (var consumer in queues.SelectMany(queue => queue.Consumers))
            {
                bus.AddConsumer(consumer);
            }

            // Without the broker a service may still acknowledge, but nothing goes on: that is not ready.
            bus.ConfigureHealthCheckOptions(health => health.MinimalFailureStatus = HealthStatus.Unhealthy);
            bus.DisableUsageTelemetry();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                var door = new BrokerDoor(
                    broker.Uri, context.GetRequiredService<ILogger<BrokerDoor>>(), context.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
                rabbit.Host(broker.Uri, host =>
                {
                    host.PublisherConfirmation = true;
                    host.Heartbeat(Heartbeat);
                    host.OnRefreshConnectionFactory = _ => door.UntilOpen();
                });
                rabbit.ConfigureJsonSerializerOptions(ConfigureJson);
                foreach (var queue in queues.Concat(Replays(context.GetRequiredService<ServiceIdentity>())))
                {
                    rabbit.ReceiveEndpoint(queue.Queue, endpoint => Configure(endpoint, context, queue));
                }
            });
        });
        services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = false);
        return services;
    }

    internal static JsonSerializerOptions ConfigureJson(JsonSerializerOptions json)
    {
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        return json;
    }

    private static IEnumerable<QueueConsumers> Replays(ServiceIdentity service) =>
        Topology.Subscriptions
            .Where(subscription => subscription.Queue == Topology.ReplayQueueOf(service.Name))
            .Select(subscription => new QueueConsumers(subscription.Queue, typeof(AnswerReplay)));

    private static void Configure(IRabbitMqReceiveEndpointConfigurator endpoint, IBusRegistrationContext context, QueueConsumers queue)
    {
        endpoint.SetQuorumQueue();
        endpoint.SetQueueArgument(BrokerTopology.DeliveryLimitArgument, BrokerTopology.DeliveryLimit);
        var subscription = Topology.Subscriptions.Single(known => known.Queue == queue.Queue);
        if (subscription.InOrder)
        {
            endpoint.SingleActiveConsumer = true;
        }

        // One at a time keeps the order of a stream: deliveries that run side by side may overtake each other before any lane sees them.
        endpoint.PrefetchCount = Lanes;
        endpoint.ConcurrentMessageLimit = subscription.InOrder ? 1 : Lanes;
        // Nobody listens to MassTransit's own reports of failures; the error queue has them.
        endpoint.PublishFaults = false;
        endpoint.UseFilter(new Delivery(
            queue,
            subscription.InOrder,
            context.GetRequiredService<IDocumentStore>(),
            context.GetRequiredService<TimeProvider>(),
            context.GetRequiredService<ILoggerFactory>()));
        foreach (var consumer in queue.Consumers)
        {
            endpoint.ConfigureConsumer(context, consumer);
        }
    }
}
