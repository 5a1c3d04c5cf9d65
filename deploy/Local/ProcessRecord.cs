using System.Globalization;
using System.Text.Json.Serialization;

namespace OtPlatform.Local;

/// <summary>
/// A process that we started, described so that it is still recognised later and by another process: a number alone may by then
/// belong to somebody else. <paramref name="StartedAt"/> is in clock ticks since the boot <paramref name="Boot"/>;
/// <paramref name="Marker"/> occurs in the command line.
/// </summary>
public sealed record ProcessRecord(int Pid, long StartedAt, string Boot, string Marker)
{
    private static readonly Lazy<string> CurrentBoot = new(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    /// <summary>Describes a running process; null when there is none of that number (a zombie counts as none).</summary>
    public static ProcessRecord? Of(int pid, string marker) =>
        ReadStat(pid) is { } stat ? new ProcessRecord(pid, stat.StartedAt, CurrentBoot.Value, marker) : null;

    /// <summary>Whether the very process that was recorded still runs.</summary>
    [JsonIgnore]
    public bool IsAlive =>
        Boot == CurrentBoot.Value
        && ReadStat(Pid) is { } stat
        && stat.StartedAt == StartedAt
        && CommandLine(Pid).Contains(Marker, StringComparison.Ordinal);

    /// <summary>Signals the process; false, and nothing signalled, when the number is not (any longer) the recorded process.</summary>
    public bool Signal(UnixSignal signal)
    {
        if (!IsAlive)
        {
            return false;
        }

        Native.Send(Pid, signal);
        return true;
    }

    /// <summary>
    /// Signals the process, waits until it has ended, and kills it when it has not within <paramref name="grace"/>; what it left
    /// in its session goes with it. Does nothing when it is not running.
    /// </summary>
    public async Task Stop(UnixSignal signal, TimeSpan grace)
    {
        if (!Signal(signal))
        {
            return;
        }

        // A frozen process heeds nothing but SIGKILL until it goes on.
        Signal(UnixSignal.Continue);
        if (!await Ended(grace))
        {
            Signal(UnixSignal.Kill);
            if (!await Ended(TimeSpan.FromSeconds(10)))
            {
                throw new LocalFailureException($"Process {Pid} ({Marker}) does not end, not even by SIGKILL.");
            }
        }

        foreach (var left in SessionMembers(Pid))
        {
            Native.Send(left, UnixSignal.Kill);
        }
    }

    /// <summary>Waits until the process has ended; false when it still runs after <paramref name="within"/>.</summary>
    public async Task<bool> Ended(TimeSpan within)
    {
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); IsAlive; await Task.Delay(20))
        {
            if (waited.Elapsed > within)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Kills a child of ours and what it has started in our session. Servers have sessions of their own, and are stopped by their guards.</summary>
    internal static void KillWithDescendants(int pid)
    {
        var session = ReadStat(Environment.ProcessId)?.Session;
        var parents = Pids().Select(other => (Pid: other, Stat: ReadStat(other))).Where(other => other.Stat?.Session == session).ToLookup(other => other.Stat?.Parent, other => other.Pid);
        var family = new List<int> { pid };
        for (var next = 0; next < family.Count; next++)
        {
            family.AddRange(parents[family[next]]);
        }

        family.ForEach(member => Native.Send(member, UnixSignal.Kill));
    }

    /// <summary>The running processes that have inherited an environment with this setting.</summary>
    internal static IReadOnlyList<(int Pid, string CommandLine)> WithSetting(string setting) =>
        [.. Pids().Where(pid => ReadStat(pid) is not null && Read(pid, "environ").Split('\0').Contains(setting)).Select(pid => (pid, CommandLine(pid)))];

    private static IEnumerable<int> SessionMembers(int session) => Pids().Where(pid => ReadStat(pid)?.Session == session);

    private static IEnumerable<int> Pids() =>
        Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0);

    private static string CommandLine(int pid) => Read(pid, "cmdline").Replace('\0', ' ');

    private static string Read(int pid, string what)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{what}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static (int Parent, int Session, long StartedAt)? ReadStat(int pid)
    {
        try
        {
            // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X"
                ? null
                : (int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
