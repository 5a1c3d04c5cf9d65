using System.Diagnostics;
using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>What a request led to, as it is answered now and whenever its key comes again.</summary>
/// <param name="Answer">The answer's body.</param>
public sealed record Acknowledged(string Answer, long Version);

/// <summary>What is to be done for a body that is accepted, under a new id and with its data key; it may be run again.</summary>
public delegate Acknowledged AcceptedAct(Work work, DataKey key);

/// <summary>Acts once for each key of a client: the same key and body get the same answer, byte for byte, and nothing happens again.</summary>
public sealed class Acknowledgements
{
    private const int AtOnce = 32;
    private const int Lanes = 1;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private readonly StreamStore _streams;
    private readonly Pseudonyms _pseudonyms;
    private readonly TimeProvider _clock;
    private readonly DataKeyStock _stock;
    private readonly Gathering<Asked, Answer> _gathering;

    public Acknowledgements(StreamStore streams, Pseudonyms pseudonyms, DataKeyStock stock, TimeProvider clock)
    {
        (_streams, _pseudonyms, _stock, _clock) = (streams, pseudonyms, stock, clock);
        _gathering = new Gathering<Asked, Answer>(Serve, AtOnce, Lanes, Limit);
    }

    /// <param name="read">Gives the body as JSON.</param>
    /// <param name="cause">Id of the request.</param>
    /// <param name="erased">What a key is told whose answer was erased.</param>
    /// <param name="accept">Says what to do with the body under a new id, for an organisation and at a time, or why nothing is done.</param>
    /// <returns>What was acknowledged, now or before, or why nothing was.</returns>
    /// <exception cref="InvalidInputException">The key or the body is not what it has to be.</exception>
    public async Task<(IdempotencyKey? Acknowledged, Rejection? Refusal)> Once(
        Caller caller,
        string key,
        Func<Task<byte[]>> read,
        string cause,
        Rejection erased,
        Func<byte[], Guid, string, DateTimeOffset, (Func<Work, Task<Acknowledged>>? Act, Rejection? Refusal)> accept,
        CancellationToken cancellation)
    {
        if (await Ask(caller, key, read, cause, erased) is not { } asked)
        {
            return (null, Submissions.NoOrganisation);
        }

        var id = Ids.New(asked.Now);
        return await _streams.InOneTransaction<(IdempotencyKey?, Rejection?)>(
            asked.Origin(id),
            async work =>
            {
                // Before any rule: what was acknowledged once is acknowledged again, also when a rule or a date has changed since.
                var (taken, known) = await work.TryLock<IdempotencyKey>(asked.KeyId, cancellation);
                if (known is not null && Again(known, asked) is { } repeated)
                {
                    return repeated;
                }

                var (act, refusal) = accept(asked.Raw, id, asked.Organisation, asked.Now);
                return act is null || !taken
                    ? (null, refusal ?? Submissions.InProgress)
                    : (Keep(work, asked, id, await act(work)), null);
            },
            cancellation);
    }

    /// <summary>The same for what many ask at the same time and what has nothing to read: they share the transaction (<see cref="Gathering{TItem,TAnswer}"/>).</summary>
    /// <inheritdoc cref="Once"/>
    public async Task<(IdempotencyKey? Acknowledged, Rejection? Refusal)> OnceTogether(
        Caller caller,
        string key,
        Func<Task<byte[]>> read,
        string cause,
        Rejection erased,
        Func<byte[], string, DateTimeOffset, (AcceptedAct? Act, Rejection? Refusal)> accept,
        CancellationToken cancellation)
    {
        if (await Ask(caller, key, read, cause, erased) is not { } asked)
        {
            return (null, Submissions.NoOrganisation);
        }

        try
        {
            (asked.Act, asked.Refusal) = accept(asked.Raw, asked.Organisation, asked.Now);
        }
        catch (InvalidInputException invalid)
        {
            // Said only when the key is new, as every rule.
            asked.Invalid = invalid;
        }

        var answer = await _gathering.Ask(asked, cancellation);
        return answer.IsInvalid ? throw asked.Invalid! : (answer.Acknowledged, answer.Refusal);
    }

    internal static IResult Refused(HttpContext http, Rejection refusal)
    {
        http.Response.Headers.RetryAfter = refusal == Submissions.InProgress ? "1" : default;
        return Submissions.IsForbidden(refusal) ? Problems.Of(StatusCodes.Status403Forbidden, refusal) : Problems.Of(refusal);
    }

