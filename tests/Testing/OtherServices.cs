using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OtPlatform.Testing;

/// <summary>What stands on the other side of the broker: sends the messages of other services, and hears what stands in one of their queues.</summary>
public sealed class OtherServices : IAsyncDisposable
{
    private readonly IServiceProvider _services;
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly Channel<Heard> _heard = Channel.CreateUnbounded<Heard>();

    private OtherServices(IServiceProvider services, IConnection connection, IChannel channel) => (_services, _connection, _channel) = (services, connection, channel);

    /// <param name="queue">The queue to hear instead of its consumer.</param>
    public static async Task<OtherServices> Of<TProgram>(ServiceHost<TProgram> host, string queue)
        where TProgram : class
    {
        ArgumentNullException.ThrowIfNull(host);
        var connection = await new ConnectionFactory { Uri = host.Broker }.CreateConnectionAsync();
        var messages = new OtherServices(host.Services, connection, await connection.CreateChannelAsync());
        var consumer = new AsyncEventingBasicConsumer(messages._channel);
        consumer.ReceivedAsync += (_, delivered) => messages._heard.Writer.WriteAsync(Heard.From(Encoding.UTF8.GetString(delivered.Body.Span))).AsTask();
        await messages._channel.BasicConsumeAsync(queue, autoAck: true, consumer);
        return messages;
    }

    public Task Send<T>(T message, Guid? messageId = null)
        where T : class =>
        _services.GetRequiredService<IBus>().Publish(message, context => context.MessageId = messageId ?? Guid.CreateVersion7());

    /// <summary>The next message of this kind; what else comes before it is passed over.</summary>
    public async Task<JsonElement> Next(string kind, Guid? reservation = null)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var heard = await _heard.Reader.ReadAsync(patience.Token);
            if (heard.Kind == kind && (reservation is not { } wanted || heard.Body.GetProperty("reservationId").GetGuid() == wanted))
            {
                return heard.Body;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private sealed record Heard(string Kind, JsonElement Body)
    {
        public static Heard From(string envelope)
        {
            var json = JsonDocument.Parse(envelope).RootElement;
            return new Heard(json.GetProperty("messageType")[0].GetString()!.Split(':')[^1], json.GetProperty("message"));
        }
    }
}
