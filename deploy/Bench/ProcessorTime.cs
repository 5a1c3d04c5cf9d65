using System.Globalization;

namespace OtPlatform.Bench;

/// <summary>What processes have taken of the processors, as the kernel counts it.</summary>
internal static class ProcessorTime
{
    private const int TicksPerSecond = 100;

    /// <summary>Of these processes and their children, as of a server that has one for each connection, since they began.</summary>
    public static TimeSpan Of(IReadOnlyList<int> pids)
    {
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Read(pid) is { } stat && (pids.Contains(pid) || pids.Contains(stat.Parent)))
            {
                ticks += stat.Ticks;
            }
        }

        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }

    /// <summary>A process's own time and that of children that have ended.</summary>
    private static (int Parent, long Ticks)? Read(int pid)
    {
        try
        {
            // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
