using System.Globalization;

namespace OtPlatform.Bench.Composition;

/// <summary>So many candidates and needs, in so many cases.</summary>
internal sealed record Size(int Candidates, int Needs, int Cases)
{
    /// <summary>What a composition may take at most of all times, in milliseconds, where there is a target.</summary>
    public double? Limit => (Candidates, Needs) switch
    {
        (10_000, 12) => 20,
        (100_000, 12) => 150,
        _ => null,
    };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Candidates:#,##0} x {Needs}");
}
