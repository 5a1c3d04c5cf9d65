using System.Diagnostics.Metrics;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Narratives;

/// <summary>What the vault needs from time to time: erasures finished, data keys wrapped anew, access logs anchored, overdue epochs told of, old idempotency keys dropped. Fine on every replica at once.</summary>
public sealed partial class VaultUpkeep(Erasures erasures, DataKeys keys, AccessAnchors anchors, StreamStore streams, TimeProvider clock, ILogger<VaultUpkeep> logger) : BackgroundService
{
    private const int AtOnce = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
    private static readonly Meter Meter = new("OtPlatform.Intake");
    private static long _overdue;

    private (OverdueEpochs Found, DateOnly Day)? _told;

    static VaultUpkeep() => Meter.CreateObservableGauge(
        "otplatform.intake.vault.overdue", () => Volatile.Read(ref _overdue), "{epoch}", "Epochs that should have begun, or whose master key should be gone, by now");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        do
        {
            await Try("finish erasures", () => erasures.FinishAll(stoppingToken), stoppingToken);
            await Try("wrap data keys anew", () => Rewrap(stoppingToken), stoppingToken);
            await Try("anchor access logs", () => anchors.Anchor(stoppingToken), stoppingToken);
            await Try("look for overdue epochs", () => TellOfOverdue(stoppingToken), stoppingToken);
            await Try("drop old idempotency keys", () => DropOldKeys(stoppingToken), stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Drops what is kept no longer; how many.</summary>
    public async Task<int> DropOldKeys(CancellationToken cancellation)
    {
        var before = clock.GetUtcNow() - IdempotencyKey.KeptFor;
        var dropped = 0;
        while (true)
        {
            var old = await streams.Query<IdempotencyKey>($"where answered_at <= ? order by answered_at limit {AtOnce}", cancellation, before);
            var now = await streams.InOneTransaction(new Origin("upkeep"), work => Drop(work, old, before, cancellation), cancellation);
            dropped += now;
            if (now == 0)
            {
                return dropped;
            }
        }
    }

    /// <summary>A key that is being used again right now is left alone.</summary>
    private static async Task<int> Drop(Work work, IReadOnlyList<IdempotencyKey> keys, DateTimeOffset before, CancellationToken cancellation)
    {
        var dropped = 0;
        foreach (var key in keys)
        {
            if (await work.TryLock(key.Id, cancellation) && await work.Load<IdempotencyKey>(key.Id, cancellation) is { } known && known.AnsweredAt <= before)
            {
                work.Delete<IdempotencyKey>(key.Id);
                dropped++;
            }
        }

        return dropped;
    }

    /// <summary>Says, once a day and whenever it changes, what an operator has let pass; how much that is.</summary>
    public async Task<long> TellOfOverdue(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var (found, day) = (await keys.Overdue(now, cancellation), DateOnly.FromDateTime(now.UtcDateTime));
        var overdue = found.Unretired.Count + (found.Since is null ? 0 : 1);
        Volatile.Write(ref _overdue, overdue);
        if (_told is { } told && told.Day == day && told.Found.Since == found.Since && told.Found.Unretired.SequenceEqual(found.Unretired))
        {
            return overdue;
        }

        _told = (found, day);
        if (found.Since is { } since)
        {
            EpochOverdue(logger, since);
        }

        foreach (var epoch in found.Unretired)
        {
            KeyNotRetired(logger, epoch);
        }

        return overdue;
    }

    private async Task<int> Rewrap(CancellationToken cancellation)
    {
        var rewrapped = await keys.Rewrap(cancellation);
        if (rewrapped.Done > 0)
        {
            Rewrapped(logger, rewrapped.Done);
        }

        return rewrapped.Done;
    }

    private async Task Try<T>(string what, Func<Task<T>> act, CancellationToken cancellation)
    {
        try
        {
            await act();
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            Failed(logger, what, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} data keys are wrapped by the newest master key now")]
    private static partial void Rewrapped(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The vault's next epoch should have begun by {Since}: erasures hold for backups only once it has; run vault new-epoch")]
    private static partial void EpochOverdue(ILogger logger, DateTimeOffset since);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The master key of epoch {Epoch} is needed by nothing any more and still there: erasures hold for backups only without it; run vault retire")]
    private static partial void KeyNotRetired(ILogger logger, int epoch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The vault's upkeep could not {What}; tried again")]
    private static partial void Failed(ILogger logger, string what, Exception exception);
}
