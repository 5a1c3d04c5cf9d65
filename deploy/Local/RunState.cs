using System.Diagnostics;
using System.Text.Json;

namespace OtPlatform.Local;

/// <summary>One process of a service, with its ports; the process is null while it is stopped.</summary>
public sealed record Replica(string Service, int Number, int RestPort, int? GrpcPort, ProcessRecord? Process)
{
    internal string Title => $"{Service} {Number}";

    /// <summary>How it names its sessions with the store.</summary>
    internal string SessionName => $"{Service}-{Number}";

    internal string Address => $"http://127.0.0.1:{RestPort}";

    internal string? GrpcAddress => GrpcPort is { } port ? $"http://127.0.0.1:{port}" : null;

    internal string LogIn(string area) => Path.Combine(RunFolder.LogsIn(area), $"{Service}-{Number}.log");
}

/// <summary>
/// What runs, kept in <c>.run/state.json</c> so that any later command finds it: enough to stop everything, and to start one
/// process again just as it was.
/// </summary>
public sealed record RunState
{
    /// <summary>The command that stays in the foreground for it; null when detached.</summary>
    public ProcessRecord? Supervisor { get; init; }

    public required string Area { get; init; }

    public required string Data { get; init; }

    /// <summary>Whether the servers' data go when they are stopped.</summary>
    public bool DataArePassing { get; init; }

    /// <summary>Whether the whole area goes.</summary>
    public bool AreaIsPassing { get; init; }

    public required string DatabasePrefix { get; init; }

    /// <summary>Further settings for every service, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether PostgreSQL, and whether RabbitMQ, is the caller's own server.</summary>
    public bool PostgresIsExternal { get; init; }

    public bool RabbitMqIsExternal { get; init; }

    public string Postgres { get; init; } = "";

    public string RabbitMq { get; init; } = "";

    public string RabbitMqManagement { get; init; } = "";

    public IReadOnlyList<ProcessRecord> PostgresProcesses { get; init; } = [];

    public IReadOnlyList<ProcessRecord> RabbitMqProcesses { get; init; } = [];

    public IReadOnlyList<Replica> Replicas { get; init; } = [];

    /// <summary>Whether every service has been ready.</summary>
    public bool Ready { get; init; }

    internal IEnumerable<ProcessRecord> Processes =>
        PostgresProcesses.Concat(RabbitMqProcesses).Concat(Replicas.Select(replica => replica.Process).OfType<ProcessRecord>());

    internal bool Runs => Supervisor is { IsAlive: true } || Processes.Any(process => process.IsAlive);

    internal string DatabaseName(string ending) => DatabasePrefix + ending;

    internal RunState With(Replica replica) =>
        this with { Replicas = [.. Replicas.Select(other => (other.Service, other.Number) == (replica.Service, replica.Number) ? replica : other)] };
}

/// <summary>Reads and changes the state, one process at a time; every change of a ready system also renews endpoints.json.</summary>
internal static class RunStateFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    internal static RunState? Read(RunFolder folder)
    {
        try
        {
            return JsonSerializer.Deserialize<RunState>(File.ReadAllText(folder.StateFile), Format);
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            throw new LocalFailureException($"{folder.StateFile} cannot be read. Stop what runs by hand, then remove the file.");
        }
    }

    internal static RunState Change(RunFolder folder, Func<RunState?, RunState> change)
    {
        folder.Create();
        using var exclusive = Lock(folder);
        var changed = change(Read(folder));
        Files.Replace(folder.StateFile, JsonSerializer.Serialize(changed, Format));
        if (changed.Ready)
        {
            Files.Replace(folder.EndpointsFile, Endpoints.Of(changed).ToJson());
        }

        return changed;
    }

    private static FileStream Lock(RunFolder folder)
    {
        for (var waited = Stopwatch.StartNew(); ; Thread.Sleep(20))
        {
            try
            {
                return new FileStream(folder.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited.Elapsed < TimeSpan.FromSeconds(10))
            {
                // Another command is changing the state.
            }
        }
    }
}
