using System.Diagnostics;

namespace OtPlatform.StoreConformance;

internal static class Eventually
{
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    internal static Task Holds(Func<bool> condition, string what, TimeSpan? within = null) => HoldsAsync(() => Task.FromResult(condition()), what, within);

    internal static async Task HoldsAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.That(waited.Elapsed, Is.LessThan(within ?? Deadline), what);
            await Task.Delay(5);
        }
    }
}
