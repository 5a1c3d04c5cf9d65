using OtPlatform.Platform.Hosting;

namespace OtPlatform.Intake.Webhooks;

/// <summary>How deliveries are made; every value may be left out.</summary>
public sealed record WebhookOptions
{
    /// <summary>Whether receivers on the machine itself are called, over http too. Development only.</summary>
    public bool AllowLoopback { get; init; }

    /// <summary>Of one attempt, from the connection to the answer's headers.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Further attempts of one round, a moment after one another.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>Before the second attempt of a round.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Rounds until a delivery is given up.</summary>
    public int Rounds { get; init; } = 24;

    /// <summary>Between the first two rounds; twice as long between the next, and so on.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest between two rounds.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Failures, with nothing else in between, after which a receiver is left alone for a while.</summary>
    public int BreakerFailures { get; init; } = 6;

    /// <summary>How long it is left alone.</summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Deliveries under way at the same time.</summary>
    public int AtOnce { get; init; } = 32;

    /// <summary>Of them, to one receiver.</summary>
    public int AtOnceToOne { get; init; } = 4;

    /// <summary>A change is kept for this long for a receiver that is not reached; then it is dropped.</summary>
    public TimeSpan KeptFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>A webhook that was not reached once in this time, although there was something to tell, is switched off.</summary>
    public TimeSpan SwitchOffAfter { get; init; } = TimeSpan.FromDays(14);

    /// <summary>No round takes longer than this: then another replica may take the delivery up.</summary>
    public TimeSpan Lease => ((Retries + 1) * AttemptTimeout) + (FirstPause * (1 << (Retries + 1))) + TimeSpan.FromSeconds(10);

    /// <exception cref="MissingSettingException">A value is out of bounds, or not for this environment.</exception>
    public WebhookOptions Checked(bool development)
    {
        static void Require(bool holds, string setting, string what)
        {
            if (!holds)
            {
                throw new MissingSettingException($"Webhooks__{setting}", what);
            }
        }

        Require(development || !AllowLoopback, nameof(AllowLoopback), "is for Development only");
        Require(AttemptTimeout >= TimeSpan.FromMilliseconds(10) && AttemptTimeout <= TimeSpan.FromMinutes(1), nameof(AttemptTimeout), "0.01 s to 1 min");
        Require(Retries is >= 1 and <= 5, nameof(Retries), "1 to 5");
        Require(FirstPause >= TimeSpan.Zero && FirstPause <= TimeSpan.FromSeconds(5), nameof(FirstPause), "0 to 5 s");
        Require(Rounds is >= 1 and <= 100, nameof(Rounds), "1 to 100");
        Require(FirstWait > TimeSpan.Zero && FirstWait <= LongestWait && LongestWait <= TimeSpan.FromDays(1), nameof(FirstWait), "more than 0, not longer than LongestWait, which is a day at most");
        Require(BreakerFailures is >= 2 and <= 1000, nameof(BreakerFailures), "2 to 1000");
        Require(BreakDuration >= TimeSpan.FromMilliseconds(500) && BreakDuration <= TimeSpan.FromHours(1), nameof(BreakDuration), "0.5 s to 1 h");
        Require(AtOnceToOne >= 1 && AtOnce >= AtOnceToOne && AtOnce <= 500, nameof(AtOnce), "at least AtOnceToOne, which is at least 1; 500 at most");
        Require(SwitchOffAfter >= TimeSpan.FromDays(1) && SwitchOffAfter <= KeptFor && KeptFor <= TimeSpan.FromDays(365), nameof(SwitchOffAfter), "a day at least, not longer than KeptFor, which is a year at most");
        return this;
    }

    /// <summary>When the next round is due after <paramref name="rounds"/> failed ones.</summary>
    /// <param name="chance">0 to 1; spreads receivers that failed together over half of the wait.</param>
    public TimeSpan WaitAfter(int rounds, double chance)
    {
        var wait = Math.Min(FirstWait.TotalSeconds * Math.Pow(2, Math.Min(rounds - 1, 60)), LongestWait.TotalSeconds);
        return TimeSpan.FromSeconds(wait * (0.5 + (chance / 2)));
    }
}
