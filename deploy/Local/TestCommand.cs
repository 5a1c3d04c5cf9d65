using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OtPlatform.Local;

/// <summary>How many tests passed, failed and were skipped.</summary>
public sealed partial record TestCount(int Passed, int Failed, int Skipped)
{
    public static readonly TestCount None = new(0, 0, 0);

    private static readonly TestCount OneFailed = new(0, 1, 0);

    /// <summary>Whether this is what a run must end with: something passed, nothing failed, nothing was skipped.</summary>
    public bool IsGood => this is { Passed: > 0, Failed: 0, Skipped: 0 };

    public static TestCount operator +(TestCount one, TestCount other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return new(one.Passed + other.Passed, one.Failed + other.Failed, one.Skipped + other.Skipped);
    }

    public static TestCount Add(TestCount one, TestCount other) => one + other;

    /// <summary>Reads what <c>dotnet test</c> printed. No summary, or a failure that no test accounts for, counts as one failed.</summary>
    public static TestCount Of(string output, int exitCode)
    {
        var summaries = Summary().Matches(output)
            .Select(match => new TestCount(Number(match, "passed"), Number(match, "failed"), Number(match, "skipped")))
            .ToList();
        var sum = summaries.Aggregate(None, Add);
        return summaries.Count == 0 || (exitCode != 0 && sum.Failed == 0) ? sum + OneFailed : sum;
    }

    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(Passed|Failed|Skipped)!\s+-\s+Failed:\s+(?<failed>\d+), Passed:\s+(?<passed>\d+), Skipped:\s+(?<skipped>\d+), Total:", RegexOptions.Multiline)]
    private static partial Regex Summary();
}

/// <summary><c>test</c>: the format check and every test project of the built solution, on one private PostgreSQL and RabbitMQ.</summary>
public static class TestCommand
{
    private const string Mark = "OT_TEST_RUN";

    private static readonly TimeSpan ProjectLimit = TimeSpan.FromMinutes(60);
    private static readonly TimeSpan CleaningLimit = TimeSpan.FromSeconds(20);

    /// <summary>Runs them all, or those test projects whose names contain one of <paramref name="names"/>.</summary>
    public static async Task<int> Run(IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var area = Path.Combine(RunFolder.OfCheckout.Path, $"test-{Environment.ProcessId}");
        var guard = Guard.Start();
        TestCount count;
        try
        {
            var servers = await StartServers(area, guard, cancellation);
            count = names.Count == 0 ? await CheckFormat(cancellation) : TestCount.None;
            foreach (var project in Projects().Where(project => names.Count == 0 || names.Any(name => project.Contains(name, StringComparison.OrdinalIgnoreCase))))
            {
                count += await RunProject(project, servers, cancellation);
            }
        }
        finally
        {
            await EndWhatTestsLeft();
            await guard.CleanUp();
            guard.Dispose();
            RemoveIfEmpty(RunFolder.OfCheckout.Path);
        }

        Console.WriteLine(count);
        return count.IsGood ? 0 : 1;
    }

    private static async Task<Dictionary<string, string>> StartServers(string area, Guard guard, CancellationToken cancellation)
    {
        var servers = await PassingServers.Start(area, guard, cancellation);
        return new()
        {
            ["OT_POSTGRES"] = servers.Postgres,
            ["OT_RABBITMQ"] = servers.RabbitMq.OriginalString,
            ["OT_RABBITMQ_MANAGEMENT"] = servers.RabbitMqManagement.OriginalString,
        };
    }

    private static IEnumerable<string> Projects() =>
        Directory.EnumerateDirectories(Path.Combine(Repository.Root, "tests"), "*.Tests")
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj"))
            .Order(StringComparer.Ordinal);

    private static async Task<TestCount> CheckFormat(CancellationToken cancellation)
    {
        var (code, output, took) = await Dotnet(["format", "OtPlatform.sln", "--verify-no-changes", "--no-restore"], [], cancellation);
        Console.WriteLine($"{"format",-32} {(code == 0 ? "as agreed" : "1 failed"),-36} {took.TotalSeconds,6:0.0} s");
        if (code == 0)
        {
            return TestCount.None;
        }

        Console.WriteLine(output);
        return new TestCount(0, 1, 0);
    }

    private static async Task<TestCount> RunProject(string project, Dictionary<string, string> servers, CancellationToken cancellation)
    {
        var (code, output, took) = await Dotnet(
            ["test", project, "--no-build", "-c", "Release", "-m:1", "--", "RunConfiguration.TreatNoTestsAsError=true"], servers, cancellation);
        var count = TestCount.Of(output, code);
        Console.WriteLine($"{Path.GetFileNameWithoutExtension(project),-32} {count,-36} {took.TotalSeconds,6:0.0} s");
        if (!count.IsGood)
        {
            Console.WriteLine(output);
        }

        return count;
    }

    private static async Task<(int Code, string Output, TimeSpan Took)> Dotnet(
        IEnumerable<string> arguments, Dictionary<string, string> environment, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(OtCommand.DotnetHost, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Repository.Root,
        };
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment[Mark] = $"{Environment.ProcessId}";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var took = Stopwatch.StartNew();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ProjectLimit);
        using var process = Process.Start(start) ?? throw new LocalFailureException("dotnet could not be started.");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            ProcessRecord.KillWithDescendants(process.Id);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            return (1, $"{await output}{await errors}Not ended within {ProjectLimit.TotalMinutes} minutes.", took.Elapsed);
        }

        return (process.ExitCode, await output + await errors, took.Elapsed);
    }

    /// <summary>Gives the guards of the test processes time for their work; what still runs then was forgotten by a test.</summary>
    private static async Task EndWhatTestsLeft()
    {
        var setting = $"{Mark}={Environment.ProcessId}";
        for (var waited = Stopwatch.StartNew(); ProcessRecord.WithSetting(setting) is { Count: > 0 } left; await Task.Delay(100))
        {
            if (waited.Elapsed > CleaningLimit)
            {
                foreach (var (pid, commandLine) in left)
                {
                    Console.WriteLine($"Left behind by a test, and killed: {pid} {commandLine}");
                    Native.Send(pid, UnixSignal.Kill);
                }
            }
        }
    }

    private static void RemoveIfEmpty(string folder)
    {
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }
}
