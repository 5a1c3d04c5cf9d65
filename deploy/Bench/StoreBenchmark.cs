using Marten;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Local;
using OtPlatform.Platform;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Bench;

/// <summary>
/// The event store, set up as a service does, beside raw Npgsql that puts the same rows into the same tables in as many transactions
/// and round trips; then the relay beside bare confirmed publishing, and memory over many events.
/// </summary>
internal sealed class StoreBenchmark : Benchmark
{
    private const int DaemonEvents = 100_000;
    private static readonly TimeSpan DaemonLimit = TimeSpan.FromMinutes(2);

    public override string Name => "store";

    public override IReadOnlyDictionary<string, int> Options { get; } = new Dictionary<string, int> { ["events"] = 1_000_000, ["part"] = 0 };

    /// <summary>All parts, or with <c>--part</c> one of them: 1 sessions, 2 the daemon, 3 the relay, 4 memory.</summary>
    public override async Task Run(Workbench bench, CancellationToken cancellation)
    {
        Func<Task>[] parts =
        [
            () => Sessions(bench, cancellation),
            () => Daemon(bench, cancellation),
            () => RelayCases.Run(bench, cancellation),
            () => MemoryCase.Run(bench, bench.Option("events"), cancellation),
        ];
        var only = bench.Option("part");
        if (only > parts.Length)
        {
            throw new LocalFailureException($"There are {parts.Length} parts.");
        }

        foreach (var part in only == 0 ? parts : parts[(only - 1)..only])
        {
            await part();
        }
    }

    private static async Task Sessions(Workbench bench, CancellationToken cancellation)
    {
        await using var services = Services(await bench.FreshDatabase("ours"));
        var database = await bench.FreshDatabase("raw");
        await using (var same = Services(database))
        {
            await StoreOf(same).Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        }

        var store = StoreOf(services);
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await using var raw = new RawStore(database);
        await Start(bench, store, raw, cancellation);
        await Append(bench, store, raw, cancellation);
        await LargeSessions(bench, store, raw, cancellation);
        await Read(bench, store, raw, cancellation);
    }

    private static Task Start(Workbench bench, IDocumentStore store, RawStore raw, CancellationToken cancellation) =>
        bench.Compare(
            "start a stream with 3 events", "events", Target.RatioAtLeast(0.8), slices: 20,
            async _ =>
            {
                for (var i = 0; i < 100; i++)
                {
                    var id = Guid.CreateVersion7();
                    await using var session = store.LightweightSession();
                    session.Events.StartStream(id, Notes.Of(id, 3));
                    await session.SaveChangesAsync(cancellation);
                }

                return 300;
            },
            async _ =>
            {
                for (var i = 0; i < 100; i++)
                {
                    var id = Guid.CreateVersion7();
                    await raw.Start(id, Notes.Of(id, 3));
                }

                return 300;
            });

    private static async Task Append(Workbench bench, IDocumentStore store, RawStore raw, CancellationToken cancellation)
    {
        var streams = Enumerable.Range(0, 100).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var id in streams)
        {
            await raw.Start(id, Notes.Of(id, 3));
            await using var session = store.LightweightSession();
            session.Events.StartStream(id, Notes.Of(id, 3));
            await session.SaveChangesAsync(cancellation);
        }

