using System.Data;
using JasperFx.Events;
using Marten.Documents;
using Marten.Events;
using Marten.Exceptions;
using Marten.Services;
using Npgsql;

namespace Marten.Sessions;

/// <summary>A unit of work: what it queues goes to the database in one batch, which is one transaction.</summary>
internal sealed class DocumentSession : QuerySession, IDocumentSession, IChangeSet
{
    private readonly List<StorageOperation> _operations = [];
    private readonly List<StreamAction> _streams = [];
    private readonly List<IDocumentSessionListener> _listeners = [];
    private Dictionary<string, object>? _headers;
    private EventOperations? _events;

    internal DocumentSession(DocumentStore store, IsolationLevel isolation)
        : base(store, isolation)
    {
    }

    public override NpgsqlConnection Connection => Database.Hold(withTransaction: true);

    public new Marten.Events.IEventStoreOperations Events => _events ??= new EventOperations(this);

    public IList<IDocumentSessionListener> Listeners => _listeners;

    public string? LastModifiedBy { get; set; }

    public IEnumerable<object> Updated => DocumentsWritten(w => w != DocumentWrite.Insert);

    public IEnumerable<object> Inserted => DocumentsWritten(w => w == DocumentWrite.Insert);

    internal IReadOnlyList<StreamAction> Streams => _streams;

    internal override int DocumentColumnInRow => 1;

    public IEnumerable<IEvent> GetEvents() => _streams.SelectMany(s => s.Events);

    public IEnumerable<StreamAction> GetStreams() => _streams;

    public void Delete<T>(T entity)
        where T : notnull
    {
        var mapping = Owner.Settings.Mappings.For(typeof(T));
        DeleteById(mapping, mapping.IdOf(entity));
    }

    public void Delete<T>(int id)
        where T : notnull => DeleteById<T>(id);

    public void Delete<T>(long id)
        where T : notnull => DeleteById<T>(id);

    public void Delete<T>(object id)
        where T : notnull => DeleteById<T>(id);

    public void Delete<T>(Guid id)
        where T : notnull => DeleteById<T>(id);

    public void Delete<T>(string id)
        where T : notnull => DeleteById<T>(id);

    public void Store<T>(IEnumerable<T> entities)
        where T : notnull => QueueAll(DocumentWrite.Store, entities);

    public void Store<T>(params T[] entities)
        where T : notnull => QueueAll(DocumentWrite.Store, entities);

    public void UpdateExpectedVersion<T>(T entity, Guid version)
        where T : notnull => Queue(DocumentWrite.UpdateExpectedVersion, entity, version);

    public void UpdateRevision<T>(T entity, long revision)
        where T : notnull => Queue(DocumentWrite.UpdateRevision, entity, revision: revision);

    public void TryUpdateRevision<T>(T entity, long revision)
        where T : notnull => Queue(DocumentWrite.TryUpdateRevision, entity, revision: revision);

    public void Insert<T>(IEnumerable<T> entities)
        where T : notnull => QueueAll(DocumentWrite.Insert, entities);

    public void Insert<T>(params T[] entities)
        where T : notnull => QueueAll(DocumentWrite.Insert, entities);

    public void Update<T>(IEnumerable<T> entities)
        where T : notnull => QueueAll(DocumentWrite.Update, entities);

    public void Update<T>(params T[] entities)
        where T : notnull => QueueAll(DocumentWrite.Update, entities);

    public void QueueSqlCommand(string sql, params object[] parameterValues) => QueueSqlCommand('?', sql, parameterValues);

    public void QueueSqlCommand(char placeholder, string sql, params object[] parameterValues) =>
        _operations.Add(new SqlCommandOperation(new RawSql(placeholder, sql, parameterValues)));

    public ValueTask BeginTransactionAsync(CancellationToken token) => Database.BeginAsync(token);

    public void SetHeader(string key, object value) => (_headers ??= [])[key] = value;

    public object? GetHeader(string key) => _headers?.GetValueOrDefault(key);

    public async Task SaveChangesAsync(CancellationToken token = default)
    {
        foreach (var listener in _listeners)
            await listener.BeforeSaveChangesAsync(this, token);
        if (_operations.Count == 0 && _streams.Count == 0)
        {
            await Database.CommitAsync(token);
            return;
        }

        var operations = await PrepareOperationsAsync(token);
        await WriteAsync(operations, token);
        foreach (var operation in operations)
            operation.AfterCommit();
        if (_streams.Count > 0)
            Owner.AnnounceAppend();
        foreach (var listener in _listeners)
            await listener.AfterCommitAsync(this, this, token);
        _operations.Clear();
        _streams.Clear();
    }

    internal void Queue(StorageOperation operation) => _operations.Add(operation);

