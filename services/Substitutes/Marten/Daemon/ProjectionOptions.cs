using JasperFx.Events.Daemon;

namespace Marten.Events.Projections;

/// <summary>Settings of the daemon.</summary>
public class ProjectionOptions
{
    internal ProjectionOptions()
    {
    }

    /// <summary>What happens to events that cannot be read or applied while the daemon runs.</summary>
    public ErrorHandlingOptions Errors { get; } = new();
}
