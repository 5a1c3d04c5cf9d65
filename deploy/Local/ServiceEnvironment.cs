using System.Collections;
using Npgsql;

namespace OtPlatform.Local;

internal static class ServiceEnvironment
{
    // Would compete with the addresses below, or belongs to us and not to a service.
    private static readonly string[] Dropped =
        ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "URLS", "DOTNET_ENVIRONMENT", "OT_POSTGRES", "OT_RABBITMQ", "OT_RABBITMQ_MANAGEMENT"];

    /// <summary>The environment of one replica: the caller's, and every setting that deploy/.env.example lists.</summary>
    internal static Dictionary<string, string> Of(ServiceRow row, RunState state, Replica replica)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
        foreach (var name in Dropped)
        {
            environment.Remove(name);
        }

        // The replica's name, so that the server's own tables tell whose a session or a lock is.
        string Connection(string ending) => new NpgsqlConnectionStringBuilder(Databases.On(state.Postgres, state.DatabaseName(ending))) { ApplicationName = replica.SessionName }.ConnectionString;
        string Secret(string name) => Path.Combine(RunFolder.SecretsIn(state.Area), name);

        environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        environment["DOTNET_gcServer"] = "0";
        environment["Kestrel__Endpoints__Rest__Url"] = replica.Address;
        environment["Store__ConnectionString"] = Connection(row.Database);
        environment["Broker__Uri"] = state.RabbitMq;
        environment["Catalogue__Path"] = Path.Combine(Repository.Root, "contracts", "catalogue");
        environment["Auth__DevelopmentKeyFile"] = Secret("development-signing.key");
        environment["Clock__OffsetFile"] = RunFolder.ClockIn(state.Area);
        environment["Webhooks__AllowLoopback"] = "true";
        if (replica.GrpcPort is { } port)
        {
            environment["Kestrel__Endpoints__Grpc__Url"] = $"http://127.0.0.1:{port}";
            environment["Kestrel__Endpoints__Grpc__Protocols"] = "Http2";
        }

        foreach (var (setting, ending) in row.FurtherDatabases)
        {
            environment[setting] = Connection(ending);
        }

        foreach (var (setting, name) in row.Calls)
        {
            environment[setting] = $"http://127.0.0.1:{state.Replicas.First(other => other.Service == name).GrpcPort}";
        }

        foreach (var (setting, name) in row.SharedFolders)
        {
            environment[setting] = Secret(name);
        }

        foreach (var (setting, name) in row.OwnSecrets)
        {
            environment[setting] = Secret(name);
        }

        foreach (var (setting, value) in state.Settings)
        {
            environment[setting] = value;
        }

        return environment;
    }
}
