using System.Text.Json;
using Marten;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Platform.Streams;

/// <summary>One event of a stream as it was stored.</summary>
/// <param name="Version">Its place in the stream, from 1.</param>
/// <param name="At">When it was stored, UTC.</param>
public sealed record Happened(long Version, DateTimeOffset At, object Event);

/// <summary>The one seam between features and the event store: load, fold, decide, append at the expected version.</summary>
public sealed class StreamStore(IDocumentStore store)
{
    private const int Attempts = 3;

    /// <summary>Runs <paramref name="act"/> in one transaction; when somebody was first, runs it again on what is stored now, three times at most.</summary>
    public Task<T> InOneTransaction<T>(Origin origin, Func<Work, Task<T>> act, CancellationToken cancellation) =>
        InOneTransaction(() => new Work(store.LightweightSession(), origin), act, cancellation);

    /// <summary>The same for several who share a transaction, each with an origin of its own (<see cref="Work.For"/>).</summary>
    public Task<T> InOneTransaction<T>(Func<Work, Task<T>> act, CancellationToken cancellation) =>
        InOneTransaction(() => new Work(store.LightweightSession()), act, cancellation);

    private static async Task<T> InOneTransaction<T>(Func<Work> begin, Func<Work, Task<T>> act, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var work = begin();
            try
            {
                var answer = await act(work);
                await work.Commit(cancellation);
                return answer;
            }
            catch (Exception exception) when (attempt < Attempts && Work.SomebodyWasFirst(exception))
            {
                continue;
            }
        }
    }

    /// <summary>Decides on one stream in a transaction of its own.</summary>
    public Task<Outcome<TState>> Decide<TState, TEvent>(
        Aggregate<TState, TEvent> aggregate,
        Guid id,
        Func<TState, Decision<TEvent>> decide,
        Origin origin,
        CancellationToken cancellation,
        long? expectedVersion = null)
        where TState : class
        where TEvent : class =>
        InOneTransaction(origin, work => work.Decide(aggregate, id, decide, expectedVersion, cancellation), cancellation);

    /// <summary>One document, or null.</summary>
    public async Task<T?> Load<T>(Guid id, CancellationToken cancellation)
        where T : class
    {
        await using var session = store.QuerySession();
        return await session.LoadAsync<T>(id, cancellation);
    }

    /// <inheritdoc cref="Load{T}(Guid, CancellationToken)"/>
    public async Task<T?> Load<T>(string id, CancellationToken cancellation)
        where T : class
    {
        await using var session = store.QuerySession();
        return await session.LoadAsync<T>(id, cancellation);
    }

    /// <summary>All that has happened on one stream, in its order.</summary>
    public async Task<IReadOnlyList<Happened>> History(Guid id, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return [.. (await session.Events.FetchStreamAsync(id, token: cancellation)).Select(stored => new Happened(stored.Version, stored.Timestamp, stored.Data))];
    }

    /// <summary>Documents of one type by a raw SQL condition with <c>?</c> placeholders.</summary>
    public async Task<IReadOnlyList<T>> Query<T>(string condition, CancellationToken cancellation, params object[] parameters)
        where T : class
    {
        await using var session = store.QuerySession();
        return await session.QueryAsync<T>(condition, cancellation, parameters);
    }

    /// <summary>What is counted or summed over the documents of one type.</summary>
    /// <param name="row">A raw SQL expression of jsonb, made for each row; the documents are <c>d</c>.</param>
    /// <param name="condition">What follows the documents' table, with <c>?</c> placeholders.</param>
    public async Task<IReadOnlyList<TRow>> Rows<T, TRow>(string row, string condition, CancellationToken cancellation, params object[] parameters)
        where T : class
        where TRow : class
    {
        await using var session = store.QuerySession();
        var found = await session.AdvancedSql.QueryAsync<string>($"select ({row})::text from {StoreExtensions.TableOf<T>()} as d {condition}", cancellation, parameters);
        return [.. found.Select(json => JsonSerializer.Deserialize<TRow>(json, StoreExtensions.Json)!)];
    }

    /// <summary>How many documents of one type a raw SQL condition with <c>?</c> placeholders finds.</summary>
    public async Task<long> Count<T>(string condition, CancellationToken cancellation, params object[] parameters)
        where T : class
    {
        await using var session = store.QuerySession();
        return (await session.AdvancedSql.QueryAsync<long>($"select count(*) from {StoreExtensions.TableOf<T>()} as d {condition}", cancellation, parameters))[0];
    }
}
