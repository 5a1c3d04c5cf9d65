using System.Text.Json;
using System.Text.Json.Nodes;

namespace OtPlatform.Local;

/// <summary>The addresses of a running system, as in <c>.run/endpoints.json</c>. The keys are the services' names.</summary>
public sealed record Endpoints
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The REST or browser address of each service; the console's key is <c>console</c>.</summary>
    public required IReadOnlyDictionary<string, string> Rest { get; init; }

    /// <summary>The gRPC address of each service that has one.</summary>
    public required IReadOnlyDictionary<string, string> Grpc { get; init; }

    /// <summary>Where Development tokens are had.</summary>
    public required string Token { get; init; }

    /// <summary>A connection string without a database.</summary>
    public required string Postgres { get; init; }

    /// <summary>The database of each service.</summary>
    public required IReadOnlyDictionary<string, string> Databases { get; init; }

    /// <summary>The broker's AMQP address.</summary>
    public required string RabbitMq { get; init; }

    /// <summary>The broker's management address.</summary>
    public required string RabbitMqManagement { get; init; }

    /// <summary>The running processes of each service and server.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<int>> Pids { get; init; }

    /// <summary>The folder with the private servers' data.</summary>
    public required string Data { get; init; }

    internal static Endpoints Of(RunState state)
    {
        var running = ServiceCatalogue.All
            .Select(row => (Row: row, Replicas: state.Replicas.Where(replica => replica.Service == row.Name).ToList()))
            .Where(service => service.Replicas.Count > 0)
            .ToList();
        var pids = running.ToDictionary(
            service => service.Row.Name,
            service => Alive(service.Replicas.Select(replica => replica.Process).OfType<ProcessRecord>()));
        foreach (var (name, processes) in new[] { ("postgres", state.PostgresProcesses), ("rabbitmq", state.RabbitMqProcesses) })
        {
            pids[name] = Alive(processes);
        }

        return new Endpoints
        {
            Rest = running.ToDictionary(service => service.Row.AddressName, service => service.Replicas[0].Address),
            Grpc = running
                .Where(service => service.Row.HasGrpc)
                .ToDictionary(service => service.Row.Name, service => $"http://127.0.0.1:{service.Replicas[0].GrpcPort}"),
            Token = $"{running.First(service => service.Row.Name == "intake").Replicas[0].Address}/dev/token",
            Postgres = state.Postgres,
            Databases = running.ToDictionary(service => service.Row.Name, service => state.DatabaseName(service.Row.Database)),
            RabbitMq = state.RabbitMq,
            RabbitMqManagement = state.RabbitMqManagement,
            Pids = pids,
            Data = state.Data,
        };
    }

    internal string ToJson()
    {
        var json = new JsonObject();
        foreach (var (name, address) in Rest)
        {
            json[name] = address;
        }

        if (Grpc.Count > 0)
        {
            json["grpc"] = JsonSerializer.SerializeToNode(Grpc);
        }

        json["token"] = Token;
        json["postgres"] = Postgres;
        json["databases"] = JsonSerializer.SerializeToNode(Databases);
        json["rabbitmq"] = RabbitMq;
        json["rabbitmqManagement"] = RabbitMqManagement;
        json["pids"] = JsonSerializer.SerializeToNode(Pids);
        json["data"] = Data;
        return json.ToJsonString(Format) + "\n";
    }

    private static IReadOnlyList<int> Alive(IEnumerable<ProcessRecord> processes) =>
        [.. processes.Where(process => process.IsAlive).Select(process => process.Pid)];
}
