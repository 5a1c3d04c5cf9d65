using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OtPlatform.ExpertPool.Tests.Experts;

/// <summary>What stands on the other side of the broker: sends commands as TeamAssembly does, and hears what it hears.</summary>
internal sealed class Messages : IAsyncDisposable
{
    private readonly ServiceHost<Program> _pool;
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly Channel<Heard> _heard = Channel.CreateUnbounded<Heard>();

    private Messages(ServiceHost<Program> pool, IConnection connection, IChannel channel) => (_pool, _connection, _channel) = (pool, connection, channel);

    public static async Task<Messages> Of(ServiceHost<Program> pool)
    {
        var connection = await new ConnectionFactory { Uri = pool.Broker }.CreateConnectionAsync();
        var messages = new Messages(pool, connection, await connection.CreateChannelAsync());
        var consumer = new AsyncEventingBasicConsumer(messages._channel);
        consumer.ReceivedAsync += (_, delivered) => messages._heard.Writer.WriteAsync(Heard.From(Encoding.UTF8.GetString(delivered.Body.Span))).AsTask();
        await messages._channel.BasicConsumeAsync(Topology.TeamAssemblyExpert, autoAck: true, consumer);
        return messages;
    }

    public Task Send<T>(T command, Guid? messageId = null)
        where T : class =>
        _pool.Services.GetRequiredService<IBus>().Publish(command, context => context.MessageId = messageId ?? Guid.CreateVersion7());

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
