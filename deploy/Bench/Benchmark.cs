namespace OtPlatform.Bench;

/// <summary>
/// Something that can be measured by <c>./deploy/bench name</c>. A class with a constructor without parameters is all it takes:
/// the command finds it by itself.
/// </summary>
internal abstract class Benchmark
{
    /// <summary>What the command calls it; also the name of its file below <c>.run/bench</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Numbers that may be given on the command line (<c>--rounds 5</c>), with what they are otherwise.</summary>
    public virtual IReadOnlyDictionary<string, int> Options { get; } = new Dictionary<string, int>();

    /// <summary>Measures, and hands each figure to <paramref name="bench"/> as soon as it is known.</summary>
    public abstract Task Run(Workbench bench, CancellationToken cancellation);

    /// <summary>All there are, by name.</summary>
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        .. typeof(Benchmark).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Benchmark)) && !type.IsAbstract)
            .Select(type => (Benchmark)Activator.CreateInstance(type)!)
            .OrderBy(benchmark => benchmark.Name, StringComparer.Ordinal),
    ];
}
