using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtPlatform.Protos.Coordination.V1;
using OtPlatform.Testing;
using RabbitMQ.Client;

namespace OtPlatform.Coordination.Tests.Journal;

/// <summary>The Coordination service on a real store and a real broker, told what the other services would tell it.</summary>
internal sealed class RunningJournal : IAsyncDisposable
{
    public const string Traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly NpgsqlDataSource _store;
    private readonly Lazy<GrpcChannel> _channel;

    private RunningJournal(ServiceHost<Program> host)
    {
        Host = host;
        _store = NpgsqlDataSource.Create(host.StoreConnectionString);
        _channel = new Lazy<GrpcChannel>(host.OpenChannel);
    }

    public ServiceHost<Program> Host { get; }

    public static async Task<RunningJournal> Start(string name, IReadOnlyDictionary<string, string>? more = null, bool onPort = false) =>
        new(await ServiceHost<Program>.Start(name, more, onPort));

    public Queues.QueuesClient Queues => new(_channel.Value);

    /// <summary>The headers of a caller who is one of the Development clients.</summary>
    public Task<Metadata> As(string clientId) => Host.TokenOf(clientId);

    public async Task Publish(IEnumerable<Happenings.Told> told)
    {
        foreach (var step in told)
        {
            await Publish(step);
        }
    }

    public Task Publish(Happenings.Told step) => Host.Services.GetRequiredService<IBus>().Publish(step.Message, step.Message.GetType(), context =>
    {
        context.MessageId = step.MessageId;
        context.Headers.Set("ot-source", step.Source);
        context.Headers.Set("ot-stream-id", step.Stream.ToString());
        context.Headers.Set("ot-stream-version", step.Version);
        context.Headers.Set("ot-traceparent", Traceparent);
    });

    /// <summary>Waits until each of these messages is written down.</summary>
    public Task WrittenDown(IEnumerable<Happenings.Told> told)
    {
        var ids = told.Select(step => step.MessageId).ToArray();
        return Eventually.Holds(async () => Assert.That(await Scalar("select count(*) from ot.mt_doc_journalentry where id = any($1)", ids), Is.EqualTo((long)ids.Length)));
    }

    /// <summary>How many messages stand in a queue.</summary>
    public async Task<uint> Waiting(string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = Host.Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        return (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
    }

    public async Task<object?> Scalar(string sql, params object[] parameters)
    {
        await using var command = _store.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        return await command.ExecuteScalarAsync();
    }

    public void StopApplication() => Host.Services.GetRequiredService<Microsoft.Extensions.Hosting.IHostApplicationLifetime>().StopApplication();

    public async ValueTask DisposeAsync()
    {
        if (_channel.IsValueCreated)
        {
            _channel.Value.Dispose();
        }

        await _store.DisposeAsync();
        await Host.DisposeAsync();
    }
}
