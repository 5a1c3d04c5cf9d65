using OtPlatform.Local;

namespace OtPlatform.EndToEnd.Tests.Local;

public sealed class TestCountTests
{
    private const string Passed = "Passed!  - Failed:     0, Passed:    13, Skipped:     0, Total:    13, Duration: 1 s - OtPlatform.Triage.Tests.dll (net10.0)\n";
    private const string Failed = "Failed!  - Failed:     2, Passed:    11, Skipped:     1, Total:    14, Duration: 1 s - OtPlatform.Triage.Tests.dll (net10.0)\n";

    [Test]
    public void A_summary_is_read() => Assert.That(TestCount.Of($"Test run\n\n{Passed}", 0), Is.EqualTo(new TestCount(13, 0, 0)));

    [Test]
    public void Failed_and_skipped_are_read() => Assert.That(TestCount.Of(Failed, 1), Is.EqualTo(new TestCount(11, 2, 1)));

    [Test]
    public void No_summary_counts_as_one_failed() => Assert.That(TestCount.Of("No test is available.", 0), Is.EqualTo(new TestCount(0, 1, 0)));

    [Test]
    public void A_run_that_fails_although_its_tests_passed_counts_as_one_failed() =>
        Assert.That(TestCount.Of(Passed, 1), Is.EqualTo(new TestCount(13, 1, 0)));

    [Test]
    public void What_a_test_prints_is_no_summary() => Assert.That(TestCount.Of($"  it said: {Passed}", 0), Is.EqualTo(new TestCount(0, 1, 0)));

    [TestCase(1, 0, 0, true)]
    [TestCase(0, 0, 0, false)]
    [TestCase(1, 1, 0, false)]
    [TestCase(1, 0, 1, false)]
    public void A_good_run_has_passed_something_failed_nothing_and_skipped_nothing(int passed, int failed, int skipped, bool good) =>
        Assert.That(new TestCount(passed, failed, skipped).IsGood, Is.EqualTo(good));

    [Test]
    public void The_last_line_names_the_three() => Assert.That(new TestCount(3, 2, 1).ToString(), Is.EqualTo("3 passed, 2 failed, 1 skipped"));
}
