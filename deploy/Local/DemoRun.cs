namespace OtPlatform.Local;

/// <summary>What the demo does with the started system.</summary>
public static class DemoRun
{
    /// <summary>Runs the journeys; the exit code is 0 when each ended as expected.</summary>
    public static Task<int> Run(Endpoints endpoints, CancellationToken cancellation) =>
        throw new LocalFailureException("The demo's journeys are not written yet.");
}
