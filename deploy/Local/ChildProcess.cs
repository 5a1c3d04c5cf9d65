using System.Diagnostics;

namespace OtPlatform.Local;

/// <summary>A long-running process of ours in a session of its own, so that a Ctrl-C at the terminal reaches only its starter.</summary>
public sealed class ChildProcess
{
    // The shell replaces itself at every step, so that the pid stays ours. The log is opened here, not piped through the starter,
    // who may go away. Descriptors of the starter's caller must not be kept open by a server that outlives it.
    private const string Script =
        """log=$1; shift; exec </dev/null >>"$log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; exec setsid "$@" """;

    private readonly Process process;

    private ChildProcess(Process process, ProcessRecord record, string log)
    {
        this.process = process;
        Record = record;
        Log = log;
    }

    /// <summary>How the process is recognised later.</summary>
    public ProcessRecord Record { get; }

    /// <summary>The file that takes what it prints.</summary>
    public string Log { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>Starts <paramref name="command"/> with exactly the given environment.</summary>
    public static ChildProcess Start(IEnumerable<string> command, string folder, IReadOnlyDictionary<string, string> environment, string log, string marker)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", log, .. command]) { WorkingDirectory = folder };
        start.Environment.Clear();
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var process = Process.Start(start) ?? throw new LocalFailureException("/bin/sh could not be started.");
        var record = ProcessRecord.Of(process.Id, marker)
            ?? throw new LocalFailureException($"{marker} ended at once.{Environment.NewLine}{LastLines(log)}");
        return new ChildProcess(process, record, log);
    }

    /// <summary>The end of a log, for a message about a failure.</summary>
    public static string LastLines(string log, int count = 30)
    {
        if (!File.Exists(log))
        {
            return $"({log} was not written.)";
        }

        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var lines = reader.ReadToEnd().TrimEnd().Split('\n');
        return $"The last lines of {log}:{Environment.NewLine}{string.Join(Environment.NewLine, lines.TakeLast(count).Select(line => "  " + line))}";
    }
}
