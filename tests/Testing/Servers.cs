using OtPlatform.Local;

namespace OtPlatform.Testing;

/// <summary>
/// A real PostgreSQL and a real RabbitMQ for the tests: those that OT_POSTGRES and OT_RABBITMQ name, else private ones, started
/// once per test process when first asked for. Whatever is made here is gone when the process has ended, also when it was killed.
/// A server that cannot be had fails the test that asks for it.
/// </summary>
public static class Servers
{
    private static readonly Lazy<Guard> Watch = new(Guard.Start);
    private static readonly Lazy<ExternalServers> External = new(ExternalServers.FromEnvironment);
    private static readonly Lazy<Task<string>> Folder = new(MakeFolder);
    private static readonly Lazy<Task<string>> Database = new(StartPostgres);
    private static readonly Lazy<Task<Broker>> MessageBroker = new(StartRabbitMq);

    /// <summary>A connection string to the server, without a database.</summary>
    public static Task<string> Postgres() => Database.Value;

    /// <summary>The connection string of a new, empty database; its name begins with <paramref name="prefix"/>.</summary>
    public static async Task<string> FreshDatabase(string prefix)
    {
        var server = await Postgres();
        var name = Unique(prefix);
        if (External.Value.Postgres is not null)
        {
            Watch.Value.Add(new LeftDatabase(server, name));
        }

        return await Databases.Ensure(server, name);
    }

    /// <summary>The broker's AMQP address, with its default virtual host.</summary>
    public static async Task<Uri> RabbitMq() => (await MessageBroker.Value).Address;

    /// <summary>The broker's management address; user and password are those of <see cref="RabbitMq"/>.</summary>
    public static async Task<Uri> RabbitMqManagement() => (await MessageBroker.Value).Management;

    /// <summary>The AMQP address of a new, empty virtual host, so that fixtures do not meet each other's queues.</summary>
    public static async Task<Uri> FreshVirtualHost(string prefix)
    {
        var broker = await MessageBroker.Value;
        var name = Unique(prefix);
        if (External.Value.RabbitMq is not null)
        {
            Watch.Value.Add(new LeftVirtualHost(broker.Management, broker.Address, name));
        }

        using var management = new RabbitMqManagement(broker.Management, broker.Address);
        await management.CreateVirtualHost(name);
        return new Uri(broker.Address, $"/{name}");
    }

    private static async Task<string> StartPostgres()
    {
        if (External.Value.Postgres is { } server)
        {
            return server;
        }

        var folder = await Folder.Value;
        var started = await PrivatePostgres.Start(
            Path.Combine(folder, "postgres"), Path.Combine(folder, "postgres.log"), preferredPort: null, Say,
            process => Watch.Value.Add(new LeftProcess(process, UnixSignal.Quit)));
        return started.ConnectionString;
    }

    private static async Task<Broker> StartRabbitMq()
    {
        if (External.Value is { RabbitMq: { } address, RabbitMqManagement: { } management })
        {
            return new Broker(address, management);
        }

        var folder = await Folder.Value;
        var started = await PrivateRabbitMq.Start(
            Path.Combine(folder, "rabbitmq"), Path.Combine(folder, "rabbitmq.log"), preferredPorts: null, Say,
            process => Watch.Value.Add(new LeftProcess(process, UnixSignal.Kill)));
        return new Broker(started.Address, started.Management);
    }

    private static async Task<string> MakeFolder()
    {
        var folder = await ServerFolder.CreateTemporary(ServerAccount.Postgres, ServerAccount.RabbitMq);
        Watch.Value.Add(new LeftFolder(folder.Path));
        return folder.Path;
    }

    private static void Say(string message) => TestContext.Progress.WriteLine(message);

    private static string Unique(string prefix) => $"{prefix.ToLowerInvariant()}_{Guid.NewGuid():n}"[..(prefix.Length + 13)];

    private sealed record Broker(Uri Address, Uri Management);
}
