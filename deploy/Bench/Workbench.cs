using System.Diagnostics;
using Npgsql;
using OtPlatform.Local;

namespace OtPlatform.Bench;

/// <summary>What a benchmark works with: servers of its own, the probe, and the figures told so far.</summary>
internal sealed class Workbench(Benchmark benchmark, Guard guard, IReadOnlyDictionary<string, int> given, CancellationToken cancellation)
{
    private const int FewestSlices = 4;
    private static readonly TimeSpan CaseLimit = TimeSpan.FromSeconds(15);
    private readonly List<Figure> _figures = [];
    private PassingServers? _servers;

    /// <summary>What does away with all that a benchmark starts.</summary>
    public Guard Guard => guard;

    public Probe Probe { get; } = new();

    public IReadOnlyList<Figure> Figures => _figures;

    /// <summary>One of the benchmark's options, as given or as it is otherwise.</summary>
    public int Option(string name) => given.TryGetValue(name, out var number) ? number : benchmark.Options[name];

    /// <summary>A PostgreSQL and a RabbitMQ, started when first asked for.</summary>
    public async Task<PassingServers> Servers() =>
        _servers ??= await PassingServers.Start(Path.Combine(RunFolder.OfCheckout.Path, $"bench-{benchmark.Name}-{Environment.ProcessId}"), guard, cancellation);

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> FreshDatabase(string prefix)
    {
        var servers = await Servers();
        var database = $"{prefix}_{Guid.NewGuid():n}"[..(prefix.Length + 13)];
        if (!servers.PostgresIsPrivate)
        {
            guard.Add(new LeftDatabase(servers.Postgres, database));
        }

        return await Databases.Ensure(servers.Postgres, database, cancellation);
    }

    /// <summary>Adds a row to the table.</summary>
    public void Add(string what, double ours, double? reference, Target? target, string unit)
    {
        var figure = new Figure(what, ours, reference, target, unit, Probe.NoiseSinceLastAsked());
        _figures.Add(figure);
        Console.Error.WriteLine($"  {what}: {Table.Number(ours)} {unit}");
    }

    /// <summary>
    /// Measures two ways of doing the same in slices that take turns, so that both meet the same machine, and adds the medians of
    /// their rates as a row. On a slow machine there are fewer slices. Each way does one slice and says how many <paramref name="unit"/> it has done.
    /// </summary>
    public Task Compare(string what, string unit, Target? target, int slices, Func<int, Task<int>> ours, Func<int, Task<int>> reference) =>
        CompareTimed(what, unit, target, slices, Timed(ours), Timed(reference));

    /// <summary>The same for slices that take their own time, because not all that they do is to be measured.</summary>
    public async Task CompareTimed(
        string what, string unit, Target? target, int slices, Func<int, Task<(int Done, TimeSpan Took)>> ours, Func<int, Task<(int Done, TimeSpan Took)>> reference)
    {
        var rates = await Rates(slices, ours, reference);
        Add(what, rates[0], rates[1], target, $"{unit}/s");
    }

    /// <summary>The medians of the rates of several ways of doing the same, in slices that take turns.</summary>
    public async Task<IReadOnlyList<double>> Rates(int slices, params Func<int, Task<(int Done, TimeSpan Took)>>[] ways)
    {
        foreach (var way in ways)
        {
            await way(-1);
        }

        var rates = ways.Select(_ => new List<double>()).ToArray();
        var since = Stopwatch.StartNew();
        for (var slice = 0; slice < slices && (slice < FewestSlices || since.Elapsed < CaseLimit); slice++)
        {
            cancellation.ThrowIfCancellationRequested();
            Probe.Take();
            for (var turn = 0; turn < ways.Length; turn++)
            {
                var way = (slice + turn) % ways.Length;
                rates[way].Add(RateOf(await ways[way](slice)));
            }
        }

        return [.. rates.Select(Statistics.Median)];
    }

    private static Func<int, Task<(int Done, TimeSpan Took)>> Timed(Func<int, Task<int>> work) => async slice =>
    {
        var started = Stopwatch.GetTimestamp();
        var done = await work(slice);
        return (done, Stopwatch.GetElapsedTime(started));
    };

    private static double RateOf((int Done, TimeSpan Took) slice) => slice.Done / slice.Took.TotalSeconds;

    /// <summary>The version of the PostgreSQL that was measured, if one was.</summary>
    public async Task<string?> PostgresVersion()
    {
        if (_servers is null)
        {
            return null;
        }

        await using var connection = new NpgsqlConnection(Databases.On(_servers.Postgres, "postgres"));
        await connection.OpenAsync();
        return connection.PostgreSqlVersion.ToString();
    }
}
