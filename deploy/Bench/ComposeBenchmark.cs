using System.Diagnostics;
using OtPlatform.Bench.Composition;
using OtPlatform.Contracts;
using OtPlatform.Local;

namespace OtPlatform.Bench;

/// <summary>
/// Compositions in one process, with certificate and explanation, beside the greedy team and beside an independent exact solver, which has
/// to come to the same optimum at every level. The first difference ends the run.
/// </summary>
internal sealed class ComposeBenchmark : Benchmark
{
    private static readonly int[] Candidates = [100, 1_000, 10_000, 100_000];
    private static readonly int[] Needs = [4, 8, 12, 16];

    public override string Name => "compose";

    /// <summary>Cases of each size, and how many of them the independent solver gets, with how many seconds for each; the seed of the cases.</summary>
    public override IReadOnlyDictionary<string, int> Options { get; } = new Dictionary<string, int> { ["cases"] = 20, ["solved"] = 5, ["seconds"] = 60, ["seed"] = 20270104 };

    public override async Task Run(Workbench bench, CancellationToken cancellation)
    {
        Console.Error.WriteLine($"  seed {bench.Option("seed")}");
        var folder = Path.Combine(RunFolder.OfCheckout.Path, $"bench-compose-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        bench.Guard.Add(new LeftFolder(folder));
        var solver = new Cbc(folder, TimeSpan.FromSeconds(bench.Option("seconds")), bench.Guard);
        var cases = new CompositionCases(Catalogue.Load(Path.Combine(Repository.Root, "contracts", "catalogue")), bench.Option("seed"));
        await WarmUp(cases);
        SteadyMemory.Measure(bench, cases, cancellation);
        foreach (var candidates in Candidates)
        {
            foreach (var needs in Needs)
            {
                await Measure(bench, cases, new Size(candidates, needs, bench.Option("cases")), solver, cancellation);
            }
        }
    }

    private static async Task Measure(Workbench bench, CompositionCases cases, Size size, Cbc solver, CancellationToken cancellation)
    {
        var outcome = new Outcome();
        for (var number = 0; number < size.Cases; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            bench.Probe.Take();
            var problem = cases.Case(number, size.Needs, size.Candidates);
            var team = outcome.Compose(problem);
            var columns = Columns.Of(problem);
            outcome.Add(team, GreedyTeam.Of(problem, columns));
            if (number < bench.Option("solved"))
            {
                outcome.Add(await Verification.Of($"{size}, case {number} of the seed {bench.Option("seed")}", problem, team.Cost, columns, solver, cancellation));
            }
        }

        outcome.Tell(bench, size);
    }

    private static Task WarmUp(CompositionCases cases)
    {
        var round = 0;
        return Compiling.UntilDone(Environment.ProcessId, () =>
        {
            var started = Stopwatch.GetTimestamp();
            round++;
            foreach (var (index, candidates) in Candidates.Index())
            {
                var problem = cases.Case(-round, Needs[(round + index) % Needs.Length], candidates);
                GreedyTeam.Of(problem, Columns.Of(problem));
                new Outcome().Compose(problem);
            }

            return Task.FromResult(Stopwatch.GetElapsedTime(started));
        });
    }
}
