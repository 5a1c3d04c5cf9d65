using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Tests.Messaging;

/// <summary>A service with nothing but its store and its messaging, as AddStore and AddMessaging set them up.</summary>
internal sealed class SampleService : IAsyncDisposable
{
    private readonly IHost _host;

    private SampleService(IHost host, Faults faults) => (_host, Faults) = (host, faults);

    public Faults Faults { get; }

    public IServiceProvider Services => _host.Services;

    public StreamStore Streams => Services.GetRequiredService<StreamStore>();

    public static async Task<SampleService> Start(
        string name,
        string database,
        Uri broker,
        Faults faults,
        Type events,
        IReadOnlyList<QueueConsumers> queues,
        IReadOnlyList<RelayDefinition>? relays = null,
        TimeProvider? clock = null,
        Action<IServiceCollection>? more = null,
        FeedDefinition? feed = null,
        FollowerDefinition? follower = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new ServiceIdentity(name));
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddSingleton(faults);
        builder.Services.AddStore(new StoreSettings { ConnectionString = database }, new StoreDefinition([events], _ => { }, relays ?? [], feed, follower is null ? null : [follower]));
        builder.Services.AddMessaging(new BrokerOptions { Uri = broker }, queues);
        more?.Invoke(builder.Services);
        var host = builder.Build();
        await host.Services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await host.Services.GetRequiredService<BrokerTopology>().Declare(CancellationToken.None);
        await host.StartAsync();
        return new SampleService(host, faults);
    }

    public static Task<SampleService> StartOwner(string database, Uri broker, Faults faults) =>
        Start(Sample.Owner, database, broker, faults, typeof(CounterEvent), [], [new RelayDefinition("relay", happened => Sample.Map(happened, faults))]);

    public static Task<SampleService> StartConsumer(string database, Uri broker, Faults faults, params Type[] consumers) =>
        Start(Sample.Consumer, database, broker, faults, typeof(TallyEvent), [new QueueConsumers(Sample.Queue, consumers.Length == 0 ? [typeof(TallyOnObjected)] : consumers)]);

    /// <summary>Appends to a counter's stream.</summary>
    public Task Append(Guid counter, params CounterEvent[] events) =>
        Streams.Decide(Sample.Counter, counter, _ => events, new Origin("test"), CancellationToken.None);

    /// <summary>The numbers in the tally's own stream, in its order.</summary>
    public async Task<IReadOnlyList<int>> Tally(Guid counter)
    {
        await using var session = Services.GetRequiredService<IDocumentStore>().QuerySession();
        return Sample.Tally.Fold((await session.Events.FetchStreamAsync(counter)).Select(happened => (TallyEvent)happened.Data));
    }

    public async Task<IReadOnlyList<T>> All<T>()
        where T : class
    {
        await using var session = Services.GetRequiredService<IDocumentStore>().QuerySession();
        return await session.QueryAsync<T>("where true");
    }

    /// <summary>Stops the relay, the consumers and the runners; the store can still be used.</summary>
    public Task StopHost() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }
}
