using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OtPlatform.Platform.Tests.Messaging;

/// <summary>Takes the messages out of a queue, one at a time and for good.</summary>
internal sealed class Tap : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly Channel<(ulong Tag, byte[] Body)> _arrived = Channel.CreateUnbounded<(ulong, byte[])>();

    private Tap(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<Tap> On(Uri broker, string queue)
    {
        var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        var tap = new Tap(connection, await connection.CreateChannelAsync());
        var consumer = new AsyncEventingBasicConsumer(tap._channel);
        consumer.ReceivedAsync += async (_, delivered) => await tap._arrived.Writer.WriteAsync((delivered.DeliveryTag, delivered.Body.ToArray()));
        await tap._channel.BasicConsumeAsync(queue, autoAck: false, consumer);
        return tap;
    }

    public async Task<byte[]> Next()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (tag, body) = await _arrived.Reader.ReadAsync(patience.Token);
        await _channel.BasicAckAsync(tag, multiple: false);
        return body;
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
