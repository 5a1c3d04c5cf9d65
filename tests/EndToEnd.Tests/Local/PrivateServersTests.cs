using System.Net;
using System.Net.Sockets;
using Npgsql;
using OtPlatform.Local;
using OtPlatform.Testing;
using RabbitMQ.Client;

namespace OtPlatform.EndToEnd.Tests.Local;

public sealed class PrivateServersTests
{
    private readonly List<string> said = [];
    private readonly List<ProcessRecord> processes = [];
    private ServerFolder folder = null!;
    private Guard guard = null!;

    [SetUp]
    public async Task MakeFolder()
    {
        said.Clear();
        processes.Clear();
        folder = await ServerFolder.CreateTemporary(ServerAccount.Postgres, ServerAccount.RabbitMq);
        guard = Guard.Start();
        guard.Add(new LeftFolder(folder.Path));
    }

    [TearDown]
    public async Task CleanUp()
    {
        await guard.CleanUp();
        guard.Dispose();
    }

    [Test]
    public async Task PostgreSQL_answers_listens_on_this_machine_only_and_is_durable()
    {
        var server = await StartPostgres();

        Assert.That(ListeningSockets.Of(server.Process.Pid), Is.EqualTo(new[] { new IPEndPoint(IPAddress.Loopback, server.Port) }));
        await using var connection = new NpgsqlConnection(await Databases.Ensure(server.ConnectionString, "trial"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select current_setting('fsync') || current_setting('synchronous_commit') || current_database()", connection);
        Assert.That(await command.ExecuteScalarAsync(), Is.EqualTo("onontrial"));
    }

    [Test]
    public async Task PostgreSQL_keeps_its_data_over_a_stop()
    {
        var first = await StartPostgres();
        await Databases.Ensure(first.ConnectionString, "kept");
        await first.Stop();
        Assert.That(first.Process.IsAlive, Is.False);

        var second = await StartPostgres();
        Assert.That(async () => await Databases.Drop(second.ConnectionString, "kept"), Throws.Nothing);
    }

    [Test]
    public async Task RabbitMQ_answers_and_listens_on_this_machine_only_with_distribution_and_port_mapper()
    {
        var broker = await StartRabbitMq();

        await using (var connection = await new ConnectionFactory { Uri = broker.Address }.CreateConnectionAsync())
        {
            Assert.That(connection.IsOpen);
        }

        var listening = ListeningSockets.Of(broker.Broker.Pid);
        Assert.That(listening.Select(address => address.Address), Is.All.EqualTo(IPAddress.Loopback));
        Assert.That(listening, Has.Count.EqualTo(3), "AMQP, management and distribution");
        Assert.That(listening.Select(address => address.Port), Does.Contain(broker.Port).And.Contain(broker.Management.Port));
        var mapper = ListeningSockets.Of(broker.PortMapper.Pid);
        Assert.That(mapper, Is.Not.Empty);
        Assert.That(mapper.Select(address => IPAddress.IsLoopback(address.Address)), Is.All.True);
    }

    [Test]
    public async Task Several_brokers_run_side_by_side_and_a_stop_leaves_no_process_of_its_own()
    {
        var first = await StartRabbitMq("first");
        var second = await StartRabbitMq("second");

        await first.Stop(discard: true);

        Assert.That(new[] { first.Broker.IsAlive, first.PortMapper.IsAlive }, Is.All.False);
        await Eventually.Holds(() => Assert.That(ProcessesNaming(Path.Combine(folder.Path, "first")), Is.Empty));
        await using var connection = await new ConnectionFactory { Uri = second.Address }.CreateConnectionAsync();
        Assert.That(connection.IsOpen);
    }

    [Test]
    public async Task A_taken_port_is_replaced_and_said_so()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var server = await StartPostgres(port);

        Assert.That(server.Port, Is.Not.EqualTo(port));
        Assert.That(said, Is.EqualTo(new[] { $"Port {port} for PostgreSQL is taken; {server.Port} is used instead." }));
    }

    [Test]
    public async Task The_guard_leaves_neither_process_nor_folder()
    {
        var (server, broker) = (await StartPostgres(), await StartRabbitMq());

        await guard.CleanUp();

        Assert.That(new[] { server.Process.IsAlive, broker.Broker.IsAlive, broker.PortMapper.IsAlive }, Is.All.False);
        Assert.That(folder.Path, Does.Not.Exist);
        await Eventually.Holds(() => Assert.That(ProcessesNaming(folder.Path), Is.Empty));
    }

    private async Task<PrivatePostgres> StartPostgres(int? preferredPort = null) =>
        await PrivatePostgres.Start(
            Path.Combine(folder.Path, "postgres"), Path.Combine(folder.Path, "postgres.log"), preferredPort, said.Add,
            process => guard.Add(new LeftProcess(process, UnixSignal.Quit)));

    private async Task<PrivateRabbitMq> StartRabbitMq(string name = "rabbitmq") =>
        await PrivateRabbitMq.Start(
            Path.Combine(folder.Path, name), Path.Combine(folder.Path, $"{name}.log"), preferredPorts: null, said.Add,
            process => guard.Add(new LeftProcess(process, UnixSignal.Kill)));

    private static IEnumerable<string> ProcessesNaming(string path) =>
        Directory.EnumerateDirectories("/proc")
            .Where(process => int.TryParse(Path.GetFileName(process), out _))
            .Select(CommandLineOrEnvironment)
            .Where(text => text.Contains(path, StringComparison.Ordinal));

    private static string CommandLineOrEnvironment(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline") + File.ReadAllText($"{process}/environ");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
