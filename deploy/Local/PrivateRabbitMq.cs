using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace OtPlatform.Local;

/// <summary>
/// A RabbitMQ broker of our own on 127.0.0.1, with its management plugin and an Erlang port mapper of its own. Its data stay in
/// the folder when it is stopped and are found again by the next start.
/// </summary>
public sealed class PrivateRabbitMq
{
    /// <summary>The AMQP port that development prefers.</summary>
    public const int PreferredPort = 5699;

    /// <summary>The management port that development prefers.</summary>
    public const int PreferredManagementPort = 15699;

    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    // The data folder is named by the node, so the name has to stay. Several such nodes do not meet: each has its own port mapper.
    private const string Node = "ot@localhost";
    private const string User = "app";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private PrivateRabbitMq(ProcessRecord broker, ProcessRecord portMapper, int port, int managementPort)
    {
        Broker = broker;
        PortMapper = portMapper;
        Port = port;
        Management = ManagementAt(managementPort);
    }

    /// <summary>The broker's process.</summary>
    public ProcessRecord Broker { get; }

    /// <summary>The process of its Erlang port mapper, epmd.</summary>
    public ProcessRecord PortMapper { get; }

    /// <summary>The AMQP port.</summary>
    public int Port { get; }

    /// <summary>The AMQP address with user and password.</summary>
    public Uri Address => AddressAt(Port);

    /// <summary>The management address; user and password are those of <see cref="Address"/>.</summary>
    public Uri Management { get; }

    /// <summary>
    /// Starts the broker over <paramref name="folder"/> (made when missing) and returns when it takes connections. <paramref name="started"/>
    /// hears of each process as soon as it exists. Without preferred ports any free ones are taken.
    /// </summary>
    public static async Task<PrivateRabbitMq> Start(
        string folder,
        string log,
        (int Amqp, int Management)? preferredPorts,
        Action<string> say,
        Action<ProcessRecord> started,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(started);
        if (!File.Exists(Server))
        {
            throw new LocalFailureException(
                $"RabbitMQ is missing ({Server}). On Debian: apt-get install -y --no-install-recommends rabbitmq-server. Or point OT_RABBITMQ at a broker of your own.");
        }

        for (var attempt = 1; ; attempt++)
        {
            var ports = new Chosen(
                Ports.Take(preferredPorts?.Amqp, "RabbitMQ", say),
                Ports.Take(preferredPorts?.Management, "RabbitMQ's management", say),
                Ports.Take(null, "RabbitMQ's distribution", say),
                Ports.Take(null, "RabbitMQ's port mapper", say));
            var environment = await Configure(folder, ports);
            var processes = new List<ProcessRecord>();
            ChildProcess Spawn(string marker, params IEnumerable<string> command)
            {
                var child = ChildProcess.Start([.. ServerAccount.RabbitMq.Prefix, .. command], folder, environment, log, marker);
                processes.Insert(0, child.Record);
                started(child.Record);
                return child;
            }

            try
            {
                var portMapper = Spawn("epmd", "epmd", "-port", $"{ports.PortMapper}", "-address", "127.0.0.1");
                await Listening(portMapper, ports.PortMapper, cancellation);
                var broker = Spawn("rabbit", Server);
                if (!portMapper.HasExited && await Answers(broker, ports, cancellation))
                {
                    return new PrivateRabbitMq(broker.Record, portMapper.Record, ports.Amqp, ports.Management);
                }
            }
            catch
            {
                await Stop(processes);
                throw;
            }

            await Stop(processes);
            if (attempt == 3 || new[] { ports.Amqp, ports.Management, ports.Distribution, ports.PortMapper }.All(Ports.IsFree))
            {
                throw new LocalFailureException($"RabbitMQ did not start.{Environment.NewLine}{ChildProcess.LastLines(log)}");
            }
        }
    }

    /// <summary>Stops the broker, then its port mapper: cleanly (6 s), or at once when its data are thrown away anyway.</summary>
    public Task Stop(bool discard = false) => Stop([Broker, PortMapper], discard);

    /// <summary>Stops a broker by the records of its processes, the broker first.</summary>
    public static async Task Stop(IEnumerable<ProcessRecord> processes, bool discard = false)
    {
        ArgumentNullException.ThrowIfNull(processes);
        foreach (var process in processes)
        {
            await process.Stop(discard ? UnixSignal.Kill : UnixSignal.Terminate, Grace);
        }
    }

    private static Uri AddressAt(int port) => new($"amqp://{User}:{User}@127.0.0.1:{port}");

    private static Uri ManagementAt(int port) => new($"http://127.0.0.1:{port}");

