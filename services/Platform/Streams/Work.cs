using System.Diagnostics;
using System.Text.Json;
using JasperFx;
using Marten;
using Npgsql;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;

namespace OtPlatform.Platform.Streams;

/// <summary>One transaction: decisions on streams, and the documents that belong to them. Nothing is stored before <see cref="Commit"/>.</summary>
public sealed class Work : IAsyncDisposable
{
    private readonly IDocumentSession _session;
    private readonly HashSet<Guid> _decided = [];
    private readonly Func<object, object> _stamped = happened => happened;

    internal Work(IDocumentSession session, Origin origin)
    {
        _session = session;
        session.LastModifiedBy = origin.Actor;
        session.CorrelationId = origin.CorrelationId;
        session.CausationId = origin.CausationId;
        if (Activity.Current?.Id is { } trace)
        {
            session.SetHeader(TraceHeaders.Parent, trace);
        }
    }

    /// <summary>A transaction of several, each of whom works with <see cref="For"/>.</summary>
    internal Work(IDocumentSession session) => _session = session;

    private Work(IDocumentSession session, Origin origin, string? trace)
    {
        _session = session;
        _stamped = happened =>
        {
            var stamped = session.Events.BuildEvent(happened);
            (stamped.UserName, stamped.CorrelationId, stamped.CausationId) = (origin.Actor, origin.CorrelationId, origin.CausationId);
            if (trace is not null)
            {
                stamped.SetHeader(TraceHeaders.Parent, trace);
            }

            return stamped;
        };
    }

    /// <summary>The part of one of several who share this transaction. It is stored with the others', or none is.</summary>
    /// <param name="trace">W3C trace context of what caused it.</param>
    public Work For(Origin origin, string? trace) => new(_session, origin, trace);

    /// <summary>Takes a lock that lives as long as this transaction, over all processes; false when another holds it.</summary>
    public async Task<bool> TryLock(string name, CancellationToken cancellation)
    {
        await _session.BeginTransactionAsync(cancellation);
        var answer = await _session.AdvancedSql.QueryAsync<bool>("select pg_try_advisory_xact_lock(hashtextextended(?, 0))", cancellation, name);
        return answer[0];
    }

