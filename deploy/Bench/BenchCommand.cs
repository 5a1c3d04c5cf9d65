using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OtPlatform.Local;

namespace OtPlatform.Bench;

/// <summary><c>bench [name] [--check]</c>: measures, prints the table, writes it below <c>.run/bench</c>.</summary>
internal static class BenchCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Runs one after the other; 1 with <paramref name="check"/> when a target was missed.</summary>
    public static async Task<int> Run(IReadOnlyList<Benchmark> benchmarks, IReadOnlyDictionary<string, int> options, bool check, CancellationToken cancellation)
    {
        var figures = new List<Figure>();
        foreach (var benchmark in benchmarks)
        {
            figures.AddRange(await Run(benchmark, options, cancellation));
        }

        var targets = figures.Count(figure => figure.Met is not null);
        var met = figures.Count(figure => figure.Met is true);
        Console.WriteLine($"{met} of {targets} targets met");
        return check && met < targets ? 1 : 0;
    }

    private static async Task<IReadOnlyList<Figure>> Run(Benchmark benchmark, IReadOnlyDictionary<string, int> options, CancellationToken cancellation)
    {
        Console.Error.WriteLine($"{benchmark.Name} …");
        var guard = Guard.Start();
        try
        {
            var bench = new Workbench(benchmark, guard, options, cancellation);
            await benchmark.Run(bench, cancellation);
            cancellation.ThrowIfCancellationRequested();
            var report = new Report(
                benchmark.Name,
                DateTimeOffset.UtcNow,
                new Machine(Environment.ProcessorCount, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, await bench.PostgresVersion()),
                ProbeSummary.Of(bench.Probe.Milliseconds),
                bench.Figures,
                bench.Figures.Count(figure => figure.Met is true),
                bench.Figures.Count(figure => figure.Met is not null));
            var file = Path.Combine(RunFolder.OfCheckout.Path, "bench", $"{benchmark.Name}.json");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(report, Json) + "\n", CancellationToken.None);
            Console.WriteLine();
            Console.WriteLine($"{benchmark.Name} ({report.Machine.Cores} cores; probe {Table.Number(report.Probe.Median)} ms, at best {Table.Number(report.Probe.Best)}, one in twenty over {Table.Number(report.Probe.Slow)}, at worst {Table.Number(report.Probe.Worst)})");
            Console.WriteLine(Table.Of(bench.Figures));
            Console.WriteLine();
            return bench.Figures;
        }
        finally
        {
            await guard.CleanUp();
            guard.Dispose();
        }
    }

    private sealed record Report(string Name, DateTimeOffset At, Machine Machine, ProbeSummary Probe, IReadOnlyList<Figure> Figures, int Met, int Targets);

    private sealed record Machine(int Cores, string System, string Runtime, string? Postgres);

    /// <summary>The machine's noise, in milliseconds of the probe.</summary>
    private sealed record ProbeSummary(double Median, double Best, double Slow, double Worst, int Times)
    {
        public static ProbeSummary Of(IReadOnlyList<double> took) =>
            new(Statistics.Median(took), took.Min(), Statistics.Percentile(took, 0.95), took.Max(), took.Count);
    }
}
