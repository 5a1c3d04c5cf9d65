using System.Globalization;
using System.Text.RegularExpressions;

namespace OtPlatform.Local;

/// <summary>
/// The offset of the platform's clock, shared by all processes through one file that holds it as a constant-format TimeSpan, such
/// as <c>3.00:00:00</c>. Each process reads the file again and again, so it is only ever replaced as a whole.
/// </summary>
public static partial class Clock
{
    /// <summary>The file of the running system, or of the next run.</summary>
    public static string FileOf(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return RunFolder.ClockIn(RunStateFile.Read(folder)?.Area ?? folder.Path);
    }

    /// <summary>How far the clock is ahead; nothing when no file says otherwise.</summary>
    public static TimeSpan Read(string file) =>
        !File.Exists(file) ? TimeSpan.Zero
        : TimeSpan.TryParseExact(File.ReadAllText(file).Trim(), "c", CultureInfo.InvariantCulture, out var offset) ? offset
        : throw new LocalFailureException($"{file} does not hold an offset like 3.00:00:00; `clock reset` makes it right.");

    /// <summary>Sets how far the clock is ahead.</summary>
    public static void Write(string file, TimeSpan offset)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Files.Replace(file, offset.ToString("c", CultureInfo.InvariantCulture) + "\n");
    }

    /// <summary>Reads a step such as <c>+3d</c>, <c>-1h</c> or <c>+1d12h</c> (days, hours, minutes, seconds); null when it is none.</summary>
    public static TimeSpan? Step(string text)
    {
        var match = StepFormat().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var step = Part(match, "d", TimeSpan.TicksPerDay) + Part(match, "h", TimeSpan.TicksPerHour)
            + Part(match, "m", TimeSpan.TicksPerMinute) + Part(match, "s", TimeSpan.TicksPerSecond);
        return TimeSpan.FromTicks(match.Groups["sign"].Value == "-" ? -step : step);
    }

    private static long Part(Match match, string unit, long ticks) =>
        match.Groups[unit] is { Success: true } number ? long.Parse(number.ValueSpan, CultureInfo.InvariantCulture) * ticks : 0;

    [GeneratedRegex(@"^(?<sign>[+-])(?=\d)((?<d>\d{1,5})d)?((?<h>\d{1,5})h)?((?<m>\d{1,5})m)?((?<s>\d{1,5})s)?$")]
    private static partial Regex StepFormat();
}
