using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace OtPlatform.Testing;

/// <summary>One service with a fresh database and a fresh virtual host on the real broker, called over HTTP.</summary>
/// <typeparam name="TProgram">The service's entry point.</typeparam>
public sealed class ServiceHost<TProgram> : WebApplicationFactory<TProgram>
    where TProgram : class
{
    private readonly Dictionary<string, string> _settings;
    private readonly string _folder;

    private ServiceHost(Dictionary<string, string> settings, string folder)
    {
        _settings = settings;
        _folder = folder;
    }

    public string StoreConnectionString => _settings["Store:ConnectionString"];

    public Uri Broker => new(_settings["Broker:Uri"]);

    /// <summary>What it was started with; another replica takes the same.</summary>
    public IReadOnlyDictionary<string, string> Settings => _settings;

    /// <summary>Moves the platform's clock of this host.</summary>
    public void MoveClock(TimeSpan offset) => File.WriteAllText(_settings["Clock:OffsetFile"], offset.ToString("c"));

    /// <summary>Moves the platform's clock of this host, and returns when the host has seen it.</summary>
    public async Task PassTime(TimeSpan offset)
    {
        MoveClock(offset);
        var clock = Services.GetRequiredService<TimeProvider>();
        await Eventually.Holds(() => clock.GetUtcNow() - DateTimeOffset.UtcNow > offset - TimeSpan.FromSeconds(1));
    }

    /// <summary>Where it listens when it was started on a port.</summary>
    public Uri Address => ClientOptions.BaseAddress;

    /// <param name="onPort">Whether it listens on a free port, for a real browser; else it is called in the process.</param>
    public static async Task<ServiceHost<TProgram>> Start(string name, IReadOnlyDictionary<string, string>? more = null, bool onPort = false)
    {
        var folder = Directory.CreateTempSubdirectory("ot-host-").FullName;
        string Key(string file)
        {
            var path = Path.Combine(folder, file);
            File.WriteAllText(path, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
            return path;
        }

        var settings = new Dictionary<string, string>
        {
            ["Store:ConnectionString"] = await Servers.FreshDatabase(name),
            ["Broker:Uri"] = (await Servers.FreshVirtualHost(name)).ToString(),
            ["Catalogue:Path"] = Repository.CataloguePath,
            ["Auth:DevelopmentKeyFile"] = Key("development-signing.key"),
            ["Clock:OffsetFile"] = Path.Combine(folder, "clock"),
            ["Vault:KeyStoreConnectionString"] = await Servers.FreshDatabase($"{name}_keys"),
            ["Vault:MasterKeyFile"] = Key("vault-master.key"),
            ["Intake:MatterKeyFile"] = Key("matter.key"),
            ["TeamAssembly:TextKeyFile"] = Key("text.key"),
            ["Narratives:Address"] = "http://127.0.0.1:1",
            ["Intake:UnitKeyFile"] = Key("unit.key"),
            ["ExpertPool:UnitKeyFile"] = Path.Combine(folder, "unit.key"),
            ["Owners:Intake"] = "http://127.0.0.1:1",
            ["Owners:Triage"] = "http://127.0.0.1:1",
            ["Owners:TeamAssembly"] = "http://127.0.0.1:1",
            ["Owners:ExpertPool"] = "http://127.0.0.1:1",
            ["Console:KeysFolder"] = Path.Combine(folder, "console-keys"),
        };
        foreach (var (key, value) in more ?? new Dictionary<string, string>())
        {
            settings[key] = value;
        }

        var host = new ServiceHost<TProgram>(settings, folder);
        if (onPort)
        {
            host.UseKestrel(0);
            host.StartServer();
        }

        using var client = host.CreateClient();
        await Eventually.Holds(async () => (await client.GetAsync("/health/ready")).IsSuccessStatusCode, TimeSpan.FromSeconds(60));
        return host;
    }

    /// <summary>A client with the token of one of the Development clients.</summary>
    public async Task<HttpClient> ClientFor(string clientId)
    {
        var client = CreateClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = clientId,
            ["client_secret"] = "dev",
        });
        using var answer = await client.PostAsync(new Uri("/dev/token", UriKind.Relative), form);
        answer.EnsureSuccessStatusCode();
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Calls the service over gRPC.</summary>
    public GrpcChannel OpenChannel() => GrpcChannel.ForAddress(Server.BaseAddress, new GrpcChannelOptions { HttpHandler = Server.CreateHandler() });

    /// <summary>The headers of a gRPC call by one of the Development clients.</summary>
    public async Task<Metadata> TokenOf(string clientId)
    {
        using var client = await ClientFor(clientId);
        return new Metadata { { "authorization", client.DefaultRequestHeaders.Authorization!.ToString() } };
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Development");
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        GC.SuppressFinalize(this);
    }
}
