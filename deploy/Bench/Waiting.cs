using System.Diagnostics;
using Npgsql;
using OtPlatform.Local;

namespace OtPlatform.Bench;

/// <summary>Waits for what will become true.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    /// <summary>Looks again and again, also after a look that failed, until it holds.</summary>
    public static async Task Until(Func<Task<bool>> holds, CancellationToken cancellation)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(Look, cancellation))
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (Exception notYet) when (notYet is HttpRequestException or NpgsqlException && waited.Elapsed < Limit)
            {
                continue;
            }

            if (waited.Elapsed > Limit)
            {
                throw new LocalFailureException($"It did not come about within {Limit.TotalSeconds} s.");
            }
        }
    }
}
