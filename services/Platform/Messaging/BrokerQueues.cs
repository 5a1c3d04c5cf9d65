using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace OtPlatform.Platform.Messaging;

/// <summary>Puts stored messages back into their queues, byte for byte, with the broker's confirmation.</summary>
public sealed partial class BrokerQueues(BrokerOptions broker, ILogger<BrokerQueues> logger) : IAsyncDisposable
{
    private static readonly CreateChannelOptions Confirming = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private IConnection? _connection;
    private IChannel? _channel;

    /// <exception cref="RabbitMQ.Client.Exceptions.PublishException">No queue takes it.</exception>
    internal async Task PutBack(ParkedMessage message, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            var channel = await Open(cancellation);
            var properties = new BasicProperties { ContentType = message.ContentType, MessageId = message.Id, Persistent = true };
            await channel.BasicPublishAsync(message.Queue, string.Empty, mandatory: true, properties, Convert.FromBase64String(message.Body), cancellation);
            Released(logger, message.Queue, message.StreamId, message.Version);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel is { } channel)
        {
            await channel.DisposeAsync();
        }

        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }

        _gate.Dispose();
    }

    private async Task<IChannel> Open(CancellationToken cancellation)
    {
        if (_channel is { IsOpen: true } open)
        {
            return open;
        }

        if (_connection is { } old)
        {
            await old.DisposeAsync();
        }

        _connection = await new ConnectionFactory { Uri = broker.Uri, AutomaticRecoveryEnabled = false }.CreateConnectionAsync("parked messages", cancellation);
        return _channel = await _connection.CreateChannelAsync(Confirming, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Queue}: version {Version} of stream {StreamId} is put back")]
    private static partial void Released(ILogger logger, string queue, Guid streamId, long version);
}
