using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Narratives;

/// <summary>What the vault needs from time to time: erasures finished, data keys wrapped anew, access logs anchored, old idempotency keys dropped. Fine on every replica at once.</summary>
public sealed partial class VaultUpkeep(Erasures erasures, DataKeys keys, AccessAnchors anchors, StreamStore streams, TimeProvider clock, ILogger<VaultUpkeep> logger) : BackgroundService
{
    private const int AtOnce = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        do
        {
            await Try("finish erasures", () => erasures.FinishAll(stoppingToken), stoppingToken);
            await Try("wrap data keys anew", () => Rewrap(stoppingToken), stoppingToken);
            await Try("anchor access logs", () => anchors.Anchor(stoppingToken), stoppingToken);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The vault's upkeep could not {What}; tried again")]
    private static partial void Failed(ILogger logger, string what, Exception exception);
}
