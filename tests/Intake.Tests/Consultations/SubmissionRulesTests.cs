using OtPlatform.Intake.Consultations;

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
}
