using System.Diagnostics;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace OtPlatform.Local;

/// <summary>How a system is started.</summary>
public sealed record StackOptions
{
    /// <summary>Where it notes what runs.</summary>
    public required RunFolder Folder { get; init; }

    /// <summary>Where its data, secrets, logs and clock are.</summary>
    public required string Area { get; init; }

    /// <summary>Whether earlier data are removed first.</summary>
    public bool Clean { get; init; }

    /// <summary>Whether the whole area is removed when it is stopped.</summary>
    public bool Passing { get; init; }

    /// <summary>How many replicas of each service.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Whether the well-known ports are preferred; else any free ones are taken.</summary>
    public bool PreferredPorts { get; init; } = true;

    /// <summary>The beginning of each database's name.</summary>
    public string DatabasePrefix { get; init; } = "ot_";

    /// <summary>Servers to be used instead of private ones.</summary>
    public ExternalServers Servers { get; init; } = ExternalServers.FromEnvironment();

    /// <summary>Further settings for every service, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Takes what the user should know.</summary>
    public Action<string> Say { get; init; } = _ => { };
}

/// <summary>The whole system on this machine: servers, databases, secrets and every service.</summary>
public sealed class Stack : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ServiceGrace = TimeSpan.FromSeconds(35);

    private readonly StackOptions options;
    private readonly ProcessRecord self;
    private readonly List<ChildProcess> children = [];
    private Guard? guard;

    private Stack(StackOptions options)
    {
        this.options = options;
        self = ProcessRecord.Of(Environment.ProcessId, "")!;
    }

    /// <summary>Its addresses now.</summary>
    public Endpoints Endpoints => Endpoints.Of(State);

    private RunFolder Folder => options.Folder;

    private RunState State => RunStateFile.Read(Folder) ?? throw new LocalFailureException("The system has been stopped.");

    /// <summary>
    /// Starts everything and returns when every service is ready. A failure or a cancellation stops what was started before it is
    /// passed on; should this process be killed, a guard stops it.
    /// </summary>
    public static async Task<Stack> Start(StackOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var stack = new Stack(options);
        stack.Claim();
        try
        {
            stack.guard = Guard.Start();
            stack.guard.Add(new LeftStack(options.Folder.Path, stack.self));
            await stack.StartServers(cancellation);
            await stack.StartServices(cancellation);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await Stop(Folder);
        await DismissGuard();
    }

    /// <summary>Leaves it running when this process ends; <c>ot stop</c> stops it.</summary>
    public async Task Detach()
    {
        RunStateFile.Change(Folder, state => Running(state) with { Supervisor = null });
        await DismissGuard();
    }

    /// <summary>Stays until cancelled or stopped from elsewhere, and tells when a process has ended by itself.</summary>
    public async Task Watch(CancellationToken cancellation)
    {
        var told = new HashSet<ProcessRecord>();
        while (RunStateFile.Read(Folder) is { } state)
        {
            var ended = Named(state).Where(named => !named.Process.IsAlive && told.Add(named.Process)).ToList();
            // Who stops a replica on purpose notes it in the state a moment after the process has ended.
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
            var still = RunStateFile.Read(Folder)?.Processes.ToHashSet() ?? [];
            foreach (var (name, log, process) in ended.Where(named => still.Contains(named.Process)))
            {
                options.Say($"{name} (pid {process.Pid}) has ended by itself; see {log}.");
            }
        }

        options.Say("The system was stopped from elsewhere.");
    }

    /// <summary>Stops whatever the folder says is running, and removes what was not to stay; the data of an ordinary run stay.</summary>
    public static async Task<bool> Stop(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (RunStateFile.Read(folder) is not { } state)
        {
            return false;
        }

        await Task.WhenAll(state.Replicas.Select(replica => replica.Process?.Stop(UnixSignal.Terminate, ServiceGrace) ?? Task.CompletedTask));
        await Task.WhenAll(
            [
                .. state.PostgresProcesses.Select(process => PrivatePostgres.Stop(process, state.DataArePassing)),
                PrivateRabbitMq.Stop(state.RabbitMqProcesses, state.DataArePassing),
            ]);
        if (state.DataArePassing)
        {
            Files.DeleteFolder(state.Data);
        }

        if (state.AreaIsPassing)
        {
            await RemoveFromExternalServers(state);
            Files.DeleteFolder(state.Area);
        }

        folder.Forget();
        return true;
    }

    private static async Task RemoveFromExternalServers(RunState state)
    {
        if (state is { Postgres.Length: > 0, PostgresIsExternal: true })
        {
            foreach (var database in DatabaseNames(state))
            {
                await Databases.Drop(state.Postgres, database);
            }
        }

        if (state is { RabbitMq.Length: > 0, RabbitMqIsExternal: true })
        {
            await TryClearQueues(new Uri(state.RabbitMq), new Uri(state.RabbitMqManagement), CancellationToken.None);
        }
    }

    private static IEnumerable<string> DatabaseNames(RunState state) =>
        ServiceCatalogue.All.SelectMany(row => row.FurtherDatabases.Values.Prepend(row.Database)).Select(state.DatabaseName);

    private static async Task<bool> TryClearQueues(Uri address, Uri management, CancellationToken cancellation)
    {
        try
        {
            using var broker = new RabbitMqManagement(management, address);
            await broker.DeleteQueues(ServiceCatalogue.All.Select(row => row.QueuePrefix), cancellation);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Starts a stopped replica again, as it was, and waits until it is ready.</summary>
    public static async Task StartReplica(RunFolder folder, string service, int number, CancellationToken cancellation = default)
    {
        var (state, replica) = FindReplica(folder, service, number);
        if (replica.Process is { IsAlive: true } running)
        {
            throw new LocalFailureException($"{replica.Title} runs already (pid {running.Pid}).");
        }

        var child = Launch(state, replica);
        replica = replica with { Process = child.Record };
        RunStateFile.Change(folder, latest => Running(latest).With(replica));
        try
        {
            await BecomeReady(state, replica, child, cancellation);
        }
        catch
        {
            await child.Record.Stop(UnixSignal.Terminate, ServiceGrace);
            RunStateFile.Change(folder, latest => Running(latest).With(replica with { Process = null }));
            throw;
        }
    }

    /// <summary>Stops a replica: it drains first (SIGTERM), or not (SIGKILL).</summary>
    public static async Task StopReplica(RunFolder folder, string service, int number, UnixSignal signal)
    {
        var (_, replica) = FindReplica(folder, service, number);
        if (replica.Process is not { IsAlive: true } running)
        {
            throw new LocalFailureException($"{replica.Title} does not run.");
        }

        await running.Stop(signal, ServiceGrace);
        RunStateFile.Change(folder, latest => Running(latest).With(replica with { Process = null }));
    }

    /// <summary>Stops a replica in its tracks (SIGSTOP): it keeps its connections and answers nobody.</summary>
    public static void Freeze(RunFolder folder, string service, int number) => SignalReplica(folder, service, number, UnixSignal.Stop);

    /// <summary>Lets a frozen replica go on.</summary>
    public static void Thaw(RunFolder folder, string service, int number) => SignalReplica(folder, service, number, UnixSignal.Continue);

    /// <summary>Runs a service's program beside its replicas, with their settings and with <paramref name="arguments"/>, to its end; what it prints is printed here.</summary>
    public static async Task<int> RunBeside(RunFolder folder, string service, IReadOnlyList<string> arguments, CancellationToken cancellation = default)
    {
        var (state, replica) = FindReplica(folder, service, number: 1);
        var row = ServiceCatalogue.Find(service);
        var start = new ProcessStartInfo(OtCommand.DotnetHost, [row.Program(Repository.Root), .. arguments]) { WorkingDirectory = row.OutputFolder(Repository.Root) };
        start.Environment.Clear();
        foreach (var (key, value) in ServiceEnvironment.Of(row, state, replica))
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start) ?? throw new LocalFailureException("dotnet could not be started.");
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode;
    }

    private static void SignalReplica(RunFolder folder, string service, int number, UnixSignal signal)
    {
        var (_, replica) = FindReplica(folder, service, number);
        if (replica.Process?.Signal(signal) is not true)
        {
            throw new LocalFailureException($"{replica.Title} does not run.");
        }
    }

    private static RunState Running(RunState? state) => state ?? throw new LocalFailureException("Nothing is running.");

    private static (RunState State, Replica Replica) FindReplica(RunFolder folder, string service, int number)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var name = ServiceCatalogue.Find(service).Name;
        var state = Running(RunStateFile.Read(folder));
        var replicas = state.Replicas.Where(replica => replica.Service == name).ToList();
        return replicas.FirstOrDefault(replica => replica.Number == number) is { } found
            ? (state, found)
            : throw new LocalFailureException($"There is no {name} {number}: {name} has {replicas.Count} replica(s).");
    }

    private static IEnumerable<(string Name, string Log, ProcessRecord Process)> Named(RunState state) =>
        PrivateServer.All
            .SelectMany(server => server.ProcessesIn(state).Select(process => (server.Name, server.LogIn(state.Area), process)))
            .Concat(state.Replicas.Where(replica => replica.Process is not null)
                .Select(replica => (replica.Title, replica.LogIn(state.Area), replica.Process!)));

    private async Task DismissGuard()
    {
        if (guard is { } watching)
        {
            guard = null;
            await watching.Dismiss();
            watching.Dispose();
        }
    }

    private void Claim() => RunStateFile.Change(Folder, earlier =>
    {
        if (earlier is { Runs: true })
        {
            throw new LocalFailureException("The system is running already; ./deploy/stop stops it.");
        }

        if (earlier is { DataArePassing: true })
        {
            Files.DeleteFolder(earlier.Data);
        }

        if (earlier is { AreaIsPassing: true })
        {
            Files.DeleteFolder(earlier.Area);
        }

        File.Delete(Folder.EndpointsFile);
        return new RunState
        {
            Supervisor = self,
            Area = options.Area,
            Data = RunFolder.DataIn(options.Area),
            DataArePassing = options.Passing,
            AreaIsPassing = options.Passing,
            DatabasePrefix = options.DatabasePrefix,
            Settings = options.Settings,
            PostgresIsExternal = options.Servers.Postgres is not null,
            RabbitMqIsExternal = options.Servers.RabbitMq is not null,
        };
    });

    private void Change(Func<RunState, RunState> change) => RunStateFile.Change(Folder, state => change(Running(state)));

    private async Task StartServers(CancellationToken cancellation)
    {
        var area = Files.CreateFolder(options.Area);
        if (options.Clean)
        {
            Files.DeleteFolder(RunFolder.DataIn(area));
            Files.DeleteFolder(RunFolder.SecretsIn(area));
            if (Directory.Exists(area))
            {
                File.Delete(RunFolder.ClockIn(area));
            }
        }

        Files.DeleteFolder(RunFolder.LogsIn(area));
        Files.CreateFolder(RunFolder.LogsIn(area));
        RunFolder.CreateSecrets(area);
        if (Clock.Read(RunFolder.ClockIn(area)) is var offset && offset != TimeSpan.Zero)
        {
            options.Say($"The platform's clock is moved by {offset:c}; ./deploy/clock reset sets it right.");
        }

        if (options.Servers.AccountsForTheRest is { Count: > 0 } accounts)
        {
            var folder = await ServerFolder.Create(RunFolder.DataIn(area), accounts);
            if (folder.IsTemporary)
            {
                options.Say($"The servers' accounts cannot reach {area}: their data are in {folder.Path} until the system is stopped.");
                Change(state => state with { Data = folder.Path, DataArePassing = true });
            }
        }

        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAll(CancelOnFailure(StartPostgres(failed.Token)), CancelOnFailure(StartRabbitMq(failed.Token)));

        async Task CancelOnFailure(Task task)
        {
            try
            {
                await task;
            }
            catch
            {
                await failed.CancelAsync();
                throw;
            }
        }
    }

    private async Task StartPostgres(CancellationToken cancellation)
    {
        var server = options.Servers.Postgres ?? (await PrivatePostgres.Start(
            PrivateServer.Postgres.DataIn(State),
            PrivateServer.Postgres.LogIn(options.Area),
            options.PreferredPorts ? PrivatePostgres.PreferredPort : null,
            options.Say,
            process => Change(state => PrivateServer.Postgres.Started(state, process)),
            cancellation)).ConnectionString;
        Change(state => state with { Postgres = server });

        try
        {
            foreach (var database in DatabaseNames(State))
            {
                if (options.Clean)
                {
                    await Databases.Drop(server, database, cancellation);
                }

                await Databases.Ensure(server, database, cancellation);
            }
        }
        catch (NpgsqlException failure) when (options.Servers.Postgres is not null)
        {
            throw new LocalFailureException($"The server that OT_POSTGRES names cannot be used: {failure.Message}", failure);
        }
    }

    private async Task StartRabbitMq(CancellationToken cancellation)
    {
        if (options.Servers is { RabbitMq: { } address, RabbitMqManagement: { } management })
        {
            await CheckBroker(address, cancellation);
            if (options.Clean && !await TryClearQueues(address, management, cancellation))
            {
                options.Say($"The broker's management does not answer at {Plain(management)}: queues of earlier runs stay as they are.");
            }

            Change(state => state with { RabbitMq = Plain(address), RabbitMqManagement = Plain(management) });
            return;
        }

        var broker = await PrivateRabbitMq.Start(
            PrivateServer.RabbitMq.DataIn(State),
            PrivateServer.RabbitMq.LogIn(options.Area),
            options.PreferredPorts ? (PrivateRabbitMq.PreferredPort, PrivateRabbitMq.PreferredManagementPort) : null,
            options.Say,
            process => Change(state => PrivateServer.RabbitMq.Started(state, process)),
            cancellation);
        Change(state => state with { RabbitMq = Plain(broker.Address), RabbitMqManagement = Plain(broker.Management) });
    }

    private static async Task CheckBroker(Uri address, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await new ConnectionFactory { Uri = address }.CreateConnectionAsync(cancellation);
        }
        catch (BrokerUnreachableException failure)
        {
            throw new LocalFailureException($"The broker that OT_RABBITMQ names cannot be used: {failure.InnerException?.Message ?? failure.Message}", failure);
        }
    }

    private async Task StartServices(CancellationToken cancellation)
    {
        var replicas = ServiceCatalogue.All.SelectMany(row => Enumerable.Range(1, options.Replicas).Select(number => Plan(row, number))).ToList();
        Change(state => state with { Replicas = replicas });
        var state = State;
        var starting = new List<Task>();
        foreach (var planned in replicas)
        {
            var child = Launch(state, planned);
            children.Add(child);
            var replica = planned with { Process = child.Record };
            Change(latest => latest.With(replica));
            starting.Add(BecomeReady(state, replica, child, cancellation));
        }

        await foreach (var ready in Task.WhenEach(starting).WithCancellation(cancellation))
        {
            await ready;
        }

        Change(latest => latest with { Ready = true });
    }

    private Replica Plan(ServiceRow row, int number)
    {
        int Port(int wellKnown) => Ports.Take(options.PreferredPorts && number == 1 ? wellKnown : null, row.Name, options.Say);
        return new Replica(row.Name, number, Port(row.RestPort), row.HasGrpc ? Port(row.GrpcPort) : null, Process: null);
    }

    private static ChildProcess Launch(RunState state, Replica replica)
    {
        var row = ServiceCatalogue.Find(replica.Service);
        var (folder, program) = (row.OutputFolder(Repository.Root), row.Program(Repository.Root));
        return File.Exists(program)
            ? ChildProcess.Start([OtCommand.DotnetHost, program], folder, ServiceEnvironment.Of(row, state, replica), replica.LogIn(state.Area), program)
            : throw new LocalFailureException($"{program} is missing; ./deploy/run builds it.");
    }

    private static async Task BecomeReady(RunState state, Replica replica, ChildProcess child, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var address = new Uri($"{replica.Address}/health/ready");
        var answer = "no answer";
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < ReadyLimit; await Task.Delay(100, cancellation))
        {
            if (child.HasExited)
            {
                throw new LocalFailureException($"{replica.Title} has ended while it started.{Environment.NewLine}{ChildProcess.LastLines(child.Log)}");
            }

            try
            {
                using var response = await http.GetAsync(address, cancellation);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }

                answer = $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellation)}";
            }
            catch (Exception notYet) when (notYet is HttpRequestException || (notYet is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                answer = "no answer";
            }
        }

        throw new LocalFailureException(
            $"{replica.Title} is not ready after {ReadyLimit.TotalSeconds} s ({address}: {answer}).{Environment.NewLine}{ChildProcess.LastLines(child.Log)}");
    }

    private static string Plain(Uri address) => address.OriginalString.TrimEnd('/');
}

/// <summary>A system whose starter has ended without stopping it.</summary>
public sealed record LeftStack(string Folder, ProcessRecord Supervisor) : Leftover
{
    internal override async Task Remove()
    {
        var folder = new RunFolder(Folder);
        if (RunStateFile.Read(folder)?.Supervisor == Supervisor)
        {
            await Stack.Stop(folder);
        }
    }
}