    /// <summary>
    /// As <see cref="TryLock(string, CancellationToken)"/>, and the document whose id is the lock's name, in one round trip. The document is
    /// read after the lock: what its former holder left is found.
    /// </summary>
    public async Task<(bool Taken, T? Found)> TryLock<T>(string id, CancellationToken cancellation)
        where T : class
    {
        await _session.BeginTransactionAsync(cancellation);
        await using var batch = _session.Connection.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select pg_try_advisory_xact_lock(hashtextextended($1, 0))") { Parameters = { new NpgsqlParameter<string> { TypedValue = id } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select data from {StoreExtensions.TableOf<T>()} where id = $1") { Parameters = { new NpgsqlParameter<string> { TypedValue = id } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var taken = reader.GetBoolean(0);
        await reader.NextResultAsync(cancellation);
        return (taken, await reader.ReadAsync(cancellation) ? JsonSerializer.Deserialize<T>(reader.GetFieldValue<byte[]>(0), StoreExtensions.Json) : null);
    }

    /// <summary>
    /// As <see cref="TryLock{T}(string, CancellationToken)"/> for several at once, still in one round trip. A name that stands twice is
    /// taken for the first of the two only.
    /// </summary>
    public async Task<IReadOnlyList<(bool Taken, T? Found)>> TryLock<T>(IReadOnlyList<string> ids, CancellationToken cancellation)
        where T : class
    {
        await _session.BeginTransactionAsync(cancellation);
        await using var batch = _session.Connection.CreateBatch();
        NpgsqlParameter<string[]> Names() => new() { TypedValue = [.. ids] };
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select name from unnest($1) as name where pg_try_advisory_xact_lock(hashtextextended(name, 0))") { Parameters = { Names() } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select id, data from {StoreExtensions.TableOf<T>()} where id = any($1)") { Parameters = { Names() } });
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var (taken, found) = (new HashSet<string>(), new Dictionary<string, T?>());
        while (await reader.ReadAsync(cancellation))
        {
            taken.Add(reader.GetString(0));
        }

        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            found[reader.GetString(0)] = JsonSerializer.Deserialize<T>(reader.GetFieldValue<byte[]>(1), StoreExtensions.Json);
        }

        return [.. ids.Select(id => (taken.Remove(id), found.GetValueOrDefault(id)))];
    }

    /// <summary>Waits for a lock that lives as long as this transaction, over all processes. What is read after it is what the former holder left.</summary>
    public async Task Lock(string name, CancellationToken cancellation)
    {
        await _session.BeginTransactionAsync(cancellation);
        await _session.AdvancedSql.QueryAsync<bool>("select true from (select pg_advisory_xact_lock(hashtextextended(?, 0))) as taken", cancellation, name);
    }

    public Task<T?> Load<T>(string id, CancellationToken cancellation)
        where T : class => _session.LoadAsync<T>(id, cancellation)!;

    public Task<T?> Load<T>(Guid id, CancellationToken cancellation)
        where T : class => _session.LoadAsync<T>(id, cancellation)!;

    /// <summary>Documents of one type by a raw SQL condition with <c>?</c> placeholders.</summary>
    public Task<IReadOnlyList<T>> Query<T>(string condition, CancellationToken cancellation, params object[] parameters)
        where T : class => _session.QueryAsync<T>(condition, cancellation, parameters);

    /// <summary>As <see cref="Query"/>, and nobody else gets what is found here as long as this transaction lives; what others hold is left out.</summary>
    public async Task<IReadOnlyList<T>> Take<T>(string condition, CancellationToken cancellation, params object[] parameters)
        where T : class
    {
        await _session.BeginTransactionAsync(cancellation);
        return await _session.QueryAsync<T>($"{condition} for update skip locked", cancellation, parameters);
    }

    /// <summary>As <see cref="Take"/>, but what others hold is waited for, and found as they leave it.</summary>
    public async Task<IReadOnlyList<T>> Hold<T>(string condition, CancellationToken cancellation, params object[] parameters)
        where T : class
    {
        await _session.BeginTransactionAsync(cancellation);
        return await _session.QueryAsync<T>($"{condition} for update", cancellation, parameters);
    }

    public void Insert<T>(T document)
        where T : notnull => _session.Insert(document);

    public void Store<T>(T document)
        where T : notnull => _session.Store(document);

    public void Delete<T>(Guid id)
        where T : notnull => _session.Delete<T>(id);

    /// <inheritdoc cref="Delete{T}(Guid)"/>
    public void Delete<T>(string id)
        where T : notnull => _session.Delete<T>(id);

    /// <summary>All that has happened on a stream so far, without what this transaction adds.</summary>
    public async Task<IReadOnlyList<TEvent>> Past<TEvent>(Guid id, CancellationToken cancellation)
        where TEvent : class => [.. (await _session.Events.FetchStreamAsync(id, token: cancellation)).Select(stored => (TEvent)stored.Data)];

    /// <summary>
    /// Puts other bodies in the place of a stream's stored events of one type: for an erasure, and nothing else. Id, type, time and headers
    /// stay, because the id is the id of the message that tells of the event, also when it is sent once more.
    /// Messages of the stream that stand in error queues are replaced by what they are then.
    /// </summary>
    public async Task Redact<T>(Guid id, Func<T, T> redacted, CancellationToken cancellation)
        where T : class
    {
        RedactedStreams.Note(this, id);
        foreach (var happened in await _session.Events.FetchStreamAsync(id, token: cancellation))
        {
            if (happened.Data is T body)
            {
                var other = redacted(body);
                _session.QueueSqlCommand(
                    $"update {StoreExtensions.Schema}.mt_events set data = ?::jsonb where seq_id = ?", JsonSerializer.Serialize(other, other.GetType(), StoreExtensions.Json), happened.Sequence);
            }
        }
    }

    /// <summary>Takes the bodies out of what waits of a stream outside its queues; its owner is asked for them again, as they are by then. For an erasure, and nothing else.</summary>
    public void EmptyParked(Guid stream) =>
        Run($"update {StoreExtensions.TableOf<ParkedMessage>()} set data = jsonb_set(data, '{{body}}', '\"\"') where data ->> 'streamId' = ?", stream.ToString());

    /// <summary>Loads the stream, folds it, decides, and appends at the version it saw.</summary>
    /// <param name="expectedVersion">The caller's version of the stream, when it has one.</param>
    /// <exception cref="StaleVersionException">The stream is at another version than <paramref name="expectedVersion"/>.</exception>
    public async Task<Outcome<TState>> Decide<TState, TEvent>(
        Aggregate<TState, TEvent> aggregate,
        Guid id,
        Func<TState, Decision<TEvent>> decide,
        long? expectedVersion,
        CancellationToken cancellation)
        where TState : class
        where TEvent : class
    {
        Claim(id);
        var stored = await _session.Events.FetchStreamAsync(id, token: cancellation);
        var past = stored.Select(happened => (TEvent)happened.Data).ToList();
        if (expectedVersion is { } expected && past.Count > 0 && expected != past.Count)
        {
            throw new StaleVersionException(expected, past.Count);
        }

        return Decided(aggregate, id, past, decide);
    }

    /// <summary>Decides on a stream whose id was made just now: there is nothing to load. Were it there all the same, nothing would be stored.</summary>
    public Outcome<TState> Begin<TState, TEvent>(Aggregate<TState, TEvent> aggregate, Guid id, Func<TState, Decision<TEvent>> decide)
        where TState : class
        where TEvent : class
    {
        Claim(id);
        return Decided(aggregate, id, [], decide);
    }

    private void Claim(Guid id)
    {
        if (!_decided.Add(id))
        {
            throw new InvalidOperationException($"Stream {id} was decided on already in this transaction.");
        }
    }

    private Outcome<TState> Decided<TState, TEvent>(Aggregate<TState, TEvent> aggregate, Guid id, List<TEvent> past, Func<TState, Decision<TEvent>> decide)
        where TState : class
        where TEvent : class
    {
        var before = aggregate.Fold(past);
        var decision = decide(before);
        if (decision.Rejection is not null || decision.Events.Count == 0)
        {
            return new Outcome<TState>(before, past.Count, decision.Rejection, false);
        }

        var happened = decision.Events.Select(one => _stamped(one)).ToArray();
        var version = past.Count + happened.Length;
        if (past.Count == 0)
        {
            _session.Events.StartStream(id, happened);
        }
        else
        {
            _session.Events.Append(id, version, happened);
        }

        var after = decision.Events.Aggregate(before, aggregate.Evolve);
        Deadline.Rewrite(_session, aggregate.Name, id, aggregate.Deadlines(before), aggregate.Deadlines(after));
        var view = aggregate.View?.Invoke([.. past, .. decision.Events], version);
        view?.Store(_session);
        return new Outcome<TState>(after, version, null, true, view?.Document);
    }

    /// <summary>A command with <c>?</c> placeholders that runs with what else is stored.</summary>
    internal void Run(string sql, params object[] parameters) => _session.QueueSqlCommand(sql, parameters);

    internal void DropDeadline(Deadline deadline) => _session.Delete<Deadline>(deadline.Id);

    public Task Commit(CancellationToken cancellation) => _session.SaveChangesAsync(cancellation);

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    internal static bool SomebodyWasFirst(Exception exception) => exception switch
    {
        ConcurrencyException or Marten.Exceptions.ExistingStreamIdCollisionException or Marten.Exceptions.DocumentAlreadyExistsException => true,
        PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure } => true,
        { InnerException: { } inner } => SomebodyWasFirst(inner),
        _ => false,
    };
}
