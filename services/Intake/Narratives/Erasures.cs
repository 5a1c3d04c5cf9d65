using Npgsql;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Narratives;

/// <summary>An erasure that was decided, until its data key is destroyed and nothing is left.</summary>
public sealed record Erasure
{
    /// <summary>The consultation.</summary>
    public required Guid Id { get; init; }

    public required DateTimeOffset ErasedAt { get; init; }

    public bool Done { get; init; }
}

/// <summary>
/// Erases the words of a consultation. What is in the service's own database goes in the transaction of the event; the data key is in
/// another one and goes right after, by whoever comes to it: an erasure that was acknowledged is finished, whatever is killed.
/// </summary>
public sealed partial class Erasures(StreamStore streams, DataKeys keys, TimeProvider clock, ILogger<Erasures> logger)
{
    private const int AtOnce = 100;

    /// <summary>Decides on the caller's own consultation and destroys its words. Once erased, any version is fine.</summary>
    public async Task<Written> Erase(RequestersView view, Caller caller, string cause, long expected, CancellationToken cancellation)
    {
        if (view.Erased is not null)
        {
            return new Written(view, null);
        }

        var now = clock.GetUtcNow();
        var command = new EraseConsultation.Command(view.Id, now, await keys.ErasureHoldsBy(now, cancellation));
        var outcome = await streams.InOneTransaction(
            new Origin(caller.Subject, view.Id.ToString(), cause),
            async work =>
            {
                var decided = await work.Decide(Consultation.Aggregate, view.Id, state => EraseConsultation.Decide(state, command), expected, cancellation);
                if (decided.Changed)
                {
                    await EraseConsultation.Redact(work, view.Id, cancellation);
                    await Forget(work, view.Id, cancellation);
                    await AccessLog.Append(work, view.Id, [(Guid.Empty, AccessLog.All)], caller.Subject, AccessLog.Erasure, now, cancellation);
                    work.Store(new Erasure { Id = view.Id, ErasedAt = now });
                }

                return decided;
            },
            cancellation);
        if (outcome.Changed)
        {
            await FinishOrLeave(view.Id, cancellation);
        }

        return new Written(outcome.View as RequestersView ?? view, outcome.Rejection);
    }

    /// <summary>Finishes what was decided and then interrupted; how many.</summary>
    public async Task<int> FinishAll(CancellationToken cancellation)
    {
        var open = await streams.Query<Erasure>($"where done = false order by id limit {AtOnce}", cancellation);
        foreach (var erasure in open)
        {
            await Finish(erasure.Id, cancellation);
        }

        return open.Count;
    }

    private async Task FinishOrLeave(Guid id, CancellationToken cancellation)
    {
        try
        {
            await Finish(id, cancellation);
        }
        catch (NpgsqlException exception)
        {
            // Decided and stored: the upkeep goes on with it.
            Waits(logger, id, exception);
        }
    }

    private async Task Finish(Guid id, CancellationToken cancellation)
    {
        await keys.Destroy(id, cancellation);
        await streams.InOneTransaction(
            new Origin("erasure", id.ToString()),
            async work =>
            {
                // Once more, because a text may have been on its way in when the rest went.
                await Forget(work, id, cancellation);
                if (await work.Load<Erasure>(id, cancellation) is { } erasure)
                {
                    work.Store(erasure with { Done = true });
                }

                return true;
            },
            cancellation);
        Erased(logger, id);
    }

    private static async Task Forget(Work work, Guid id, CancellationToken cancellation)
    {
        foreach (var text in await work.Query<VaultText>("where owner = ?", cancellation, id))
        {
            work.Delete<VaultText>(text.Id);
        }

        foreach (var key in await work.Query<IdempotencyKey>("where consultation_id = ?", cancellation, id))
        {
            work.Store(key.WithoutAnswer);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The words of consultation {ConsultationId} are erased")]
    private static partial void Erased(ILogger logger, Guid consultationId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The data key of consultation {ConsultationId} could not be destroyed yet; tried again")]
    private static partial void Waits(ILogger logger, Guid consultationId, Exception exception);
}
