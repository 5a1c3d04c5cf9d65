using System.Globalization;

namespace OtPlatform.Bench;

/// <summary>What processes have taken of the processors, as the kernel counts it.</summary>
internal static class ProcessorTime
{
    private const int TicksPerSecond = 100;

    /// <summary>The kernel keeps fifteen letters of a thread's name, ".NET Tiered Compilation Worker".</summary>
    private const string CompilersThread = ".NET Tiered Com";

    /// <summary>Of these processes and their children, as of a server that has one for each connection, since they began.</summary>
    public static TimeSpan Of(IReadOnlyList<int> pids)
    {
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Read($"/proc/{pid}/stat") is { } stat && (pids.Contains(pid) || pids.Contains(stat.Parent)))
            {
                ticks += stat.Ticks;
            }
        }

        return Time(ticks);
    }

    /// <summary>Of the thread of a .NET process that compiles what turned out to be used much, since it began; zero when there is none now.</summary>
    public static TimeSpan OfCompiler(int pid) =>
        Time(Directory.EnumerateDirectories($"/proc/{pid}/task").Where(IsCompiler).Sum(thread => Read($"{thread}/stat")?.Ticks ?? 0));

    private static TimeSpan Time(long ticks) => TimeSpan.FromSeconds((double)ticks / TicksPerSecond);

    private static bool IsCompiler(string thread)
    {
        try
        {
            return File.ReadAllText($"{thread}/comm").TrimEnd() == CompilersThread;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The own time of a process or thread and that of children that have ended.</summary>
    private static (int Parent, long Ticks)? Read(string file)
    {
        try
        {
            // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
            var stat = File.ReadAllText(file);
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
