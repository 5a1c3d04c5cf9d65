using OtPlatform.Platform.Security;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>The key of the keyed hashes of units.</summary>
public sealed record UnitOptions
{
    /// <summary>File with the key (32 bytes, base64); the same for every service that compares units.</summary>
    public required string UnitKeyFile { get; init; }
}

/// <summary>What a unit is called here: the same hash that its requests carry, so that a conflict of interest shows without its name.</summary>
public sealed class Units(UnitOptions options)
{
    private readonly KeyedHash _hash = new(options.UnitKeyFile);

    /// <param name="unit"><c>organisation client id/unit name</c>, checked before.</param>
    public Guid IdOf(string unit)
    {
        var at = unit.IndexOf('/', StringComparison.Ordinal);
        return _hash.Id("unit", unit[..at], unit[(at + 1)..]);
    }
}