    internal void Queue(StreamAction stream) => _streams.Add(stream);

    protected override void DocumentWasLoaded(object id, object document)
    {
        foreach (var listener in _listeners)
            listener.DocumentLoaded(id, document);
    }

    private IEnumerable<object> DocumentsWritten(Func<DocumentWrite, bool> which) =>
        _operations.OfType<DocumentOperation>().Where(o => which(o.Write)).Select(o => o.Document);

    private void QueueAll<T>(DocumentWrite write, IEnumerable<T> entities)
        where T : notnull
    {
        foreach (var entity in entities)
            Queue(write, entity);
    }

    private void Queue<T>(DocumentWrite write, T entity, Guid? version = null, long revision = 1)
        where T : notnull
    {
        var type = typeof(T) == typeof(object) ? entity.GetType() : typeof(T);
        var operation = new DocumentOperation(Owner.Settings.Mappings.For(type), write, entity, Versions, version, revision);
        _operations.Add(operation);
        foreach (var listener in _listeners)
            listener.DocumentAddedForStorage(operation.Id, entity);
    }

    private void DeleteById<T>(object id)
    {
        var mapping = Owner.Settings.Mappings.For(typeof(T));
        DeleteById(mapping, mapping.Normalise(id));
    }

    private void DeleteById(DocumentMapping mapping, object id) => _operations.Add(new DeleteOperation(mapping, id));

    private async ValueTask<List<StorageOperation>> PrepareOperationsAsync(CancellationToken token)
    {
        var operations = new List<StorageOperation>(_operations.Count + _streams.Count + 1);
        foreach (var operation in WriteManyOperation.Joined(_operations))
        {
            if (operation.Mapping is { } mapping)
                await Owner.EnsureDocumentTableAsync(mapping, token);
            operations.Add(operation);
        }

        var streams = _streams.FindAll(s => s.Events.Count > 0);
        if (streams.Count == 0)
            return operations;
        await Owner.EnsureEventTablesAsync(token);
        foreach (var @event in streams.SelectMany(s => s.Events))
            Stamp(@event);
        operations.AddRange(StreamOperation.For(streams, Owner.Settings.EventSettings, Owner.Settings.Serializer));
        return operations;
    }

    private void Stamp(IEvent @event)
    {
        @event.CorrelationId ??= CorrelationId;
        @event.CausationId ??= CausationId;
        @event.UserName ??= LastModifiedBy;
        if (_headers is null)
            return;
        foreach (var (key, value) in _headers)
            @event.SetHeader(key, value);
    }

    /// <summary>Commands run in their order, and a command that is through has got its type from the server.</summary>
    private static int IndexOfFailed(NpgsqlBatch batch)
    {
        for (var i = 0; i < batch.BatchCommands.Count; i++)
        {
            if (batch.BatchCommands[i].StatementType == Npgsql.StatementType.Unknown)
                return i;
        }

        return -1;
    }

    private async Task WriteAsync(List<StorageOperation> operations, CancellationToken token)
    {
        if (Database.NeedsTransaction)
            await Database.BeginAsync(token);
        await using var lease = await Database.RentAsync(token);
        await using var batch = lease.Connection.CreateBatch();
        foreach (var operation in operations)
            batch.BatchCommands.Add(operation.ToCommand());

        // In the same round trip: a command that fails takes the rest of the batch, and so the commit, with it. What throws here later,
        // while the answers are read, comes after the commit: whatever must hold has to be checked by the server.
        if (Database.HasTransaction)
            batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        try
        {
            if (operations.TrueForAll(o => o.IsPreparable))
                await batch.PrepareAsync(token);
            await using (var reader = await batch.ExecuteReaderAsync(token))
            {
                var isFirst = true;
                foreach (var operation in operations.Where(o => o.ReturnsRows))
                {
                    if (!isFirst)
                        await reader.NextResultAsync(token);
                    isFirst = false;
                    await operation.ReadAsync(reader, token);
                }

                while (await reader.NextResultAsync(token))
                {
                    // With a transaction of its own or with the one that began before it, the batch has failed or succeeded only when its
                    // end has been read.
                }
            }

            if (Database.HasTransaction)
                await Database.ReleaseAsync();
        }
        catch (NpgsqlException failure)
        {
            var index = IndexOfFailed(batch);
            if (Database.HasTransaction)
                await Database.ReleaseAsync();
            if (index >= 0 && index < operations.Count && failure is PostgresException refused && await operations[index].TranslateAsync(refused, Owner) is { } translated)
                throw translated;
            var text = index >= 0 ? batch.BatchCommands[index].CommandText : operations.Count + " commands";
            throw new MartenCommandException(new NpgsqlCommand(text), failure);
        }
    }
}
