using OtPlatform.Local;
using OtPlatform.Local.Faults;

namespace OtPlatform.Bench;

/// <summary>
/// Faults by chance under load, two replicas of each service: what is acknowledged is in every service once, whatever was killed, cut
/// or frozen meanwhile. <c>--store-away</c> is the other proof: the store away for so many seconds under load.
/// </summary>
internal sealed class FaultsBenchmark : Benchmark
{
    private const int RecoveryLimit = 60;
    private static readonly TimeSpan WaitedFor = TimeSpan.FromMinutes(2);

    public override string Name => "faults";

    /// <summary>A seed of 0 is chosen by the clock.</summary>
    public override IReadOnlyDictionary<string, int> Options { get; } = new Dictionary<string, int> { ["rounds"] = 50, ["seed"] = 0, ["replicas"] = 2, ["store-away"] = 0 };

    public override async Task Run(Workbench bench, CancellationToken cancellation)
    {
        var seed = bench.Option("seed") is > 0 and var given ? given : Random.Shared.Next(1, 1_000_000);
        Console.Error.WriteLine($"  seed {seed}");
        var path = Path.Combine(RunFolder.OfCheckout.Path, $"bench-faults-{Environment.ProcessId}");
        var folder = new RunFolder(path);
        bench.Guard.Add(new LeftFolder(path));
        await using var stack = await Stack.Start(
            new StackOptions
            {
                Folder = folder,
                Area = Path.Combine(path, "area"),
                Clean = true,
                Passing = true,
                Replicas = bench.Option("replicas"),
                PreferredPorts = false,
                Servers = new ExternalServers(null, null, null),
                Say = Say,
            },
            cancellation);
        if (bench.Option("store-away") is > 0 and var seconds)
        {
            await StoreAway(bench, folder, seed, TimeSpan.FromSeconds(seconds), cancellation);
        }
        else
        {
            await Rounds(bench, folder, seed, cancellation);
        }
    }

    private static async Task Rounds(Workbench bench, RunFolder folder, int seed, CancellationToken cancellation)
    {
        var result = await FaultRun.Run(
            new FaultRunOptions { Folder = folder, Rounds = bench.Option("rounds"), Seed = seed, PoolCopies = 3, RecoveryLimit = WaitedFor, Load = new LoadOptions { Seed = seed }, Say = Say },
            cancellation);
        bench.Add("rounds recovered", result.Passed, bench.Option("rounds"), Target.RatioAtLeast(1), "rounds");
        bench.Add("time for all rounds", result.Took.TotalMinutes, null, Target.AtMost(20), "min");
        AddLedger(bench, result);
        foreach (var kind in result.Rounds.GroupBy(round => round.Kind).OrderBy(kind => kind.Key))
        {
            // What did not recover took at least as long as was waited for it.
            var took = kind.Select(round => (round.Recovery ?? WaitedFor).TotalSeconds).ToList();
            bench.Add($"recovery, {Words(kind.Key)}, p50 of {took.Count}", Statistics.Percentile(took, 0.5), null, null, "s");
            bench.Add($"recovery, {Words(kind.Key)}, p99", Statistics.Percentile(took, 0.99), null, null, "s");
            bench.Add($"recovery, {Words(kind.Key)}, max", took.Max(), null, Target.AtMost(RecoveryLimit), "s");
        }
    }

    private static async Task StoreAway(Workbench bench, RunFolder folder, int seed, TimeSpan away, CancellationToken cancellation)
    {
        var result = await Outage.Run(folder, PrivateServer.Postgres, away, new LoadOptions { Seed = seed }, Say, cancellation);
        bench.Add("store away", result.Away.TotalSeconds, null, null, "s");
        bench.Add("recovery", (result.Recovery ?? TimeSpan.FromHours(1)).TotalSeconds, null, Target.AtMost(RecoveryLimit), "s");
        bench.Add("acknowledged", result.Acknowledged, null, null, "requests");
        bench.Add("lost", result.Lost, null, Target.AtMost(0), "requests");
        bench.Add("doubled", result.Doubled, null, Target.AtMost(0), "requests");
        bench.Add("in error queues, at worst", result.MostInErrorQueues, null, Target.AtMost(0), "messages");
        bench.Add("checks of the ledger that failed", result.Books.Code == 0 ? 0 : Math.Max(1, result.Books.Failed.Count), null, Target.AtMost(0), "checks");
    }

    private static void AddLedger(Workbench bench, FaultRunResult result)
    {
        bench.Add("acknowledged", result.Acknowledged, null, null, "requests");
        bench.Add("of them sent more than once", result.Repeated, null, null, "requests");
        bench.Add("refused", result.Refused.Count, null, Target.AtMost(0), "requests");
        bench.Add("lost", result.Lost, null, Target.AtMost(0), "requests");
        bench.Add("doubled", result.Doubled, null, Target.AtMost(0), "requests");
        bench.Add("in error queues", result.InErrorQueues, null, Target.AtMost(0), "messages");
        bench.Add("things that the ledger looked at", result.Books.Looked.Values.Sum(), null, null, "things");
        bench.Add("ledgers that did not agree", result.EarlierBooks.Count + result.Books.Code, null, Target.AtMost(0), "ledgers");
    }

    private static string Words(FaultKind kind) => kind switch
    {
        FaultKind.KillService => "service killed",
        FaultKind.KillBroker => "broker killed",
        FaultKind.KillStore => "store killed",
        FaultKind.CutSessions => "sessions cut",
        FaultKind.FreezeService => "service frozen",
        _ => "broker away",
    };

    private static void Say(string line) => Console.Error.WriteLine(line);
}