    private async Task<Asked?> Ask(Caller caller, string key, Func<Task<byte[]>> read, string cause, Rejection erased)
    {
        if (caller.Claim(ClaimNames.Organisation) is not { } organisation)
        {
            return null;
        }

        var keyId = IdempotencyKey.IdOf(key, caller.Subject);
        var raw = await read();
        return new Asked(keyId, raw, _pseudonyms.Body(raw), organisation, _clock.GetUtcNow(), caller.Subject, cause, Activity.Current?.Id, erased);
    }

    private async Task<IReadOnlyList<Answer>> Serve(IReadOnlyList<Asked> together, CancellationToken cancellation)
    {
        // Served before: nobody knows what came of it, so that its data key may have sealed what has been stored, or is being stored still.
        var firstTime = together.Select(asked => asked.BeginServing()).ToList();

        // While the keys are looked up: nearly every one is new.
        var keys = together.Select(asked => asked.Act is null ? null : asked.TakeDataKey(_stock, cancellation)).ToList();
        var answers = await _streams.InOneTransaction(
            async work =>
            {
                var found = await work.TryLock<IdempotencyKey>([.. together.Select(asked => asked.KeyId)], cancellation);
                var answers = new List<Answer>();
                foreach (var ((asked, (taken, known)), key) in together.Zip(found).Zip(keys))
                {
                    answers.Add(
                        known is not null && Again(known, asked) is var (acknowledged, refusal) ? new Answer(acknowledged, refusal)
                        : asked.Invalid is not null ? new Answer(null, null, IsInvalid: true)
                        : key is null || !taken ? new Answer(null, asked.Refusal ?? Submissions.InProgress)
                        : new Answer(Act(work, asked, await key), null, IsNew: true));
                }

                return answers;
            },
            cancellation);
        for (var at = 0; at < together.Count; at++)
        {
            if (keys[at] is { } unused && firstTime[at] && !answers[at].IsNew)
            {
                // Nobody waits for it, and where there is none there is nothing to give back.
                _ = unused.ContinueWith(key => _stock.Return(key.Result), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            }
        }

        return answers;
    }

    private static IdempotencyKey Act(Work work, Asked asked, DataKey key) =>
        Keep(work, asked, key.Owner, asked.Act!(work.For(asked.Origin(key.Owner), asked.Trace), key));

    private static IdempotencyKey Keep(Work work, Asked asked, Guid id, Acknowledged acknowledged)
    {
        var stored = new IdempotencyKey
        {
            Id = asked.KeyId,
            BodyHash = asked.Hash,
            ConsultationId = id,
            Answer = acknowledged.Answer,
            Tag = Versions.Tag(acknowledged.Version),
            AnsweredAt = asked.Now,
        };
        work.Store(stored);
        return stored;
    }

    /// <summary>The answer to a key that was used before; null when it is no longer kept.</summary>
    private static (IdempotencyKey? Acknowledged, Rejection? Refusal)? Again(IdempotencyKey earlier, Asked asked) =>
        asked.Now - earlier.AnsweredAt >= IdempotencyKey.KeptFor ? null
        : earlier.Erased ? (null, asked.Erased)
        : earlier.BodyHash == asked.Hash ? (earlier, null)
        : (null, Submissions.KeyReused);

    /// <param name="Trace">W3C trace context of the request.</param>
    private sealed record Asked(string KeyId, byte[] Raw, string Hash, string Organisation, DateTimeOffset Now, string Subject, string Cause, string? Trace, Rejection Erased)
    {
        private int _served;
        private Task<DataKey>? _key;

        public AcceptedAct? Act { get; set; }

        public Rejection? Refusal { get; set; }

        public InvalidInputException? Invalid { get; set; }

        /// <summary>Counts a serving; true for the first.</summary>
        public bool BeginServing() => Interlocked.Increment(ref _served) == 1;

        /// <summary>The same at every serving, unless it was not to be had before.</summary>
        public Task<DataKey> TakeDataKey(DataKeyStock stock, CancellationToken cancellation) =>
            _key is null or { IsCanceled: true } or { IsFaulted: true } ? _key = stock.Take(cancellation).AsTask() : _key;

        public Origin Origin(Guid id) => new(Subject, id.ToString(), Cause);
    }

    private sealed record Answer(IdempotencyKey? Acknowledged, Rejection? Refusal, bool IsNew = false, bool IsInvalid = false);
}
