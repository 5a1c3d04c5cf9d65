using System.Globalization;
using Npgsql;

namespace OtPlatform.Local.Faults;

/// <summary>Kinds of what may go wrong.</summary>
public enum FaultKind
{
    /// <summary>SIGKILL to a replica of a service.</summary>
    KillService,

    /// <summary>SIGKILL to the broker.</summary>
    KillBroker,

    /// <summary>SIGKILL to the store, its sessions' processes with it.</summary>
    KillStore,

    /// <summary>The store ends every session of one service, or of all of them.</summary>
    CutSessions,

    /// <summary>SIGSTOP to a replica for some seconds, then SIGCONT: it never learns that it was away.</summary>
    FreezeService,

    /// <summary>The broker is stopped in good order, and is away for some seconds.</summary>
    BrokerAway,
}

/// <summary>One thing that goes wrong, and is put right again.</summary>
public sealed class Fault
{
    private Fault(FaultKind kind, string what, Func<CancellationToken, Task> strike, Func<CancellationToken, Task> repair, TimeSpan lasts)
    {
        Kind = kind;
        What = what;
        Strike = strike;
        Repair = repair;
        Lasts = lasts;
    }

    public FaultKind Kind { get; }

    /// <summary>In words, with whom it meets.</summary>
    public string What { get; }

    /// <summary>Makes it happen.</summary>
    public Func<CancellationToken, Task> Strike { get; }

    /// <summary>Puts it right, and returns when what was away is ready again.</summary>
    public Func<CancellationToken, Task> Repair { get; }

    /// <summary>How long nothing is done about it.</summary>
    public TimeSpan Lasts { get; }

    /// <summary>A fault of this kind, the rest by chance.</summary>
    public static Fault Of(FaultKind kind, RunFolder folder, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var replicas = (RunStateFile.Read(folder) ?? throw new LocalFailureException("Nothing is running.")).Replicas;
        var (service, number) = replicas[random.Next(replicas.Count)] is var met ? (met.Service, met.Number) : default;
        var moment = TimeSpan.FromSeconds(1 + (random.NextDouble() * 2));
        return kind switch
        {
            FaultKind.KillService => KillService(folder, service, number, moment),
            FaultKind.KillBroker => Kill(kind, PrivateServer.RabbitMq, folder, moment),
            FaultKind.KillStore => Kill(kind, PrivateServer.Postgres, folder, moment),
            FaultKind.CutSessions => CutSessions(folder, random.Next(2) == 0 ? service : null),
            FaultKind.FreezeService => FreezeService(folder, service, number, TimeSpan.FromSeconds(8)),
            _ => Away(PrivateServer.RabbitMq, folder, TimeSpan.FromSeconds(3 + (random.NextDouble() * 4))),
        };
    }

    public static Fault KillService(RunFolder folder, string service, int number, TimeSpan away) => new(
        FaultKind.KillService,
        $"SIGKILL {service} {number}",
        _ => Stack.StopReplica(folder, service, number, UnixSignal.Kill),
        cancellation => Stack.StartReplica(folder, service, number, cancellation),
        away);

    public static Fault Kill(FaultKind kind, PrivateServer server, RunFolder folder, TimeSpan away)
    {
        ArgumentNullException.ThrowIfNull(server);
        return new(kind, $"SIGKILL {server.Name}", _ => server.Stop(folder, kill: true), cancellation => server.Start(folder, cancellation), away);
    }

    /// <summary>A server in good order stopped, and started when the time is over.</summary>
    public static Fault Away(PrivateServer server, RunFolder folder, TimeSpan away)
    {
        ArgumentNullException.ThrowIfNull(server);
        return new(
            FaultKind.BrokerAway,
            $"{server.Name} away for {away.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s",
            _ => server.Stop(folder, kill: false),
            cancellation => server.Start(folder, cancellation),
            away);
    }

    public static Fault FreezeService(RunFolder folder, string service, int number, TimeSpan frozen) => new(
        FaultKind.FreezeService,
        $"SIGSTOP {service} {number} for {frozen.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s",
        _ =>
        {
            Stack.Freeze(folder, service, number);
            return Task.CompletedTask;
        },
        _ =>
        {
            Stack.Thaw(folder, service, number);
            return Task.CompletedTask;
        },
        frozen);

    /// <param name="service">Whose sessions; null for everybody's.</param>
    public static Fault CutSessions(RunFolder folder, string? service) => new(
        FaultKind.CutSessions,
        $"all sessions of {service ?? "every service"} cut",
        cancellation => Cut(folder, service, cancellation),
        _ => Task.CompletedTask,
        TimeSpan.Zero);

    private static async Task Cut(RunFolder folder, string? service, CancellationToken cancellation)
    {
        var endpoints = Endpoints.Of(RunStateFile.Read(folder) ?? throw new LocalFailureException("Nothing is running."));
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Databases.On(endpoints.Postgres, "postgres")) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name ~ $1 and pid <> pg_backend_pid()", connection)
        {
            Parameters = { new() { Value = $"^({service ?? string.Join('|', ServiceCatalogue.All.Select(row => row.Name))})-[0-9]+$" } },
        };
        if (await command.ExecuteScalarAsync(cancellation) is not > 0L)
        {
            throw new LocalFailureException("There was no session to cut: the store's connections are not named as they were.");
        }
    }
}
