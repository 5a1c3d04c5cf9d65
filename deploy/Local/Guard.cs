using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;

namespace OtPlatform.Local;

/// <summary>Something to do away with when the process that made it has ended, in whatever way it ended.</summary>
[JsonDerivedType(typeof(LeftProcess), "process")]
[JsonDerivedType(typeof(LeftFolder), "folder")]
[JsonDerivedType(typeof(LeftDatabase), "database")]
[JsonDerivedType(typeof(LeftVirtualHost), "virtualHost")]
[JsonDerivedType(typeof(LeftStack), "stack")]
public abstract record Leftover
{
    internal abstract Task Remove();
}

/// <summary>A process, with the signal that ends it.</summary>
public sealed record LeftProcess(ProcessRecord Process, UnixSignal Signal) : Leftover
{
    internal override Task Remove() => Process.Stop(Signal, TimeSpan.FromSeconds(20));
}

/// <summary>A folder with all that is in it.</summary>
public sealed record LeftFolder(string Path) : Leftover
{
    internal override Task Remove()
    {
        Files.DeleteFolder(Path);
        return Task.CompletedTask;
    }
}

/// <summary>A database on the server that the connection string names.</summary>
public sealed record LeftDatabase(string Server, string Name) : Leftover
{
    internal override Task Remove() => Databases.Drop(Server, Name);
}

/// <summary>A virtual host of the broker.</summary>
public sealed record LeftVirtualHost(Uri Management, Uri Broker, string Name) : Leftover
{
    internal override async Task Remove()
    {
        using var management = new RabbitMqManagement(Management, Broker);
        await management.DeleteVirtualHost(Name);
    }
}

/// <summary>
/// Cleans up after this process when it ends, even by SIGKILL or a crash. It is a shell that waits for the end of its input and
/// hands what it has read to <c>ot reap</c>; handlers inside a process do not run when it is killed.
/// </summary>
public sealed class Guard : IDisposable
{
    private const string Script = """exec >/dev/null 2>&1; left=$(cat); case $left in *dismissed) exit; esac; printf '%s\n' "$left" | "$@" """;

    private readonly Process process;
    private readonly Lock writing = new();

    private Guard(Process process) => this.process = process;

    /// <summary>Starts watching over this process.</summary>
    public static Guard Start()
    {
        var start = new ProcessStartInfo("setsid", ["/bin/sh", "-c", Script, "sh", .. OtCommand.Line("reap")])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        return new Guard(Process.Start(start) ?? throw new LocalFailureException("setsid could not be started."));
    }

    /// <summary>Adds something to do away with; what was added last goes first.</summary>
    public void Add(Leftover leftover)
    {
        lock (writing)
        {
            process.StandardInput.WriteLine(JsonSerializer.Serialize(leftover));
            process.StandardInput.Flush();
        }
    }

    /// <summary>Ends the watch: everything added is done away with, and that is waited for.</summary>
    public async Task CleanUp()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
    }

    /// <summary>Ends the watch: nothing was left.</summary>
    public async Task Dismiss()
    {
        await process.StandardInput.WriteLineAsync("dismissed");
        await CleanUp();
    }

    /// <summary>Lets go of the guard, which then does its work.</summary>
    public void Dispose()
    {
        process.StandardInput.Close();
        process.Dispose();
    }

    internal static async Task<int> Reap(TextReader left)
    {
        var lines = new Stack<string>();
        while (await left.ReadLineAsync() is { } line)
        {
            lines.Push(line);
        }

        var failed = false;
        foreach (var leftover in lines.Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<Leftover>(line)).OfType<Leftover>())
        {
            try
            {
                await leftover.Remove();
            }
            catch (Exception failure) when (failure is NpgsqlException or HttpRequestException or IOException or UnauthorizedAccessException or LocalFailureException)
            {
                // The server it was on may have gone first; the rest must go all the same.
                failed = true;
            }
        }

        return failed ? 1 : 0;
    }
}

internal static class OtCommand
{
    /// <summary>The command line that runs <c>ot</c>, wherever this library has been loaded from.</summary>
    internal static IEnumerable<string> Line(params IEnumerable<string> arguments) =>
        [DotnetHost, typeof(OtCommand).Assembly.Location, .. arguments];

    internal static string DotnetHost { get; } =
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet"
            ? path
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
}