    private static async Task<Dictionary<string, string>> Configure(string folder, Chosen ports)
    {
        var account = ServerAccount.RabbitMq;
        await account.CreateFolder(folder);
        var logs = await account.CreateFolder(Path.Combine(folder, "log"));
        var store = await account.CreateFolder(Path.Combine(folder, "mnesia"));
        var cookie = Path.Combine(folder, ".erlang.cookie");
        if (!File.Exists(cookie))
        {
            await account.WriteFile(cookie, RandomNumberGenerator.GetHexString(40), readOnly: true);
        }

        var (configuration, plugins, empty) =
            (Path.Combine(folder, "rabbitmq.conf"), Path.Combine(folder, "enabled_plugins"), Path.Combine(folder, "environment"));
        await account.WriteFile(empty, "");
        await account.WriteFile(plugins, "[rabbitmq_management].\n");
        await account.WriteFile(configuration, $"""
            listeners.tcp.1 = 127.0.0.1:{ports.Amqp}
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {ports.Management}
            default_user = {User}
            default_pass = {User}
            vm_memory_high_watermark.absolute = 1GB
            disk_free_limit.absolute = 50MB

            """);

        return new Dictionary<string, string>(ServerEnvironment.Of(folder))
        {
            ["ERL_EPMD_PORT"] = $"{ports.PortMapper}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = Node,
            ["RABBITMQ_DIST_PORT"] = $"{ports.Distribution}",
            ["RABBITMQ_CONF_ENV_FILE"] = empty,
            ["RABBITMQ_CONFIG_FILE"] = configuration,
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = plugins,
            ["RABBITMQ_MNESIA_BASE"] = store,
            ["RABBITMQ_LOG_BASE"] = logs,
            ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false",
            // Makes the start script replace itself by the broker, so that the pid is the broker's.
            ["RUNNING_UNDER_SYSTEMD"] = "true",
        };
    }

    private static async Task Listening(ChildProcess process, int port, CancellationToken cancellation)
    {
        for (var waited = Stopwatch.StartNew(); !process.HasExited && Ports.IsFree(port) && waited.Elapsed < StartLimit;)
        {
            await Task.Delay(10, cancellation);
        }
    }

    private static async Task<bool> Answers(ChildProcess broker, Chosen ports, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory { Uri = AddressAt(ports.Amqp), AutomaticRecoveryEnabled = false, RequestedConnectionTimeout = TimeSpan.FromSeconds(5) };
        using var management = new RabbitMqManagement(ManagementAt(ports.Management), AddressAt(ports.Amqp));
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < StartLimit; await Task.Delay(50, cancellation))
        {
            if (broker.HasExited)
            {
                return false;
            }

            try
            {
                // Whoever answers there must be this very broker.
                var listening = ListeningSockets.Of(broker.Record.Pid).Select(address => address.Port).ToHashSet();
                if (listening.IsSupersetOf([ports.Amqp, ports.Management]))
                {
                    await using var connection = await factory.CreateConnectionAsync(cancellation);
                    await management.CheckAnswers(cancellation);
                    return true;
                }
            }
            catch (Exception notYet) when (notYet is BrokerUnreachableException or HttpRequestException)
            {
            }
        }

        return false;
    }

    private sealed record Chosen(int Amqp, int Management, int Distribution, int PortMapper);
}

/// <summary>What is needed of the broker's management API.</summary>
public sealed class RabbitMqManagement : IDisposable
{
    private readonly HttpClient http;
    private readonly string user;
    private readonly string virtualHost;

    /// <summary>The API at <paramref name="management"/>, as the user whom <paramref name="broker"/> names.</summary>
    public RabbitMqManagement(Uri management, Uri broker)
    {
        ArgumentNullException.ThrowIfNull(broker);
        var credentials = broker.UserInfo.Length > 0 ? Uri.UnescapeDataString(broker.UserInfo) : "guest:guest";
        user = credentials[..credentials.IndexOf(':', StringComparison.Ordinal)];
        virtualHost = broker.AbsolutePath.Trim('/') is { Length: > 0 } named ? named : "%2F";
        http = new HttpClient { BaseAddress = management, Timeout = TimeSpan.FromSeconds(15) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
    }

    /// <summary>Makes a virtual host that the user may use in full.</summary>
    public async Task CreateVirtualHost(string name, CancellationToken cancellation = default)
    {
        using var made = await http.PutAsync($"api/vhosts/{Uri.EscapeDataString(name)}", Json("{}"), cancellation);
        made.EnsureSuccessStatusCode();
        using var permitted = await http.PutAsync(
            $"api/permissions/{Uri.EscapeDataString(name)}/{Uri.EscapeDataString(user)}",
            Json("""{"configure":".*","write":".*","read":".*"}"""),
            cancellation);
        permitted.EnsureSuccessStatusCode();
    }

    /// <summary>Removes a virtual host and everything in it; one that is not there is fine.</summary>
    public async Task DeleteVirtualHost(string name, CancellationToken cancellation = default)
    {
        using var deleted = await http.DeleteAsync($"api/vhosts/{Uri.EscapeDataString(name)}", cancellation);
        if (deleted.StatusCode != System.Net.HttpStatusCode.NotFound)
        {
            deleted.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Deletes the queues of the broker address's virtual host whose names begin so.</summary>
    public async Task DeleteQueues(IEnumerable<string> prefixes, CancellationToken cancellation = default)
    {
        var wanted = prefixes.ToList();
        foreach (var queue in await http.GetFromJsonAsync<List<Queue>>($"api/queues/{virtualHost}?columns=name", cancellation) ?? [])
        {
            if (wanted.Any(prefix => queue.Name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                using var deleted = await http.DeleteAsync($"api/queues/{virtualHost}/{Uri.EscapeDataString(queue.Name)}", cancellation);
                deleted.EnsureSuccessStatusCode();
            }
        }
    }

    /// <summary>Throws unless the API answers the user.</summary>
    public async Task CheckAnswers(CancellationToken cancellation = default)
    {
        using var answer = await http.GetAsync("api/whoami", cancellation);
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => http.Dispose();

    private sealed record Queue(string Name);

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
