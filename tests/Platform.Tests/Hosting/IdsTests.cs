using OtPlatform.Platform.Hosting;

namespace OtPlatform.Platform.Tests.Hosting;

/// <summary>Ids sort in the order in which a process made them: lists are "newest first" by them.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class IdsTests
{
    // A time of its own, so that what else runs in this process does not count on.
    private static readonly DateTimeOffset Now = new(2071, 3, 2, 10, 0, 0, TimeSpan.Zero);

    [Test]
    public void What_is_made_later_sorts_later_also_in_one_millisecond_and_when_the_clock_is_set_back()
    {
        var times = Enumerable.Repeat(Now, 10_000).Append(Now.AddMilliseconds(-9)).Append(Now.AddSeconds(-9)).Append(Now.AddMilliseconds(1)).Append(Now.AddSeconds(1));
        var made = times.Select(Ids.New).ToList();
        Assert.That(made, Is.Ordered.Ascending);
        Assert.That(made, Is.Unique);
    }

    [Test]
    public void It_is_of_version_7_and_tells_its_time()
    {
        var at = Now.AddDays(1);
        var id = Ids.New(at);
        Assert.Multiple(() =>
        {
            Assert.That((id.Version, id.Variant & 0xC), Is.EqualTo((7, 8)));
            Assert.That(Convert.ToInt64(id.ToString("N")[..12], 16), Is.EqualTo(at.ToUnixTimeMilliseconds()));
        });
    }

    [Test]
    public void A_clock_that_is_far_behind_is_taken_as_it_is()
    {
        var at = Now.AddDays(2);
        Assert.That(Ids.New(at.AddDays(-1)), Is.LessThan(Ids.New(at)));
        Assert.That(Ids.New(at.AddSeconds(-60)), Is.LessThan(Ids.New(at)));
    }

    [Test]
    public void Made_at_once_by_many_none_is_made_twice()
    {
        var at = Now.AddDays(3);
        Assert.That(Enumerable.Range(0, 64).AsParallel().WithDegreeOfParallelism(8).SelectMany(_ => Enumerable.Range(0, 500).Select(_ => Ids.New(at))).Distinct().Count(), Is.EqualTo(32_000));
    }
}
