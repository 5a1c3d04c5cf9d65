namespace OtPlatform.Bench;

/// <summary>A service runs for months once it runs: what its compiler does in its first minutes is not measured.</summary>
internal static class Compiling
{
    private const double Little = 0.01;
    private const int QuietRounds = 2;
    private const int MostRounds = 24;

    // The kernel counts a thread's time in hundredths of a second: in less, one of them would already be too many.
    private static readonly TimeSpan LeastRound = TimeSpan.FromSeconds(2);

    /// <summary>Gives a process work until its compiler has had next to nothing to do for two rounds; says so when that does not come.</summary>
    /// <param name="work">A round, or some of it; says how long it was.</param>
    public static async Task UntilDone(int pid, Func<Task<TimeSpan>> work)
    {
        var quiet = 0;
        for (var round = 0; quiet < QuietRounds && round < MostRounds; round++)
        {
            var before = ProcessorTime.OfCompiler(pid);
            var took = await work();
            while (took < LeastRound)
            {
                took += await work();
            }

            var spent = ProcessorTime.OfCompiler(pid) - before;

            // Less than before: its thread has ended and another has begun, so nobody knows.
            quiet = spent >= TimeSpan.Zero && spent < took * Little ? quiet + 1 : 0;
        }

        if (quiet < QuietRounds)
        {
            Console.Error.WriteLine("  The compiler was still at work when the measuring began.");
        }
    }
}
