using System.Collections.Concurrent;
using System.Diagnostics;
using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Platform;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OtPlatform.Bench;

/// <summary>From the commit to the broker: the platform's relay, registered as a service does, beside bare confirmed publishing.</summary>
internal sealed class RelayCases : IAsyncDisposable
{
    private const string Queue = "bench-notes";
    private const string Exchange = "OtPlatform.Bench:NoteShared";
    private const string RelayName = "bench";
    private const int Backlog = 4_000;
    private const int Window = 256;
    private const int Writers = 5;
    private const int PerSecond = 500;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LagSlice = TimeSpan.FromSeconds(3);

    private readonly ServiceProvider _services;
    private readonly IDocumentStore _store;
    private readonly IConnection _connection;
    private readonly IChannel _publishing;
    private readonly ConcurrentDictionary<string, long> _arrived = new();

    private RelayCases(ServiceProvider services, IConnection connection, IChannel publishing)
    {
        (_services, _connection, _publishing) = (services, connection, publishing);
        _store = StoreBenchmark.StoreOf(services);
    }

    public static async Task Run(Workbench bench, CancellationToken cancellation)
    {
        var broker = (await bench.Servers()).RabbitMq;
        await using var cases = await Open(await bench.FreshDatabase("relay"), broker, cancellation);
        using var daemon = await cases._store.BuildProjectionDaemonAsync();
        var messages = await cases.Throughput(bench, daemon, cancellation);
        await cases.Lag(bench, daemon, messages[0], cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _publishing.DisposeAsync();
        await _connection.DisposeAsync();
        await _services.DisposeAsync();
    }

    private static async Task<RelayCases> Open(string database, Uri broker, CancellationToken cancellation)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new ServiceIdentity("bench"));
        services.AddStore(new StoreSettings { ConnectionString = database }, new StoreDefinition([typeof(NoteEvent)], _ => { }, [new RelayDefinition(RelayName, Notes.Shared)]));
        services.AddMessaging(new BrokerOptions { Uri = broker }, []);
        var provider = services.BuildServiceProvider();
        await StoreBenchmark.StoreOf(provider).Storage.ApplyAllConfiguredChangesToDatabaseAsync();

