using System.Diagnostics;
using NUnit.Framework.Internal;

namespace OtPlatform.Testing;

/// <summary>Waits for what becomes true a little later, up to a deadline; the failure tells what was last seen.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Waits until the condition is true. What it throws counts as not yet.</summary>
    public static Task Holds(Func<Task<bool>> condition, TimeSpan? within = null) =>
        Holds(async () => Assert.That(await condition(), Is.True, "The condition was false."), within);

    /// <inheritdoc cref="Holds(Func{Task{bool}}, TimeSpan?)"/>
    public static Task Holds(Func<bool> condition, TimeSpan? within = null) => Holds(() => Task.FromResult(condition()), within);

    /// <summary>Waits until the assertions pass.</summary>
    public static Task Holds(Action assertion, TimeSpan? within = null) =>
        Holds(
            () =>
            {
                assertion();
                return Task.CompletedTask;
            },
            within);

    /// <inheritdoc cref="Holds(Action, TimeSpan?)"/>
    public static async Task Holds(Func<Task> assertion, TimeSpan? within = null)
    {
        var limit = within ?? Patience;
        var waited = Stopwatch.StartNew();
        var seen = "Nothing: the first attempt has not ended.";
        while (true)
        {
            var attempt = Attempt(assertion);
            var left = limit - waited.Elapsed;
            if (await Task.WhenAny(attempt, Task.Delay(left > Pause ? left : Pause)) == attempt)
            {
                if (await attempt is not { } failure)
                {
                    return;
                }

                seen = failure;
            }

            if (waited.Elapsed >= limit)
            {
                Assert.Fail($"Not within {limit.TotalSeconds:0.#} s. Last seen:{Environment.NewLine}{seen}");
            }

            await Task.Delay(Pause);
        }
    }

    private static async Task<string?> Attempt(Func<Task> assertion)
    {
        // NUnit notes a failed assertion in its context even where the exception is caught.
        using var isolated = new TestExecutionContext.IsolatedContext();
        try
        {
            await assertion();
            return null;
        }
        catch (AssertionException failed)
        {
            return failed.Message;
        }
        catch (Exception failed) when (failed is not (OutOfMemoryException or ResultStateException))
        {
            return failed.ToString();
        }
    }
}
