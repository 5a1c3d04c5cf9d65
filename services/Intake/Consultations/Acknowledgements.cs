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

/// <summary>What is to be done for a body that may be accepted.</summary>
/// <param name="Prepare">Does what takes time and stores nothing of the transaction, and gives what to do in it. It is begun before anybody knows whether the key was used before, and may be run again.</param>
/// <param name="Undo">Takes back what was prepared for nothing.</param>
public sealed record PreparedAct(Func<CancellationToken, Task<Func<Work, Acknowledged>>> Prepare, Func<CancellationToken, Task> Undo);

/// <summary>Acts once for each key of a client: the same key and body get the same answer, byte for byte, and nothing happens again.</summary>
public sealed class Acknowledgements
{
    private const int AtOnce = 32;
    private const int Lanes = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private readonly StreamStore _streams;
    private readonly Pseudonyms _pseudonyms;
    private readonly TimeProvider _clock;
    private readonly Gathering<Asked, Answer> _gathering;

    public Acknowledgements(StreamStore streams, Pseudonyms pseudonyms, TimeProvider clock)
    {
        (_streams, _pseudonyms, _clock) = (streams, pseudonyms, clock);
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

        return await _streams.InOneTransaction<(IdempotencyKey?, Rejection?)>(
            asked.Origin,
            async work =>
            {
                // Before any rule: what was acknowledged once is acknowledged again, also when a rule or a date has changed since.
                var (taken, known) = await work.TryLock<IdempotencyKey>(asked.KeyId, cancellation);
                if (known is not null && Again(known, asked) is { } repeated)
                {
                    return repeated;
                }

                var (act, refusal) = accept(asked.Raw, asked.Id, asked.Organisation, asked.Now);
                return act is null || !taken
                    ? (null, refusal ?? Submissions.InProgress)
                    : (Keep(work, asked, await act(work)), null);
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
        Func<byte[], Guid, string, DateTimeOffset, (PreparedAct? Act, Rejection? Refusal)> accept,
        CancellationToken cancellation)
    {
        if (await Ask(caller, key, read, cause, erased) is not { } asked)
        {
            return (null, Submissions.NoOrganisation);
        }

        try
        {
            (asked.Act, asked.Refusal) = accept(asked.Raw, asked.Id, asked.Organisation, asked.Now);
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
        var now = _clock.GetUtcNow();
        var id = Ids.New(now);
        return new Asked(keyId, raw, _pseudonyms.Body(raw), id, organisation, now, new Origin(caller.Subject, id.ToString(), cause), Activity.Current?.Id, erased);
    }

    private async Task<IReadOnlyList<Answer>> Serve(IReadOnlyList<Asked> together, CancellationToken cancellation)
    {
        // Served before: nobody knows what came of it, so that what was prepared may be what has been stored, or is being stored still.
        var firstTime = together.Select(asked => asked.BeginServing()).ToList();

        // While the keys are looked up: nearly every one is new.
        var prepared = together.Select(asked => asked.Act?.Prepare(cancellation)).ToList();
        var answers = await _streams.InOneTransaction(
            async work =>
            {
                var found = await work.TryLock<IdempotencyKey>([.. together.Select(asked => asked.KeyId)], cancellation);
                var answers = new List<Answer>();
                foreach (var ((asked, (taken, known)), write) in together.Zip(found).Zip(prepared))
                {
                    answers.Add(
                        known is not null && Again(known, asked) is var (acknowledged, refusal) ? new Answer(acknowledged, refusal)
                        : asked.Invalid is not null ? new Answer(null, null, IsInvalid: true)
                        : write is null || !taken ? new Answer(null, asked.Refusal ?? Submissions.InProgress)
                        : new Answer(Keep(work, asked, (await write)(work.For(asked.Origin, asked.Trace))), null, IsNew: true));
                }

                return answers;
            },
            cancellation);
        for (var at = 0; at < together.Count; at++)
        {
            if (prepared[at] is { } write && firstTime[at] && !answers[at].IsNew)
            {
                await Undo(together[at], write, cancellation);
            }
        }

        return answers;
    }

    private static async Task Undo(Asked asked, Task prepared, CancellationToken cancellation)
    {
        try
        {
            await prepared;
            await asked.Act!.Undo(cancellation);
        }
#pragma warning disable CA1031 // The others of the gathering are stored by now: nothing that goes wrong here may have them tried again.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The answer stands. What stays behind is named by nothing.
        }
    }

    private static IdempotencyKey Keep(Work work, Asked asked, Acknowledged acknowledged)
    {
        var stored = new IdempotencyKey
        {
            Id = asked.KeyId,
            BodyHash = asked.Hash,
            ConsultationId = asked.Id,
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

    /// <param name="Id">Made for what may come of it.</param>
    /// <param name="Trace">W3C trace context of the request.</param>
    private sealed record Asked(string KeyId, byte[] Raw, string Hash, Guid Id, string Organisation, DateTimeOffset Now, Origin Origin, string? Trace, Rejection Erased)
    {
        private int _served;

        public PreparedAct? Act { get; set; }

        public Rejection? Refusal { get; set; }

        public InvalidInputException? Invalid { get; set; }

        /// <summary>Counts a serving; true for the first.</summary>
        public bool BeginServing() => Interlocked.Increment(ref _served) == 1;
    }

    private sealed record Answer(IdempotencyKey? Acknowledged, Rejection? Refusal, bool IsNew = false, bool IsInvalid = false);
}
