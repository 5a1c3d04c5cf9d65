namespace OtPlatform.Local;

/// <summary>
/// A service of this checkout. <paramref name="Name"/> is its key in endpoints.json. The ports are those of its first replica.
/// </summary>
public sealed record ServiceRow(string Name, string Project, int RestPort, int GrpcPort)
{
    /// <summary>The key of its address in endpoints.json.</summary>
    public string AddressName { get; init; } = Name;

    /// <summary>Whether it serves gRPC already.</summary>
    public bool HasGrpc { get; init; }

    /// <summary>The ending of its database's name.</summary>
    public required string Database { get; init; }

    /// <summary>The further databases that it keeps: the setting with the connection string, and the ending of the name.</summary>
    public IReadOnlyDictionary<string, string> FurtherDatabases { get; init; } = new Dictionary<string, string>();

    /// <summary>The secrets that not every service gets: the setting with the file's path, and the file's name.</summary>
    public IReadOnlyDictionary<string, string> OwnSecrets { get; init; } = new Dictionary<string, string>();

    /// <summary>The folders that all its replicas share: the setting with the path, and the folder's name beside the secrets.</summary>
    public IReadOnlyDictionary<string, string> SharedFolders { get; init; } = new Dictionary<string, string>();

    /// <summary>The services that it calls: the setting with the gRPC address, and the service's name.</summary>
    public IReadOnlyDictionary<string, string> Calls { get; init; } = new Dictionary<string, string>();

    /// <summary>What the names of its queues begin with.</summary>
    internal string QueuePrefix => $"{Database.Replace('_', '-')}-";

    internal string OutputFolder(string root) => Path.Combine(root, "services", Project, "bin", "Release", "net10.0");

    internal string Program(string root) => Path.Combine(OutputFolder(root), $"OtPlatform.{Project}.dll");
}

/// <summary>Every service that exists in this checkout: a new one is a new row here.</summary>
public static class ServiceCatalogue
{
    // The same file for all who compare units.
    private const string UnitKey = "unit.key";

    /// <summary>The rows, in the order of endpoints.json.</summary>
    public static IReadOnlyList<ServiceRow> All { get; } =
    [
        new("coordination", "Coordination", RestPort: 7100, GrpcPort: 7110)
        {
            AddressName = "console",
            HasGrpc = true,
            Database = "coordination",
            SharedFolders = new Dictionary<string, string> { ["Console__KeysFolder"] = "console-keys" },
            Calls = new Dictionary<string, string> { ["Owners__Intake"] = "intake", ["Owners__Triage"] = "triage", ["Owners__TeamAssembly"] = "teamAssembly", ["Owners__ExpertPool"] = "expertPool" },
        },
        new("intake", "Intake", RestPort: 7101, GrpcPort: 7111)
        {
            HasGrpc = true,
            Database = "intake",
            FurtherDatabases = new Dictionary<string, string> { ["Vault__KeyStoreConnectionString"] = "intake_keys" },
            OwnSecrets = new Dictionary<string, string> { ["Vault__MasterKeyFile"] = "vault-master.key", ["Intake__MatterKeyFile"] = "matter.key", ["Intake__UnitKeyFile"] = UnitKey },
        },
        new("expertPool", "ExpertPool", RestPort: 7102, GrpcPort: 7112)
        {
            HasGrpc = true,
            Database = "expert_pool",
            OwnSecrets = new Dictionary<string, string> { ["ExpertPool__UnitKeyFile"] = UnitKey },
        },
        new("triage", "Triage", RestPort: 7103, GrpcPort: 7113) { Database = "triage", HasGrpc = true },
        new("teamAssembly", "TeamAssembly", RestPort: 7104, GrpcPort: 7114)
        {
            HasGrpc = true,
            Database = "team_assembly",
            OwnSecrets = new Dictionary<string, string> { ["TeamAssembly__TextKeyFile"] = "text.key" },
            Calls = new Dictionary<string, string> { ["Narratives__Address"] = "intake" },
        },
    ];

    /// <summary>The row of a name as people write it: <c>expertPool</c>, <c>ExpertPool</c> or <c>expert-pool</c>.</summary>
    public static ServiceRow Find(string name) =>
        All.FirstOrDefault(row => row.Name.Equals(name.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase))
        ?? throw new LocalFailureException($"There is no service {name}; there are {string.Join(", ", All.Select(row => row.Name))}.");
}
