using System.Diagnostics;
using System.Globalization;

namespace OtPlatform.Local.Faults;

/// <summary>What a longer outage has come to.</summary>
/// <param name="Away">How long the server was away, with its start.</param>
/// <param name="AcknowledgedMeanwhile">Requests acknowledged while it was away.</param>
/// <param name="Recovery">From its return until everything acknowledged, and some of what came after, had come to its end; null when that took too long.</param>
/// <param name="MostInErrorQueues">The most messages seen in error queues at any time.</param>
public sealed record OutageResult(
    TimeSpan Away, int Acknowledged, int AcknowledgedMeanwhile, TimeSpan? Recovery, IReadOnlyList<string> Missing, int Lost, int Doubled, long MostInErrorQueues, IReadOnlyList<string> Refused, Books Books)
{
    /// <summary>Everything recovered, nothing lost, doubled or given up.</summary>
    public bool IsClean => Recovery is not null && Lost == 0 && Doubled == 0 && MostInErrorQueues == 0 && Refused.Count == 0 && Books.Code == 0;
}

/// <summary>The store or the broker away for a longer time, under a load that goes on as far as it can.</summary>
public static class Outage
{
    private const int UnderWay = 3;
    private const int Further = 3;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LedgerLimit = TimeSpan.FromSeconds(60);

    public static async Task<OutageResult> Run(RunFolder folder, PrivateServer server, TimeSpan away, LoadOptions options, Action<string> say, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(say);
        Endpoints Where() => Endpoints.Of(RunStateFile.Read(folder) ?? throw new LocalFailureException("Nothing is running."));
        await DemoPool.Load(Where(), say, cancellation);
        await Arrivals.PoolIsKnown(Where(), cancellation);
        await using var load = await Load.Start(folder, options, cancellation: cancellation);
        await Task.Delay(Before, cancellation);
        for (var waited = Stopwatch.StartNew(); load.Open.Count < UnderWay && waited.Elapsed < RecoveryLimit; await Task.Delay(50, cancellation))
        {
            // Something has to be on its way when the server goes.
        }

        say($"{load.Acknowledged.Count} acknowledged before, {load.Open.Count} of them under way");

        var mostInErrorQueues = 0L;
        var outage = Stopwatch.StartNew();
        await server.Stop(folder, kill: true);

        // An answer that was on its way when the server died still belongs to the time before.
        await Task.Delay(Grace, cancellation);
        var before = load.Acknowledged.Count;
        while (outage.Elapsed < away)
        {
            if (server != PrivateServer.RabbitMq)
            {
                mostInErrorQueues = Math.Max(mostInErrorQueues, await ErrorQueues.Messages(Where(), cancellation));
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        }

        var meanwhile = load.Acknowledged.Count - before;
        await server.Start(folder, cancellation);
        var gone = outage.Elapsed;
        say($"{server.Name} was away for {gone.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s, {meanwhile} acknowledged meanwhile, {load.Waiting} waiting");

        var recovery = Stopwatch.StartNew();
        var missing = await load.Settle([.. load.Acknowledged.Select(one => one.Id)], RecoveryLimit, cancellation);
        TimeSpan? recovered = missing.Count == 0 && await load.GoOn(Further, RecoveryLimit, cancellation) ? recovery.Elapsed : null;
        missing.ToList().ForEach(say);
        say(recovered is { } time ? $"recovered in {time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s" : "not recovered");

        load.Pause();
        await load.Settle([.. load.Acknowledged.Select(one => one.Id)], RecoveryLimit, cancellation);
        var acknowledged = Path.Combine(Path.GetDirectoryName(folder.EndpointsFile)!, "acknowledged");
        await load.WriteAcknowledged(acknowledged, cancellation);
        var books = await Books.Agree(folder.EndpointsFile, acknowledged, gone + RecoveryLimit, LedgerLimit, cancellation);
        say(books.Code == 0 ? $"the books agree ({books.Looked.Values.Sum()} things looked at)" : books.Output);
        mostInErrorQueues = Math.Max(mostInErrorQueues, await ErrorQueues.Messages(Where(), cancellation));
        var arrivals = await load.ReadAll(cancellation);
        return new OutageResult(
            gone, arrivals.Count, meanwhile, recovered, missing, arrivals.Count(arrival => arrival.IsLost), arrivals.Count(arrival => arrival.IsDoubled), mostInErrorQueues, [.. load.Refused], books);
    }
}