        await bench.Compare(
            "append 3 events to an existing stream", "events", Target.RatioAtLeast(0.8), slices: 20,
            async slice =>
            {
                var version = 3 + ((slice + 1) * 3);
                foreach (var id in streams)
                {
                    await using var session = store.LightweightSession();
                    session.Events.Append(id, version + 3, Notes.Of(id, 3));
                    await session.SaveChangesAsync(cancellation);
                }

                return streams.Length * 3;
            },
            async slice =>
            {
                var version = 3 + ((slice + 1) * 3);
                foreach (var id in streams)
                {
                    await raw.Append(id, version, Notes.Of(id, 3));
                }

                return streams.Length * 3;
            });
    }

    private static async Task LargeSessions(Workbench bench, IDocumentStore store, RawStore raw, CancellationToken cancellation)
    {
        await bench.Compare(
            "session of 200 events, one stream", "events", Target.RatioAtLeast(0.7), slices: 20,
            _ => Sessions(store, streams: 1, events: 200, cancellation),
            _ => Sessions(raw, streams: 1, events: 200));
        await bench.Compare(
            "session of 200 events, 50 streams", "events", Target.RatioAtLeast(0.7), slices: 20,
            _ => Sessions(store, streams: 50, events: 4, cancellation),
            _ => Sessions(raw, streams: 50, events: 4));
    }

    private static async Task<int> Sessions(IDocumentStore store, int streams, int events, CancellationToken cancellation)
    {
        const int count = 10;
        for (var i = 0; i < count; i++)
        {
            await using var session = store.LightweightSession();
            for (var stream = 0; stream < streams; stream++)
            {
                var id = Guid.CreateVersion7();
                session.Events.StartStream(id, Notes.Of(id, events));
            }

            await session.SaveChangesAsync(cancellation);
        }

        return count * streams * events;
    }

    private static async Task<int> Sessions(RawStore raw, int streams, int events)
    {
        const int count = 10;
        for (var i = 0; i < count; i++)
        {
            await raw.Start([.. Enumerable.Range(0, streams).Select(_ => Guid.CreateVersion7()).Select(id => (id, Notes.Of(id, events)))]);
        }

        return count * streams * events;
    }

    private static async Task Read(Workbench bench, IDocumentStore store, RawStore raw, CancellationToken cancellation)
    {
        const int length = 20;
        var streams = Enumerable.Range(0, 200).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var id in streams)
        {
            await raw.Start(id, Notes.Of(id, length));
            await using var session = store.LightweightSession();
            session.Events.StartStream(id, Notes.Of(id, length));
            await session.SaveChangesAsync(cancellation);
        }

        await bench.Compare(
            "read a stream of 20 events and fold it", "aggregates", Target.RatioAtLeast(0.7), slices: 20,
            async _ =>
            {
                foreach (var id in streams)
                {
                    await using var session = store.QuerySession();
                    var events = await session.Events.FetchStreamAsync(id, token: cancellation);
                    Check(events.Aggregate(Note.Initial, (note, happened) => Note.Evolve(note, (NoteEvent)happened.Data)));
                }

                return streams.Length;
            },
            async _ =>
            {
                foreach (var id in streams)
                {
                    Check(await raw.Fold(id));
                }

                return streams.Length;
            });

        static void Check(Note note)
        {
            if (note.Changes != length)
            {
                throw new InvalidOperationException($"{note.Changes} events where {length} were stored.");
            }
        }
    }

    /// <summary>A subscription that does nothing reads everything that is stored; beside it a loop that reads pages of the same size.</summary>
    private static async Task Daemon(Workbench bench, CancellationToken cancellation)
    {
        var database = await bench.FreshDatabase("daemon");
        await using (var services = Services(database))
        {
            var store = StoreOf(services);
            await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
            await Fill(store, DaemonEvents, cancellation);
        }

        await using var raw = new RawStore(database);
        await bench.Compare(
            $"daemon: a subscription reads {DaemonEvents:#,##0} events", "events", Target.AtLeast(20_000), slices: 3,
            async slice =>
            {
                var counter = new Counter();
                await using var services = Services(database, options => options.Subscribe(counter, subscription => subscription.Name = $"Counter{slice + 1}"));
                using var daemon = await StoreOf(services).BuildProjectionDaemonAsync();
                await daemon.StartAllAsync();
                await daemon.WaitForNonStaleData(DaemonLimit).WaitAsync(cancellation);
                await daemon.StopAllAsync();
                return counter.Seen == DaemonEvents ? DaemonEvents : throw new InvalidOperationException($"{counter.Seen} of {DaemonEvents} events were seen.");
            },
            async _ =>
            {
                var seen = 0;
                await raw.ReadAll(500, _ => seen++);
                return seen;
            });
    }

    internal static async Task Fill(IDocumentStore store, int count, CancellationToken cancellation)
    {
        for (var done = 0; done < count; done += 200)
        {
            await using var session = store.LightweightSession();
            for (var stream = 0; stream < 10; stream++)
            {
                var id = Guid.CreateVersion7();
                session.Events.StartStream(id, Notes.Of(id, 20));
            }

            await session.SaveChangesAsync(cancellation);
        }
    }

    /// <summary>What a service registers for its store, without what listens to it.</summary>
    internal static ServiceProvider Services(string database, Action<Marten.Events.IEventStoreOptions>? events = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new ServiceIdentity("bench"));
        services.AddStore(new StoreSettings { ConnectionString = database }, new StoreDefinition([typeof(NoteEvent)], _ => { }, []));
        if (events is not null)
        {
            services.ConfigureMarten(options => events(options.Events));
        }

        return services.BuildServiceProvider();
    }

    internal static IDocumentStore StoreOf(IServiceProvider services) => services.GetRequiredService<IDocumentStore>();
}
