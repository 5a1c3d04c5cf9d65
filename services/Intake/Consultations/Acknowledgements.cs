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

/// <summary>Acts once for each key of a client: the same key and body get the same answer, byte for byte, and nothing happens again.</summary>
public sealed class Acknowledgements(StreamStore streams, Pseudonyms pseudonyms, TimeProvider clock)
{
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
        if (caller.Claim(ClaimNames.Organisation) is not { } organisation)
        {
            return (null, Submissions.NoOrganisation);
        }

        var keyId = IdempotencyKey.IdOf(key, caller.Subject);
        var raw = await read();
        var now = clock.GetUtcNow();
        var hash = pseudonyms.Body(raw);

        var id = Ids.New(now);
        return await streams.InOneTransaction<(IdempotencyKey?, Rejection?)>(
            new Origin(caller.Subject, id.ToString(), cause),
            async work =>
            {
                // Before any rule: what was acknowledged once is acknowledged again, also when a rule or a date has changed since.
                var (taken, known) = await work.TryLock<IdempotencyKey>(keyId, cancellation);
                if (known is not null && Again(known, hash, erased, now) is { } repeated)
                {
                    return repeated;
                }

                var (act, refusal) = accept(raw, id, organisation, now);
                if (act is null || !taken)
                {
                    return (null, refusal ?? Submissions.InProgress);
                }

                var acknowledged = await act(work);
                var stored = new IdempotencyKey
                {
                    Id = keyId,
                    BodyHash = hash,
                    ConsultationId = id,
                    Answer = acknowledged.Answer,
                    Tag = Versions.Tag(acknowledged.Version),
                    AnsweredAt = now,
                };
                work.Store(stored);
                return (stored, null);
            },
            cancellation);
    }

    internal static IResult Refused(HttpContext http, Rejection refusal)
    {
        http.Response.Headers.RetryAfter = refusal == Submissions.InProgress ? "1" : default;
        return Submissions.IsForbidden(refusal) ? Problems.Of(StatusCodes.Status403Forbidden, refusal) : Problems.Of(refusal);
    }

    /// <summary>The answer to a key that was used before; null when it is no longer kept.</summary>
    private static (IdempotencyKey? Acknowledged, Rejection? Refusal)? Again(IdempotencyKey earlier, string hash, Rejection erased, DateTimeOffset now) =>
        now - earlier.AnsweredAt >= IdempotencyKey.KeptFor ? null
        : earlier.Erased ? (null, erased)
        : earlier.BodyHash == hash ? (earlier, null)
        : (null, Submissions.KeyReused);
}
