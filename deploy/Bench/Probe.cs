using System.Diagnostics;
using System.Security.Cryptography;

namespace OtPlatform.Bench;

/// <summary>
/// How quiet the machine is: the same piece of work (hashing a megabyte) again and again between the measurements. Where it takes
/// much longer than usual, somebody else had the processor, and the figures beside it say less.
/// </summary>
internal sealed class Probe
{
    private readonly byte[] _work = new byte[1_000_000];
    private readonly List<double> _took = [];
    private int _seenBefore;

    public Probe()
    {
        for (var i = 0; i < 20; i++)
        {
            Once();
        }
    }

    /// <summary>Every time it took so far, in milliseconds.</summary>
    public IReadOnlyList<double> Milliseconds => _took;

    public void Take() => _took.Add(Once());

    /// <summary>The slowest since the last call over the median of all.</summary>
    public double NoiseSinceLastAsked()
    {
        Take();
        var slowest = _took.Skip(_seenBefore).Max();
        _seenBefore = _took.Count;
        return slowest / Statistics.Median(_took);
    }

    private double Once()
    {
        var started = Stopwatch.GetTimestamp();
        SHA256.HashData(_work);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}

internal static class Statistics
{
    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    /// <summary>The value that the given part of all does not exceed.</summary>
    public static double Percentile(IEnumerable<double> values, double part)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
