namespace OtPlatform.Platform.Streams;

/// <summary>The caller decided on a version that is no longer the newest (HTTP 412, gRPC Aborted).</summary>
public sealed class StaleVersionException(long expected, long actual)
    : Exception($"Version {expected} was expected, the newest is {actual}.")
{
    public long Expected { get; } = expected;

    public long Actual { get; } = actual;
}
