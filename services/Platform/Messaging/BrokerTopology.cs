using MassTransit.RabbitMqTransport;
using Microsoft.Extensions.Logging;
using OtPlatform.Contracts;
using RabbitMQ.Client;

namespace OtPlatform.Platform.Messaging;

/// <summary>Declares every queue and binding of the contract topology, in the shape that MassTransit expects to find.</summary>
public sealed partial class BrokerTopology(BrokerOptions options, ILogger<BrokerTopology> logger)
{
    public const string QueueTypeArgument = "x-queue-type";
    public const string SingleConsumerArgument = "x-single-active-consumer";

    /// <summary>A newer broker drops a message after twenty deliveries when nothing is said; a store that is away can cost more.</summary>
    public const string DeliveryLimitArgument = "x-delivery-limit";
    public const int DeliveryLimit = 1_000_000;

    private static readonly RabbitMqMessageNameFormatter Names = new();

    public async Task Declare(CancellationToken cancellation)
    {
        var factory = new ConnectionFactory { Uri = options.Uri };
        await using var connection = await factory.CreateConnectionAsync("topology", cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        foreach (var subscription in Topology.Subscriptions)
        {
            var arguments = new Dictionary<string, object?> { [QueueTypeArgument] = "quorum", [DeliveryLimitArgument] = DeliveryLimit };
            if (subscription.InOrder)
            {
                arguments[SingleConsumerArgument] = true;
            }

            await channel.ExchangeDeclareAsync(subscription.Queue, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
            await channel.QueueDeclareAsync(subscription.Queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellation);
            await channel.QueueBindAsync(subscription.Queue, subscription.Queue, string.Empty, cancellationToken: cancellation);
            foreach (var message in subscription.Messages)
            {
                var exchange = Names.GetMessageName(message).ToString();
                await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
                await channel.ExchangeBindAsync(subscription.Queue, exchange, string.Empty, cancellationToken: cancellation);
            }
        }

        Declared(logger, Topology.Subscriptions.Count);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Declared {Count} queues of the contract topology")]
    private static partial void Declared(ILogger logger, int count);
}
