namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Which health checks tell the state of which service.</summary>
public sealed class GrpcHealthChecksOptions
{
    /// <summary>Without a word, the whole server (the empty name) depends on all checks.</summary>
    public ServiceMappingCollection Services { get; } = new();

    /// <summary>Whether a call gives the last published results instead of running the checks.</summary>
    public bool UseHealthChecksCache { get; set; }

    /// <summary>Whether those who watch are left waiting when the server stops.</summary>
    public bool SuppressCompletionOnShutdown { get; set; }
}

/// <summary>The services whose state can be asked, by name.</summary>
public sealed class ServiceMappingCollection
{
    private readonly Dictionary<string, Func<HealthCheckMapContext, bool>> mappings = new(StringComparer.Ordinal) { [string.Empty] = _ => true };

    internal ServiceMappingCollection()
    {
    }

    /// <summary>The service's state depends on the checks that the predicate picks.</summary>
    public void Map(string name, Func<HealthCheckMapContext, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(predicate);
        mappings[name] = predicate;
    }

    internal Func<HealthCheckMapContext, bool>? Find(string name) => mappings.GetValueOrDefault(name);
}

/// <summary>One health check, for picking.</summary>
public sealed class HealthCheckMapContext
{
    internal HealthCheckMapContext(string name, IEnumerable<string> tags)
    {
        Name = name;
        Tags = tags;
    }

    public string Name { get; }

    public IEnumerable<string> Tags { get; }
}
