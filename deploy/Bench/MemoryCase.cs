using System.Diagnostics;
using Marten;

namespace OtPlatform.Bench;

/// <summary>Memory while events are appended and a subscription follows: what is in use after a tenth, a half and all of them.</summary>
internal static class MemoryCase
{
    private const int SessionSize = 200;
    private const int Ahead = 20_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static async Task Run(Workbench bench, int events, CancellationToken cancellation)
    {
        var counter = new Counter();
        await using var services = StoreBenchmark.Services(
            await bench.FreshDatabase("memory"), options => options.Subscribe(counter, subscription => subscription.Name = "Counter"));
        var store = StoreBenchmark.StoreOf(services);
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        using var daemon = await store.BuildProjectionDaemonAsync();
        await daemon.StartAllAsync();

        var limit = Stopwatch.StartNew();
        var stored = 0;
        async Task<(double Heap, double WorkingSet)> UpTo(int count)
        {
            while (stored < count && limit.Elapsed < Limit)
            {
                await Append(store, cancellation);
                stored += SessionSize;
                await counter.Reached(stored - Ahead, cancellation);
                bench.Probe.Take();
            }

            await counter.Reached(stored, cancellation);
            return Used();
        }

        var first = await UpTo(events / 10);
        var half = await UpTo(events / 2);
        var all = await UpTo(events);
        await daemon.StopAllAsync();
        var told = stored < events ? $"{stored:#,##0} events (of {events:#,##0}: out of time)" : $"{stored:#,##0} events";
        bench.Add($"managed heap after half of {told}", half.Heap, first.Heap, null, "MB");
        bench.Add($"managed heap after {told}", all.Heap, first.Heap, Target.RatioAtMost(1.2), "MB");
        bench.Add($"working set after half of {told}", half.WorkingSet, first.WorkingSet, null, "MB");
        bench.Add($"working set after {told}", all.WorkingSet, first.WorkingSet, Target.RatioAtMost(1.2), "MB");
    }

    private static async Task Append(IDocumentStore store, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        for (var stream = 0; stream < 10; stream++)
        {
            var id = Guid.CreateVersion7();
            session.Events.StartStream(id, Notes.Of(id, SessionSize / 10));
        }

        await session.SaveChangesAsync(cancellation);
    }

    private static (double Heap, double WorkingSet) Used()
    {
        const double megabyte = 1024 * 1024;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return (GC.GetTotalMemory(forceFullCollection: true) / megabyte, Environment.WorkingSet / megabyte);
    }
}
