using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OtPlatform.EndToEnd.Tests.Ledger;

/// <summary>What the script beside this file says of a system's books. It reads the raw tables and shares no code with the services.</summary>
/// <param name="Code">0 when the books agree, 1 when not.</param>
/// <param name="Output">A line for each check, and one for each offender.</param>
internal sealed partial record Books(int Code, string Output)
{
    private static readonly string Script = Path.Combine(Testing.Repository.Root, "tests", "EndToEnd.Tests", "Ledger", "ledger.sh");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>How many things each check looked at, by its words.</summary>
    public IReadOnlyDictionary<string, int> Looked =>
        Line().Matches(Output).ToDictionary(line => line.Groups["what"].Value, line => int.Parse(line.Groups["looked"].Value, CultureInfo.InvariantCulture));

    /// <summary>The checks that found an offender.</summary>
    public IReadOnlyList<string> Failed => [.. Line().Matches(Output).Where(line => line.Groups["said"].Value == "FAIL").Select(line => line.Groups["what"].Value)];

    /// <param name="endpoints">The file with the system's addresses.</param>
    public static async Task<Books> Read(string endpoints)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", [Script, endpoints]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await bash.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            bash.Kill(entireProcessTree: true);
            throw;
        }

        return new Books(bash.ExitCode, await output + await errors);
    }

    [GeneratedRegex("^(?<said>ok|FAIL) +(?<what>.+?): (?<looked>[0-9]+) looked at", RegexOptions.Multiline)]
    private static partial Regex Line();
}
