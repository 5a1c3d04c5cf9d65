using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Narratives;

/// <summary>An erasure of all that one owner has in the vault that was decided, until its data key is destroyed and nothing is left.</summary>
public sealed record Erasure
{
    /// <summary>The consultation, or the webhook.</summary>
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

        var outcome = await Erase(
            Consultation.Aggregate,
            view.Id,
            (state, now, completeBy) => EraseConsultation.Decide(state, new EraseConsultation.Command(view.Id, now, completeBy)),
            (work, stop) => EraseConsultation.Redact(work, view.Id, stop),
            caller,
            cause,
            expected,
            cancellation);
        return new Written(outcome.View as RequestersView ?? view, outcome.Rejection);
    }

    /// <summary>Decides on a stream whose words are under its own data key, and destroys them.</summary>
    /// <param name="decide">Gets the time, and when no backup can bring the words back any more.</param>
    /// <param name="redact">Takes out of the stored events what belongs to one client or one worker.</param>
    internal async Task<Outcome<TState>> Erase<TState, TEvent>(
        Aggregate<TState, TEvent> aggregate,
        Guid id,
        Func<TState, DateTimeOffset, DateTimeOffset, Decision<TEvent>> decide,
        Func<Work, CancellationToken, Task> redact,
        Caller caller,
        string cause,
        long expected,
        CancellationToken cancellation)
        where TState : class
        where TEvent : class
    {
        var now = clock.GetUtcNow();
        var completeBy = await keys.ErasureHoldsBy(now, cancellation);
        var outcome = await streams.InOneTransaction(
            new Origin(caller.Subject, id.ToString(), cause),
            async work =>
            {
                var decided = await work.Decide(aggregate, id, state => decide(state, now, completeBy), expected, cancellation);
                if (decided.Changed)
                {
                    await redact(work, cancellation);
                    await Begin(work, id, cancellation);
                    await AccessLog.Append(work, id, [(Guid.Empty, AccessLog.All)], caller.Subject, AccessLog.Erasure, now, cancellation);
                }

                return decided;
            },
            cancellation);
        if (outcome.Changed)
        {
            await FinishOrLeave(id, cancellation);
        }

        return outcome;
    }

    /// <summary>Deletes all words of an owner with what <paramref name="work"/> stores; <see cref="FinishOrLeave"/> destroys their key afterwards.</summary>
    public async Task Begin(Work work, Guid owner, CancellationToken cancellation)
    {
        await Forget(work, owner, cancellation);
        work.Store(new Erasure { Id = owner, ErasedAt = clock.GetUtcNow() });
    }

    /// <summary>Finishes what was decided and then interrupted; how many.</summary>
    public async Task<int> FinishAll(CancellationToken cancellation)
    {
        var (finished, after) = (0, Guid.Empty);
        while (await streams.Query<Erasure>($"where done = false and id > ? order by id limit {AtOnce}", cancellation, after) is [.., var last] open)
        {
            foreach (var erasure in open)
            {
                finished += await FinishOrLeave(erasure.Id, cancellation) ? 1 : 0;
            }

            after = last.Id;
        }

        return finished;
    }

    /// <summary>Decided and stored: when it fails, whyever, the upkeep goes on with it, and it holds up no other.</summary>
    public async Task<bool> FinishOrLeave(Guid id, CancellationToken cancellation)
    {
        try
        {
            await Finish(id, cancellation);
            return true;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            Waits(logger, id, exception);
            return false;
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

    [LoggerMessage(Level = LogLevel.Information, Message = "What {Owner} had in the vault is erased")]
    private static partial void Erased(ILogger logger, Guid owner);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The data key of {Owner} could not be destroyed yet; tried again")]
    private static partial void Waits(ILogger logger, Guid owner, Exception exception);
}
