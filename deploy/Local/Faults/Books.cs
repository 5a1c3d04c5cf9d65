using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OtPlatform.Local.Faults;

/// <summary>
/// What the ledger (tests/EndToEnd.Tests/Ledger/ledger.sh) says of a system's books. It reads the raw tables and the broker's queues,
/// and shares no code with the services.
/// </summary>
/// <param name="Code">0 when the books agree, 1 when not.</param>
/// <param name="Output">A line for each check, and one for each offender.</param>
public sealed partial record Books(int Code, string Output)
{
    private static readonly string Script = Path.Combine(Repository.Root, "tests", "EndToEnd.Tests", "Ledger", "ledger.sh");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>How many things each check looked at, by its words.</summary>
    public IReadOnlyDictionary<string, int> Looked =>
        Line().Matches(Output).ToDictionary(line => line.Groups["what"].Value, line => int.Parse(line.Groups["looked"].Value, CultureInfo.InvariantCulture));

    /// <summary>The checks that found an offender.</summary>
    public IReadOnlyList<string> Failed => [.. Line().Matches(Output).Where(line => line.Groups["said"].Value == "FAIL").Select(line => line.Groups["what"].Value)];

    /// <param name="endpoints">The file with the system's addresses.</param>
    /// <param name="acknowledged">A file with the ids that were acknowledged, one a line; null when nobody noted them.</param>
    /// <param name="away">The longest time for which a part of the system was away: for so long nobody could know what others had given back.</param>
    public static async Task<Books> Read(string endpoints, string? acknowledged = null, TimeSpan away = default, CancellationToken cancellation = default)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", [Script, endpoints, acknowledged ?? "/dev/null", away.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(CancellationToken.None), bash.StandardError.ReadToEndAsync(CancellationToken.None));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            await bash.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            bash.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return new Books(1, $"The ledger was not read within {Patience.TotalMinutes} minutes.");
        }

        return new Books(bash.ExitCode, await output + await errors);
    }

    /// <summary>Reads until the books agree, because what is last on its way still has to arrive; the last word when they do not within the time.</summary>
    public static async Task<Books> Agree(string endpoints, string? acknowledged, TimeSpan away, TimeSpan within, CancellationToken cancellation)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(500, cancellation))
        {
            var books = await Read(endpoints, acknowledged, away, cancellation);
            if (books.Code == 0 || waited.Elapsed > within)
            {
                return books;
            }
        }
    }

    [GeneratedRegex("^(?<said>ok|FAIL) +(?<what>.+?): (?<looked>[0-9]+) looked at", RegexOptions.Multiline)]
    private static partial Regex Line();
}
