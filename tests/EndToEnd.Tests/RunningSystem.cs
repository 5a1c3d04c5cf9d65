using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using OtPlatform.Local;
using OtPlatform.Local.Faults;
using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests;

/// <summary>The whole system as its users have it: every service a process of its own, a private store and a private broker.</summary>
internal sealed class RunningSystem : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Stack _stack;

    private RunningSystem(string folder, Stack stack)
    {
        _folder = folder;
        _stack = stack;
    }

    public Endpoints Endpoints => _stack.Endpoints;

    public RunFolder Folder => new(_folder);

    /// <param name="settings">Further settings for every service, as environment variables.</param>
    public static async Task<RunningSystem> Start(int replicas = 1, IReadOnlyDictionary<string, string>? settings = null)
    {
        var folder = Directory.CreateTempSubdirectory("ot-system-").FullName;
        try
        {
            var stack = await Stack.Start(new StackOptions
            {
                Folder = new RunFolder(folder),
                Area = Path.Combine(folder, "area"),
                Clean = true,
                Passing = true,
                Replicas = replicas,
                PreferredPorts = false,
                Settings = settings ?? new Dictionary<string, string>(),
                Servers = new ExternalServers(null, null, null),
                Say = TestContext.Progress.WriteLine,
            });
            return new RunningSystem(folder, stack);
        }
        catch
        {
            Remove(folder);
            throw;
        }
    }

    /// <summary>The file with the addresses.</summary>
    public string EndpointsFile => new RunFolder(_folder).EndpointsFile;

    /// <summary>Loads the fictional pool of experts, and returns when those who compose teams know it too: else the first ones would find gaps.</summary>
    public async Task LoadPool(CancellationToken cancellation)
    {
        await DemoPool.Load(Endpoints, TestContext.Progress.WriteLine, cancellation);
        var experts = await Count("expertPool", "ot.mt_doc_expertdirectoryentry");
        await Eventually.Holds(async () => await Count("teamAssembly", "ot.mt_doc_candidateentry") == experts, TimeSpan.FromMinutes(1));
    }

    /// <summary>Loads the fictional pool, then runs the demo's journeys; 0 when each ended as expected.</summary>
    public async Task<int> Demo(CancellationToken cancellation)
    {
        await LoadPool(cancellation);
        return await DemoRun.Run(Endpoints, MoveClock, cancellation);
    }

    /// <summary>Moves the platform's clock on.</summary>
    public void MoveClock(TimeSpan step)
    {
        var file = Clock.FileOf(new RunFolder(_folder));
        Clock.Write(file, Clock.Read(file) + step);
    }

    /// <summary>SIGKILL to one replica.</summary>
    public Task Kill(string service, int replica = 1) => Stack.StopReplica(new RunFolder(_folder), service, replica, UnixSignal.Kill);

    /// <summary>Starts a replica again and waits until it is ready.</summary>
    public Task StartAgain(string service, int replica = 1) => Stack.StartReplica(new RunFolder(_folder), service, replica);

    /// <summary>SIGKILL to a private server.</summary>
    public Task Kill(PrivateServer server) => server.Stop(new RunFolder(_folder), kill: true);

    /// <summary>Starts a private server again and waits until it answers.</summary>
    public Task StartAgain(PrivateServer server) => server.Start(new RunFolder(_folder), CancellationToken.None);

    /// <summary>How many messages stand in error queues, by the broker's own management.</summary>
    public Task<long> FailedMessages() => ErrorQueues.Messages(Endpoints);

    /// <summary>A client of one service with the token of a Development client.</summary>
    public async Task<HttpClient> ClientOf(string service, string clientId)
    {
        var client = new HttpClient { BaseAddress = new Uri(Endpoints.Rest[service]) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Token(clientId));
        return client;
    }

    /// <summary>The token of a Development client.</summary>
    public async Task<string> Token(string clientId)
    {
        using var client = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = clientId, ["client_secret"] = "dev" });
        using var answer = await client.PostAsync(new Uri(Endpoints.Token), form);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    /// <summary>All that the services have logged.</summary>
    public string Logs() => string.Concat(Directory.GetFiles(Path.Combine(_folder, "area", "logs"), "*.log").Select(ReadShared));

    /// <summary>How many rows a query on a service's own database has, asked past the service.</summary>
    public async Task<long> Count(string service, string from)
    {
        await using var store = NpgsqlDataSource.Create($"{Endpoints.Postgres};Database={Endpoints.Databases[service]}");
#pragma warning disable CA2100 // The tests' own text.
        await using var query = store.CreateCommand($"select count(*) from {from}");
#pragma warning restore CA2100
        return (long)(await query.ExecuteScalarAsync())!;
    }

    /// <summary>The connection strings of every database of the server.</summary>
    public async Task<IReadOnlyList<string>> DatabasesOfServer()
    {
        await using var store = NpgsqlDataSource.Create($"{Endpoints.Postgres};Database=postgres");
        await using var query = store.CreateCommand("select datname from pg_database where datallowconn and not datistemplate and datname <> 'postgres'");
        await using var reader = await query.ExecuteReaderAsync();
        var databases = new List<string>();
        while (await reader.ReadAsync())
        {
            databases.Add($"{Endpoints.Postgres};Database={reader.GetString(0)}");
        }

        return databases;
    }

    private static string ReadShared(string file)
    {
        using var log = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return log.ReadToEnd();
    }

    /// <summary>The first column of a query on a service's own database, asked past the service.</summary>
    public async Task<IReadOnlyList<string>> Rows(string service, string sql)
    {
        await using var store = NpgsqlDataSource.Create($"{Endpoints.Postgres};Database={Endpoints.Databases[service]}");
#pragma warning disable CA2100 // The tests' own text.
        await using var query = store.CreateCommand(sql);
#pragma warning restore CA2100
        await using var reader = await query.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await _stack.DisposeAsync();
        Remove(_folder);
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
