using OtPlatform.Platform.Hosting;
using OtPlatform.Testing;

namespace OtPlatform.Platform.Tests.Hosting;

[TestFixture]
internal sealed class PlatformClockTests
{
    [Test]
    public async Task The_clock_follows_its_offset_file_and_comes_back()
    {
        var file = Path.Combine(Path.GetTempPath(), $"ot-clock-{Guid.NewGuid():N}");
        try
        {
            var clock = new PlatformClock(file);
            Assert.That(Ahead(clock), Is.LessThan(TimeSpan.FromMinutes(1)));
            await File.WriteAllTextAsync(file, "3.00:00:00\n");
            await Eventually.Holds(() => Assert.That(Ahead(clock), Is.EqualTo(TimeSpan.FromDays(3)).Within(TimeSpan.FromMinutes(1))));
            await File.WriteAllTextAsync(file, "garbled");
            Assert.That(Ahead(clock), Is.EqualTo(TimeSpan.FromDays(3)).Within(TimeSpan.FromMinutes(1)));
            File.Delete(file);
            await Eventually.Holds(() => Assert.That(Ahead(clock), Is.LessThan(TimeSpan.FromMinutes(1))));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public void Without_a_file_it_is_the_systems_time() => Assert.That(Ahead(new PlatformClock(null)), Is.LessThan(TimeSpan.FromMinutes(1)));

    private static TimeSpan Ahead(PlatformClock clock) => clock.GetUtcNow() - TimeProvider.System.GetUtcNow();
}
