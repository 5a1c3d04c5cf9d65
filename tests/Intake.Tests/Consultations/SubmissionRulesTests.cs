using OtPlatform.Intake.Consultations;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Consultations;

[TestFixture]
internal sealed class SubmissionRulesTests
{
    private static readonly string[] Known = ["school", "child-welfare"];

    [Test]
    public void Two_unknown_services_stay_two_because_their_number_counts() =>
        Assert.That(SubmissionRules.Kept(["school", "a camp", "a farm"], Known), Is.EqualTo(new[] { "school", "other", "other" }));

    [Test]
    public void The_same_service_twice_is_one() =>
        Assert.That(SubmissionRules.Kept(["school", "school", "a camp", "a camp "], Known), Is.EqualTo(new[] { "school", "other" }));

    [TestCase(1, "q1", 4, "$.screening.answers.q1")]
    [TestCase(1, "q6", -1, "$.screening.answers.q6")]
    [TestCase(1, "q1", 3, null)]
    [TestCase(1, "not-of-this-version", 9, null, Description = "Kept; Triage says that it was left out.")]
    [TestCase(99, "q1", 9, null, Description = "A version that is not known here is kept.")]
    public void An_answer_beyond_the_scale_of_its_instrument_is_named_by_its_path(int version, string item, int answer, string? path)
    {
        var rules = new SubmissionRules(Repository.Catalogue, new DateOnly(2026, 11, 20));
        rules.CheckSubmission(new SubmissionBody { Screening = new ScreeningBody("demandingness", version, new Dictionary<string, int> { [item] = answer }, []) });
        Assert.That(rules.Errors.Keys.Where(at => at.StartsWith("$.screening", StringComparison.Ordinal)), Is.EqualTo(path is null ? [] : new[] { path }));
    }
}
