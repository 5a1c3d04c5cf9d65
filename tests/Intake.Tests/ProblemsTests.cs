using System.Reflection;
using System.Text.RegularExpressions;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests;

/// <summary>docs/problems.md against the code.</summary>
[TestFixture]
internal sealed partial class ProblemsTests
{
    private const BindingFlags Fields = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    [Test]
    public void Each_code_that_the_partner_API_answers_has_one_row()
    {
        var rules = typeof(Consultation).Assembly.GetTypes()
            .SelectMany(type => type.GetFields(Fields)).Where(field => field.FieldType == typeof(Rejection)).Select(field => ((Rejection)field.GetValue(null)!).Code);
        var common = typeof(Problems).GetFields(Fields).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
        Assert.That(Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "problems.md"))).Select(row => row.Groups["code"].Value), Is.EquivalentTo(rules.Concat(common).Distinct()));
    }

    [GeneratedRegex(@"^\| `(?<code>[a-z.-]+)` \| \d{3} \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
