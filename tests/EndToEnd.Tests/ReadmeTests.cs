using System.Diagnostics;
using System.Text.RegularExpressions;
using OtPlatform.Local;

namespace OtPlatform.EndToEnd.Tests;

/// <summary>The README's consultation runs word for word, and each step prints what the page shows below it.</summary>
[TestFixture]
internal sealed partial class ReadmeTests
{
    private const int LongestReadme = 150;
    private const string Section = "## One consultation with curl";
    private const string EndOfStep = "--- end of step ---";

    private static readonly string Root = Testing.Repository.Root;
    private static readonly string Page = Path.Combine(Root, "README.md");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Test]
    public async Task One_consultation_with_curl_prints_what_the_page_shows()
    {
        var steps = Steps();
        await using var system = await RunningSystem.Start();
        await DemoPool.Load(system.Endpoints, TestContext.Progress.WriteLine, CancellationToken.None);
        var commands = string.Concat(steps.Select(step => $"{step.Commands}printf '\\n%s\\n' '{EndOfStep}'\n"))
            .Replace("http://127.0.0.1:7101", system.Endpoints.Rest["intake"], StringComparison.Ordinal)
            .Replace("http://127.0.0.1:7103", system.Endpoints.Rest["triage"], StringComparison.Ordinal);

        var (code, output, errors) = await Bash($"set -euo pipefail\n{commands}");

        var printed = output.Split($"{EndOfStep}\n")[..^1];
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.Zero, $"{output}{errors}");
            Assert.That(printed, Has.Length.EqualTo(steps.Count));
            foreach (var (step, seen) in steps.Zip(printed))
            {
                Assert.That(seen.Trim(), Does.Match($"^{Regex.Escape(step.Shown).Replace("…", ".+", StringComparison.Ordinal)}$"), step.Commands);
            }
        });
    }

    [Test]
    public void The_page_shows_the_whole_way_from_the_request_to_the_team_and_information_watch_webhook_and_erasure()
    {
        string[] milestones = ["202 Accepted", "event: inTriage", "\"routeDecided\"", "\"teamBeingAssembled\"", "\"inTriage\"", "\"completeBy\""];
        var steps = Steps();
        Assert.That(steps, Has.Count.EqualTo(milestones.Length));
        Assert.Multiple(() =>
        {
            foreach (var (step, milestone) in steps.Zip(milestones))
            {
                Assert.That(step.Shown, Does.Contain(milestone));
            }
        });
    }

    [Test]
    public void The_commands_need_no_tool_that_a_plain_machine_lacks()
    {
        string[] foreign = ["jq", "python", "python3", "node", "perl", "awk", "wget"];
        Assert.That(Steps().SelectMany(step => Word().Matches(step.Commands).Select(word => word.Value)).Intersect(foreign), Is.Empty);
    }

    [Test]
    public void The_page_has_at_most_150_lines() => Assert.That(File.ReadAllLines(Page), Has.Length.LessThanOrEqualTo(LongestReadme));

    [Test]
    public void Every_file_that_the_page_links_exists()
    {
        var links = Link().Matches(File.ReadAllText(Page)).Select(match => match.Groups["path"].Value).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(links, Is.Not.Empty);
            Assert.That(links.Where(link => !Path.Exists(Path.Combine(Root, link))), Is.Empty);
        });
    }

    private static List<Step> Steps()
    {
        var page = File.ReadAllText(Page);
        var from = page.IndexOf($"{Section}\n", StringComparison.Ordinal);
        Assert.That(from, Is.Not.Negative, $"There is no section {Section}.");
        var section = page[from..page.IndexOf("\n## ", from + Section.Length, StringComparison.Ordinal)];
        var steps = Block().Matches(section).Select(match => new Step(match.Groups["commands"].Value, match.Groups["shown"].Value.Trim())).ToList();
        Assert.That(section.Split("```bash\n").Length - 1, Is.EqualTo(steps.Count), "Each block of commands is followed by what it prints.");
        return steps;
    }

    private static async Task<(int Code, string Output, string Errors)> Bash(string script)
    {
        var start = new ProcessStartInfo("bash", ["-c", script]) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["no_proxy"] = "127.0.0.1";
        using var bash = Process.Start(start)!;
        bash.StandardInput.Close();
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await bash.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            bash.Kill(entireProcessTree: true);
            Assert.Fail($"Not ended within {Patience.TotalSeconds} s.{Environment.NewLine}{await output}{await errors}");
        }

        return (bash.ExitCode, await output, await errors);
    }

    [GeneratedRegex(@"```bash\n(?<commands>.*?)```\n```text\n(?<shown>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\]\((?<path>[^):#]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\b[a-z0-9]+\b")]
    private static partial Regex Word();

    private sealed record Step(string Commands, string Shown);
}
