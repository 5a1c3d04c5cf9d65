using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace OtPlatform.Platform.Messaging;

/// <summary>Puts stored messages back into their queues, byte for byte, with the broker's confirmation.</summary>
public sealed partial class BrokerQueues(BrokerOptions broker, ILogger<BrokerQueues> logger) : IAsyncDisposable
{
    private static readonly TimeSpan ConfirmLimit = TimeSpan.FromSeconds(10);
    private static readonly CreateChannelOptions Confirming = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private IConnection? _connection;
    private IChannel? _channel;

    /// <exception cref="RabbitMQ.Client.Exceptions.PublishException">No queue takes it.</exception>
    internal async Task PutBack(ParkedMessage message, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ConfirmLimit);
        await _gate.WaitAsync(limit.Token);
        try
        {
            var channel = await Open(limit.Token);
            var properties = new BasicProperties { ContentType = message.ContentType, MessageId = message.Id, Persistent = true };
            await channel.BasicPublishAsync(message.Queue, string.Empty, mandatory: true, properties, Convert.FromBase64String(message.Body), limit.Token);
            Released(logger, message.Queue, message.StreamId, message.Version);
        }
        catch
        {
            // Whatever it was, the next one begins with a channel that is known to work.
            await Close();
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Close();
        _gate.Dispose();
    }

    private async Task<IChannel> Open(CancellationToken cancellation)
    {
        if (_channel is { IsOpen: true } open)
        {
            return open;
        }

        await Close();
        _connection = await new ConnectionFactory { Uri = broker.Uri, AutomaticRecoveryEnabled = false }.CreateConnectionAsync("parked messages", cancellation);
        return _channel = await _connection.CreateChannelAsync(Confirming, cancellation);
    }

    private async Task Close()
    {
        var connection = _connection;
        (_connection, _channel) = (null, null);
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Queue}: version {Version} of stream {StreamId} is put back")]
    private static partial void Released(ILogger logger, string queue, Guid streamId, long version);
}
