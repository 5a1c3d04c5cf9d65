using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OtPlatform.Local;

namespace OtPlatform.Bench;

/// <summary>What the bare hop is asked.</summary>
/// <param name="Facts">As long as a submission.</param>
public sealed record HopAsked(Guid Id, string Facts);

/// <summary>What the bare hop says when its row is stored.</summary>
public sealed record HopAnswered(Guid Id);

/// <summary>
/// What the way through Triage is measured beside: a process of its own with one MassTransit consumer on a quorum queue, which inserts one
/// row and publishes one message, confirmed by the broker. It knows no repeat, loses the answer when it is killed between the two, decides
/// nothing and keeps no order.
/// </summary>
internal static class BareHop
{
    public const string Verb = "serve-bare-hop";
    public const string Queue = "bench-bare-hop";

    public static async Task<int> Serve(Uri broker, string database)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddConsole().SetMinimumLevel(LogLevel.Error);
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { NoResetOnClose = true, MaxAutoPrepare = 10 }));
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddConsumer<Consumer>();
            bus.DisableUsageTelemetry();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(broker, host => host.PublisherConfirmation = true);
                rabbit.ReceiveEndpoint(Queue, endpoint =>
                {
                    endpoint.SetQuorumQueue();
                    endpoint.ConfigureConsumer<Consumer>(context);
                });
            });
        });
        using var host = builder.Build();
        await using (var create = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("create table hops (id uuid primary key, facts text not null)"))
        {
            await create.ExecuteNonQueryAsync();
        }

        await host.RunAsync();
        return 0;
    }

    public static ProcessRecord Start(Uri broker, string database, string log, Guard guard)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
        environment["DOTNET_gcServer"] = "0";
        var child = ChildProcess.Start([Environment.ProcessPath!, typeof(BareHop).Assembly.Location, Verb, broker.ToString(), database], Path.GetDirectoryName(log)!, environment, log, Verb);
        guard.Add(new LeftProcess(child.Record, UnixSignal.Terminate));
        return child.Record;
    }

    internal sealed class Consumer(NpgsqlDataSource store) : IConsumer<HopAsked>
    {
        public async Task Consume(ConsumeContext<HopAsked> context)
        {
            await using (var insert = store.CreateCommand("insert into hops (id, facts) values ($1, $2)"))
            {
                insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = context.Message.Id });
                insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = context.Message.Facts });
                await insert.ExecuteNonQueryAsync(context.CancellationToken);
            }

            await context.Publish(new HopAnswered(context.Message.Id), context.CancellationToken);
        }
    }
}
