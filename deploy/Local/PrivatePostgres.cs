using System.Diagnostics;
using Npgsql;

namespace OtPlatform.Local;

/// <summary>
/// A PostgreSQL server of our own on 127.0.0.1, with one superuser <c>app</c> whom it trusts. Its data stay in the folder when it
/// is stopped and are found again by the next start.
/// </summary>
public sealed class PrivatePostgres
{
    /// <summary>The port that development prefers.</summary>
    public const int PreferredPort = 5499;

    private const string Superuser = "app";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private PrivatePostgres(ProcessRecord process, int port)
    {
        Process = process;
        Port = port;
    }

    /// <summary>The server's process.</summary>
    public ProcessRecord Process { get; }

    /// <summary>The port it listens on.</summary>
    public int Port { get; }

    /// <summary>A connection string without a database.</summary>
    public string ConnectionString => ConnectionTo(Port);

    /// <summary>The folder with the newest PostgreSQL server's programs; fails with what to install.</summary>
    public static string Programs =>
        (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [])
            .Select(version => Path.Combine(version, "bin"))
            .Where(folder => File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb")))
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(Path.GetDirectoryName(folder)), out var version) ? version : 0)
            .FirstOrDefault()
        ?? throw new LocalFailureException(
            "PostgreSQL's server programs are missing (/usr/lib/postgresql/*/bin/postgres). On Debian: apt-get install -y --no-install-recommends postgresql. Or point OT_POSTGRES at a server of your own.");

    /// <summary>
    /// Starts the server over <paramref name="folder"/> (made when missing) and returns when it answers. <paramref name="started"/>
    /// hears of the process as soon as it exists. Without <paramref name="preferredPort"/> any free port is taken.
    /// </summary>
    public static async Task<PrivatePostgres> Start(
        string folder, string log, int? preferredPort, Action<string> say, Action<ProcessRecord> started, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(started);
        var programs = Programs;
        await Initialise(programs, folder, cancellation);

        for (var attempt = 1; ; attempt++)
        {
            var port = Ports.Take(preferredPort, "PostgreSQL", say);
            var server = ChildProcess.Start(
                [.. ServerAccount.Postgres.Prefix, .. CommandLine(programs, folder, port)], folder, ServerEnvironment.Of(folder), log, folder);
            started(server.Record);
            try
            {
                if (await Answers(server, port, folder, cancellation))
                {
                    return new PrivatePostgres(server.Record, port);
                }
            }
            catch
            {
                await Stop(server.Record);
                throw;
            }

            await Stop(server.Record);
            if (attempt == 3 || Ports.IsFree(port))
            {
                throw new LocalFailureException($"PostgreSQL did not start.{Environment.NewLine}{ChildProcess.LastLines(log)}");
            }
        }
    }

    /// <summary>Stops the server: sessions are ended and everything is written, or nothing more when its data are thrown away anyway.</summary>
    public Task Stop(bool discard = false) => Stop(Process, discard);

    /// <summary>Stops a server by its record.</summary>
    public static Task Stop(ProcessRecord process, bool discard = false)
    {
        ArgumentNullException.ThrowIfNull(process);

        // Not SIGKILL even then: it would leave shared memory behind.
        return process.Stop(discard ? UnixSignal.Quit : UnixSignal.Interrupt, Grace);
    }

    private static string ConnectionTo(int port) =>
        new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Username = Superuser }.ConnectionString;

    private static async Task Initialise(string programs, string folder, CancellationToken cancellation)
    {
        var version = Path.Combine(folder, "PG_VERSION");
        if (File.Exists(version))
        {
            var (found, served) = ((await File.ReadAllTextAsync(version, cancellation)).Trim(), Path.GetFileName(Path.GetDirectoryName(programs)));
            if (found != served)
            {
                throw new LocalFailureException($"The data in {folder} were written by PostgreSQL {found}, here is {served}. Start again with --clean.");
            }

            return;
        }

        await ServerAccount.Postgres.CreateFolder(folder);
        await Commands.Run(
            [
                .. ServerAccount.Postgres.Prefix, Path.Combine(programs, "initdb"), "-D", folder, "-U", Superuser,
                "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions",
            ],
            folder,
            cancellation);
    }

    // No unix socket: its path is limited to 107 bytes, and a checkout may lie deeper.
    private static IEnumerable<string> CommandLine(string programs, string folder, int port) =>
    [
        Path.Combine(programs, "postgres"), "-D", folder, "-p", $"{port}",
        "-c", "listen_addresses=127.0.0.1",
        "-c", "unix_socket_directories=",
        "-c", "fsync=on",
        "-c", "synchronous_commit=on",
        "-c", "max_connections=300",
        "-c", "shared_buffers=256MB",
        "-c", "max_wal_size=2GB",
        "-c", "timezone=UTC",
        "-c", "log_timezone=UTC",
    ];

    private static async Task<bool> Answers(ChildProcess server, int port, string folder, CancellationToken cancellation)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionTo(port)) { Database = "postgres", Pooling = false, Timeout = 5 };
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < StartLimit; await Task.Delay(30, cancellation))
        {
            if (server.HasExited)
            {
                return false;
            }

            try
            {
                await using var connection = new NpgsqlConnection(settings.ConnectionString);
                await connection.OpenAsync(cancellation);
                await using var command = new NpgsqlCommand("show data_directory", connection);
                if (folder.Equals(await command.ExecuteScalarAsync(cancellation)))
                {
                    return true;
                }
            }
            catch (NpgsqlException)
            {
                // Not yet.
            }
        }

        return false;
    }
}
