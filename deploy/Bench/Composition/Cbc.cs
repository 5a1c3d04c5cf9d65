using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using OtPlatform.Local;

namespace OtPlatform.Bench.Composition;

/// <summary>COIN-OR's branch and cut (Debian: coinor-cbc), a process for each programme.</summary>
/// <param name="folder">For its files; whoever gives it deletes it.</param>
/// <param name="limit">What all programmes of a case may take together, by the clock.</param>
internal sealed class Cbc(string folder, TimeSpan limit, Guard guard)
{
    private const string Program = "cbc";
    private const string Proven = "Optimal";

    /// <summary>Where the next programme is to be written.</summary>
    public string Programme { get; } = Path.Combine(folder, "composition.lp");

    public TimeSpan Limit => limit;

    /// <summary>The numbers of the variables <c>x…</c> that are not 0 at the optimum, with their values; null when it was not proven in that time.</summary>
    public async Task<(IReadOnlyList<(int Variable, int Value)>? Chosen, TimeSpan Took)> Solve(TimeSpan within, CancellationToken cancellation)
    {
        var solution = Path.Combine(folder, "solution.txt");
        File.Delete(solution);
        var started = Stopwatch.GetTimestamp();
        using var process = Start(
            [Programme, "-timeMode", "elapsed", "-sec", Math.Ceiling(within.TotalSeconds).ToString(CultureInfo.InvariantCulture), "-ratioGap", "0", "-allowableGap", "0", "-solve", "-solution", solution]);
        try
        {
            var said = process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            var took = Stopwatch.GetElapsedTime(started);
            if (process.ExitCode != 0 || !File.Exists(solution))
            {
                throw new LocalFailureException($"{Program} ended with {process.ExitCode}.{Environment.NewLine}{await said}");
            }

            return (Read(await File.ReadAllLinesAsync(solution, cancellation)), took);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private Process Start(IEnumerable<string> arguments)
    {
        try
        {
            var process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, WorkingDirectory = folder })!;
            if (ProcessRecord.Of(process.Id, folder) is { } record)
            {
                guard.Add(new LeftProcess(record, UnixSignal.Kill));
            }

            return process;
        }
        catch (Win32Exception)
        {
            throw new LocalFailureException($"{Program} is missing (on Debian: sudo apt-get install -y --no-install-recommends coinor-cbc).");
        }
    }

    private static List<(int Variable, int Value)>? Read(string[] lines)
    {
        if (lines.Length == 0 || !lines[0].StartsWith(Proven, StringComparison.Ordinal))
        {
            return null;
        }

        var chosen = new List<(int Variable, int Value)>();
        foreach (var line in lines.Skip(1))
        {
            var cells = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (cells.Length >= 3 && cells[1][0] == 'x' && (int)Math.Round(double.Parse(cells[2], CultureInfo.InvariantCulture)) is > 0 and var value)
            {
                chosen.Add((int.Parse(cells[1].AsSpan(1), CultureInfo.InvariantCulture), value));
            }
        }

        return chosen;
    }
}
