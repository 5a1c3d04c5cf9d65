using System.Text.RegularExpressions;
using OtPlatform.Testing;

namespace OtPlatform.Architecture.Tests;

/// <summary>The documents: what they point at exists, and decisions name the tests that hold them.</summary>
[TestFixture]
internal sealed partial class DocumentsTests
{
    private const int LongestDecision = 40;

    private static readonly Lazy<HashSet<string>> Tests = new(() =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Method().Matches(File.ReadAllText(file)).Select(match => $"{Path.GetFileNameWithoutExtension(file)}.{match.Groups["name"].Value}"))]);

    private static IEnumerable<TestCaseData> Documents => Files("README.md").Concat(Files("contracts/*.md")).Concat(Files("services/*/README.md")).Concat(Files("docs/*.md")).Concat(Decisions()).Select(Case);

    private static IEnumerable<TestCaseData> DecisionRecords => Decisions().Select(Case);

    [TestCaseSource(nameof(Documents))]
    public void Every_file_that_a_document_points_at_exists(string document)
    {
        var path = Path.Combine(Repository.Root, document);
        var text = File.ReadAllText(path);
        var linked = Link().Matches(text).Select(match => Path.Combine(Path.GetDirectoryName(path)!, match.Groups["path"].Value));
        var named = NamedPath().Matches(text).Select(match => Path.Combine(Repository.Root, match.Groups["path"].Value));
        Assert.That(linked.Concat(named).Where(target => !Path.Exists(target)).Select(target => Path.GetRelativePath(Repository.Root, target)), Is.Empty);
    }

    [TestCaseSource(nameof(DecisionRecords))]
    public void A_decision_is_short_and_has_its_four_parts(string decision)
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, decision));
        Assert.Multiple(() =>
        {
            Assert.That(lines, Has.Length.LessThanOrEqualTo(LongestDecision));
            Assert.That(lines[0], Does.StartWith($"# {Path.GetFileName(decision)[..4]} "));
            Assert.That(lines.Where(line => line.StartsWith("## ", StringComparison.Ordinal)), Is.EqualTo(new[] { "## Context", "## Decision", "## Consequences", "## Enforced by" }));
        });
    }

    [TestCaseSource(nameof(DecisionRecords))]
    public void Every_test_that_a_decision_names_exists(string decision)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, decision));
        var named = NamedTest().Matches(text[text.IndexOf("## Enforced by", StringComparison.Ordinal)..]).Select(match => match.Groups["test"].Value).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(named, Is.Not.Empty);
            Assert.That(named.Except(Tests.Value), Is.Empty);
        });
    }

    private static IEnumerable<string> Decisions() => Files("docs/adr/*.md");

    private static IEnumerable<string> Files(string pattern)
    {
        var (folder, name) = (Path.GetDirectoryName(pattern)!, Path.GetFileName(pattern));
        var folders = folder.EndsWith('*') ? Directory.GetDirectories(Path.Combine(Repository.Root, folder[..^2])) : [Path.Combine(Repository.Root, folder)];
        return folders.SelectMany(place => Directory.GetFiles(place, name)).Select(file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal);
    }

    private static TestCaseData Case(string document) => new TestCaseData(document).SetArgDisplayNames(document);

    [GeneratedRegex(@"\]\((?<path>[^):#]+)[^):]*\)")]
    private static partial Regex Link();

    // A path from the repository's root in backticks, as these pages write it; patterns with * or < are no paths.
    [GeneratedRegex(@"`(\./)?(?<path>(services|contracts|deploy|tests|docs)/[A-Za-z0-9_./-]+)( [^`]*)?`")]
    private static partial Regex NamedPath();

    [GeneratedRegex(@"`(?<test>\w+Tests\.\w+)`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"public (async )?(Task|void) (?<name>\w+)\(")]
    private static partial Regex Method();
}
