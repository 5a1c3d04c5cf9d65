namespace OtPlatform.Local;

/// <summary>One of the two private servers of a running system, stopped and started by itself as the services are.</summary>
public sealed class PrivateServer
{
    public static readonly PrivateServer Postgres = new("postgres");
    public static readonly PrivateServer RabbitMq = new("rabbitmq");

    private static readonly TimeSpan RestartLimit = TimeSpan.FromSeconds(10);

    private PrivateServer(string name) => Name = name;

    /// <summary>Both.</summary>
    public static IReadOnlyList<PrivateServer> All { get; } = [Postgres, RabbitMq];

    /// <summary>Its key in endpoints.json.</summary>
    public string Name { get; }

    /// <summary>The server of that name; null when a service is meant.</summary>
    public static PrivateServer? Find(string name) => All.FirstOrDefault(server => server.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Stops it cleanly, or not at all cleanly (SIGKILL).</summary>
    public async Task Stop(RunFolder folder, bool kill)
    {
        var state = Owned(folder);
        var running = ProcessesIn(state).Where(process => process.IsAlive).ToList();
        if (running.Count == 0)
        {
            throw new LocalFailureException($"{Name} does not run.");
        }

        foreach (var process in running)
        {
            await (kill ? process.Stop(UnixSignal.Kill, TimeSpan.Zero)
                : this == Postgres ? PrivatePostgres.Stop(process)
                : PrivateRabbitMq.Stop([process]));
        }

        RunStateFile.Change(folder, latest => WithProcesses(Owned(latest), []));
    }

    /// <summary>Starts it again over its data, on the same ports, and returns when it answers.</summary>
    public async Task Start(RunFolder folder, CancellationToken cancellation = default)
    {
        var state = Owned(folder);
        if (ProcessesIn(state).Any(process => process.IsAlive))
        {
            throw new LocalFailureException($"{Name} runs already.");
        }

        int[] ports = this == Postgres ? [new Npgsql.NpgsqlConnectionStringBuilder(state.Postgres).Port] : [new Uri(state.RabbitMq).Port, new Uri(state.RabbitMqManagement).Port];
        // A killed process counts as dead when its first thread is; another may hold the ports for a moment longer.
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); ports.Where(port => !Ports.IsFree(port)).ToList() is { Count: > 0 } taken; await Task.Delay(100, cancellation))
        {
            if (waited.Elapsed > RestartLimit)
            {
                throw new LocalFailureException($"{Name} cannot start again: port {taken[0]} has been taken meanwhile.");
            }
        }

        for (var waited = System.Diagnostics.Stopwatch.StartNew(); ; await Task.Delay(500, cancellation))
        {
            try
            {
                await StartOn(ports, folder, state, cancellation);
                return;
            }
            catch (LocalFailureException) when (waited.Elapsed < RestartLimit)
            {
                // After a SIGKILL, sessions of the former server may hold its shared memory for another moment.
            }
        }
    }

    internal string DataIn(RunState state) => Path.Combine(state.Data, Name);

    internal string LogIn(string area) => Path.Combine(RunFolder.LogsIn(area), $"{Name}.log");

    internal IReadOnlyList<ProcessRecord> ProcessesIn(RunState state) => this == Postgres ? state.PostgresProcesses : state.RabbitMqProcesses;

    /// <summary>The newest process first: the broker comes after its port mapper.</summary>
    internal RunState Started(RunState state, ProcessRecord process) => WithProcesses(state, [process, .. ProcessesIn(state).Where(other => other.IsAlive)]);

    private async Task StartOn(int[] ports, RunFolder folder, RunState state, CancellationToken cancellation)
    {
        void Note(ProcessRecord process) => RunStateFile.Change(folder, latest => Started(Owned(latest), process));
        if (this == Postgres)
        {
            await PrivatePostgres.Start(DataIn(state), LogIn(state.Area), ports[0], Console.WriteLine, Note, cancellation);
        }
        else
        {
            await PrivateRabbitMq.Start(DataIn(state), LogIn(state.Area), (ports[0], ports[1]), Console.WriteLine, Note, cancellation);
        }
    }

    private RunState WithProcesses(RunState state, IReadOnlyList<ProcessRecord> processes) =>
        this == Postgres ? state with { PostgresProcesses = processes } : state with { RabbitMqProcesses = processes };

    private RunState Owned(RunFolder folder) => Owned(RunStateFile.Read(folder));

    private RunState Owned(RunState? state) =>
        state is null ? throw new LocalFailureException("Nothing is running.")
        : this == Postgres ? state.PostgresIsExternal ? throw Foreign() : state
        : state.RabbitMqIsExternal ? throw Foreign() : state;

    private LocalFailureException Foreign() => new($"{Name} is a server of your own: it is not ours to start or stop.");
}