        var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync("bench", cancellation);
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null), cancellation);
        await channel.ExchangeDeclareAsync(Exchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
        await channel.QueueDeclareAsync(
            Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { [BrokerTopology.QueueTypeArgument] = "quorum" }, cancellationToken: cancellation);
        await channel.QueueBindAsync(Queue, Exchange, string.Empty, cancellationToken: cancellation);
        return new RelayCases(provider, connection, channel);
    }

    /// <summary>A backlog that the relay works off, beside the same messages published barely.</summary>
    private async Task<IReadOnlyList<Message>> Throughput(Workbench bench, IProjectionDaemon daemon, CancellationToken cancellation)
    {
        await AppendBacklog(cancellation);
        await Relay(daemon, cancellation);
        var messages = await Drain(cancellation);
        if (messages.Count != Backlog)
        {
            throw new InvalidOperationException($"The relay published {messages.Count} messages where there were {Backlog} events.");
        }

        await bench.CompareTimed(
            $"relay: a backlog of {Backlog:#,##0} events", "events", Target.RatioAtLeast(0.6), slices: 4,
            async _ =>
            {
                await AppendBacklog(cancellation);
                var took = await Relay(daemon, cancellation);
                await _publishing.QueuePurgeAsync(Queue, cancellation);
                return (Backlog, took);
            },
            async _ =>
            {
                var started = Stopwatch.GetTimestamp();
                await Publish(messages, cancellation);
                var took = Stopwatch.GetElapsedTime(started);
                await _publishing.QueuePurgeAsync(Queue, cancellation);
                return (messages.Count, took);
            });
        return messages;
    }

    /// <summary>From the return of the commit to the arrival at a consumer, beside the same from the publishing on.</summary>
    private async Task Lag(Workbench bench, IProjectionDaemon daemon, Message sample, CancellationToken cancellation)
    {
        await using var consuming = await _connection.CreateChannelAsync(cancellationToken: cancellation);
        var consumer = new AsyncEventingBasicConsumer(consuming);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            _arrived[Guid.Parse(delivery.BasicProperties.MessageId!).ToString()] = Stopwatch.GetTimestamp();
            return Task.CompletedTask;
        };
        await consuming.BasicConsumeAsync(Queue, autoAck: true, consumer, cancellation);
        await daemon.StartAllAsync();
        var (ours, bare, rates) = (new List<double>(), new List<double>(), new List<double>());
        for (var slice = -1; slice < 3; slice++)
        {
            bench.Probe.Take();
            var (committed, rate) = await AtSteadyRate(() => Append(cancellation));
            var (published, _) = await AtSteadyRate(() => PublishOne(sample, cancellation));
            if (slice >= 0)
            {
                ours.AddRange(await LagsOf(committed));
                bare.AddRange(await LagsOf(published));
                rates.Add(rate);
            }
        }

        await daemon.StopAllAsync();
        var at = $"at {Statistics.Median(rates):0} events/s";
        bench.Add($"lag from commit to consumer {at}, p50", Statistics.Median(ours), Statistics.Median(bare), null, "ms");
        bench.Add($"lag from commit to consumer {at}, p99", Statistics.Percentile(ours, 0.99), Statistics.Percentile(bare, 0.99), Target.AtMost(50), "ms");
    }

    /// <summary>Does something 500 times a second, each on its own, from several callers; says from when each is to be timed, and how many a second it came to.</summary>
    private static async Task<(IReadOnlyList<(string Id, long From)> Done, double Rate)> AtSteadyRate(Func<Task<(string Id, long From)>> act)
    {
        var done = new ConcurrentBag<(string Id, long From)>();
        var started = Stopwatch.GetTimestamp();
        var each = TimeSpan.FromSeconds((double)Writers / PerSecond);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                var due = (each * i) + (each * writer / Writers);
                if (due > LagSlice)
                {
                    return;
                }

                var early = due - Stopwatch.GetElapsedTime(started);
                if (early > TimeSpan.Zero)
                {
                    await Task.Delay(early);
                }

                done.Add(await act());
            }
        })));
        return ([.. done], done.Count / Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private async Task<IEnumerable<double>> LagsOf(IReadOnlyList<(string Id, long From)> done)
    {
        for (var waited = Stopwatch.StartNew(); !done.All(one => _arrived.ContainsKey(one.Id)); await Task.Delay(20))
        {
            if (waited.Elapsed > Limit)
            {
                throw new InvalidOperationException($"{done.Count(one => !_arrived.ContainsKey(one.Id))} messages have not arrived.");
            }
        }

        return done.Select(one => Math.Max(0, Stopwatch.GetElapsedTime(one.From, _arrived[one.Id]).TotalMilliseconds)).ToList();
    }

    private async Task<(string Id, long From)> Append(CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7();
        await using var session = _store.LightweightSession();
        var stream = session.Events.StartStream(id, Notes.One(id, 0));
        await session.SaveChangesAsync(cancellation);
        return (stream.Events[0].Id.ToString(), Stopwatch.GetTimestamp());
    }

    private async Task<(string Id, long From)> PublishOne(Message message, CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7().ToString();
        var started = Stopwatch.GetTimestamp();
        await _publishing.BasicPublishAsync(Exchange, string.Empty, mandatory: true, new BasicProperties(message.Properties) { MessageId = id }, message.Body, cancellation);
        return (id, started);
    }

    private async Task AppendBacklog(CancellationToken cancellation)
    {
        for (var done = 0; done < Backlog; done += 200)
        {
            await using var session = _store.LightweightSession();
            for (var stream = 0; stream < 50; stream++)
            {
                var id = Guid.CreateVersion7();
                session.Events.StartStream(id, Notes.Of(id, 4));
            }

            await session.SaveChangesAsync(cancellation);
        }
    }

    private static async Task<TimeSpan> Relay(IProjectionDaemon daemon, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        await daemon.StartAllAsync();
        await daemon.WaitForNonStaleData(Limit).WaitAsync(cancellation);
        var took = Stopwatch.GetElapsedTime(started);
        await daemon.StopAllAsync();
        return took;
    }

    /// <summary>As many at once as a page of the relay may have under way; a window that never waits for its slowest is the fastest way there is.</summary>
    private async Task Publish(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        var unconfirmed = new Queue<Task>();
        foreach (var message in messages)
        {
            if (unconfirmed.Count == Window)
            {
                await unconfirmed.Dequeue();
            }

            unconfirmed.Enqueue(_publishing.BasicPublishAsync(Exchange, string.Empty, mandatory: true, new BasicProperties(message.Properties), message.Body, cancellation).AsTask());
        }

        while (unconfirmed.TryDequeue(out var last))
        {
            await last;
        }
    }

    private async Task<IReadOnlyList<Message>> Drain(CancellationToken cancellation)
    {
        var messages = new List<Message>();
        while (await _publishing.BasicGetAsync(Queue, autoAck: true, cancellation) is { } got)
        {
            messages.Add(new Message(got.Body.ToArray(), got.BasicProperties));
        }

        return messages;
    }

    private sealed record Message(byte[] Body, IReadOnlyBasicProperties Properties);
}
