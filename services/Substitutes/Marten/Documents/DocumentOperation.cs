using JasperFx;
using Marten.Exceptions;
using Marten.Sessions;
using Npgsql;
using NpgsqlTypes;

namespace Marten.Documents;

internal enum DocumentWrite
{
    Store,
    Insert,
    Update,
    UpdateExpectedVersion,
    UpdateRevision,
    TryUpdateRevision,
}

/// <summary>Writes one document.</summary>
internal sealed class DocumentOperation : StorageOperation
{
    private readonly DocumentMapping _mapping;
    private readonly VersionTracker _versions;
    private readonly Guid? _expected;
    private readonly long _revision;
    private readonly Guid _newVersion = Guid.CreateVersion7();

    internal DocumentOperation(DocumentMapping mapping, DocumentWrite write, object document, VersionTracker versions, Guid? expected = null, long revision = 1)
    {
        _mapping = mapping;
        _versions = versions;
        _revision = revision;
        Document = document;
        Id = mapping.IdOf(document);
        Write = write;
        _expected = expected;
        if (mapping.UseOptimisticConcurrency && write is DocumentWrite.Store or DocumentWrite.Update)
            _expected = versions.Find(mapping.Type, Id);
    }

    internal object Document { get; }

    internal object Id { get; }

    internal DocumentWrite Write { get; }

    internal override DocumentMapping Mapping => _mapping;

    internal override bool ReturnsRows => Sql() is { Checked: true };

    /// <summary>Whether the statement is one that takes several rows as well, and answers nothing.</summary>
    internal bool IsJoinable => Write is DocumentWrite.Insert || (Write is DocumentWrite.Store && ReferenceEquals(Sql().Text, _mapping.Sql.Upsert));

    internal override NpgsqlBatchCommand ToCommand()
    {
        var (text, _) = Sql();
        var command = new NpgsqlBatchCommand(text);
        AddTo(command.Parameters);
        if (ReferenceEquals(text, _mapping.Sql.UpdateExpected))
            command.Parameters.With(NpgsqlDbType.Uuid, _expected ?? Guid.Empty);
        return command;
    }

    internal void AddTo(NpgsqlParameterCollection parameters)
    {
        var serializer = _mapping.Serializer;
        parameters
            .WithObject(_mapping.IdDbType, Id)
            .With(NpgsqlDbType.Jsonb, serializer.ToJson(Document))
            .With(NpgsqlDbType.Varchar, Document.GetType().FullName);
        if (_mapping.UseNumericRevisions)
            parameters.With(NpgsqlDbType.Bigint, _revision);
        else
            parameters.With(NpgsqlDbType.Uuid, _newVersion);
        foreach (var field in _mapping.DuplicatedFields)
            parameters.WithObject(field.DbType(serializer), field.Value(Document, serializer));
    }

    internal override ValueTask<Exception?> TranslateAsync(PostgresException failure, DocumentStore store) =>
        ValueTask.FromResult<Exception?>(failure.SqlState switch
        {
            CheckFailed when Write == DocumentWrite.Update && !_mapping.UseOptimisticConcurrency => new NonExistentDocumentException(_mapping.Type, Id),
            CheckFailed => new ConcurrencyException(_mapping.Type, Id),
            PostgresErrorCodes.UniqueViolation when failure.ConstraintName == _mapping.PrimaryKeyName =>
                Write == DocumentWrite.Insert ? new DocumentAlreadyExistsException(failure, _mapping.Type, Id) : new ConcurrencyException(_mapping.Type, Id),
            _ => null,
        });

    internal override void AfterCommit()
    {
        if (_mapping.UseOptimisticConcurrency)
            _versions.Remember(_mapping.Type, Id, _newVersion);
    }

    private (string Text, bool Checked) Sql()
    {
        var sql = _mapping.Sql;
        return Write switch
        {
            DocumentWrite.Insert => (sql.Insert, false),
            DocumentWrite.UpdateRevision => (sql.UpsertRevision, true),
            DocumentWrite.TryUpdateRevision => (sql.TryUpsertRevision, false),
            DocumentWrite.UpdateExpectedVersion => (sql.UpdateExpected, true),
            DocumentWrite.Store when _mapping.UseOptimisticConcurrency => _expected is null ? (sql.Insert, false) : (sql.UpdateExpected, true),
            DocumentWrite.Update when _mapping.UseOptimisticConcurrency => (sql.UpdateExpected, true),
            DocumentWrite.Update => (sql.Update, true),
            _ => (sql.Upsert, false),
        };
    }
}

/// <summary>Writes several documents of one type in one statement: all are inserted, or all are stored whether they are there or not.</summary>
internal sealed class WriteManyOperation(IReadOnlyList<DocumentOperation> parts) : StorageOperation
{
    /// <summary>Each number of rows is a statement of its own, to be prepared on each connection.</summary>
    private const int Most = 16;

    internal override DocumentMapping Mapping => parts[0].Mapping;

    /// <summary>
    /// The same operations, those put together that write documents of one type in the same way. Only writes of other documents come
    /// between what is put together: nothing passes any other operation, nor another write of the same document.
    /// </summary>
    internal static IEnumerable<StorageOperation> Joined(IReadOnlyList<StorageOperation> operations)
    {
        var groups = new List<List<DocumentOperation>>();
        var written = new HashSet<(DocumentMapping, object)>();
        foreach (var operation in operations)
        {
            var joinable = operation is DocumentOperation { IsJoinable: true } write ? write : null;
            if (joinable is null || !written.Add((joinable.Mapping, joinable.Id)))
            {
                foreach (var group in groups)
                    yield return Of(group);
                groups.Clear();
                written.Clear();
            }

            if (joinable is null)
            {
                yield return operation;
                continue;
            }

            written.Add((joinable.Mapping, joinable.Id));
            if (groups.Find(group => group.Count < Most && group[0].Mapping == joinable.Mapping && group[0].Write == joinable.Write) is { } open)
                open.Add(joinable);
            else
                groups.Add([joinable]);
        }

        foreach (var group in groups)
            yield return Of(group);
    }

    internal override NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(parts[0].Write == DocumentWrite.Insert ? Mapping.Sql.InsertMany(parts.Count) : Mapping.Sql.UpsertMany(parts.Count));
        foreach (var part in parts)
            part.AddTo(command.Parameters);
        return command;
    }

    private static StorageOperation Of(List<DocumentOperation> group) => group.Count == 1 ? group[0] : new WriteManyOperation(group);

    internal override async ValueTask<Exception?> TranslateAsync(PostgresException failure, DocumentStore store)
    {
        if (failure.SqlState != PostgresErrorCodes.UniqueViolation || failure.ConstraintName != Mapping.PrimaryKeyName)
            return await parts[0].TranslateAsync(failure, store);
        await using var session = store.OpenSession();
        foreach (var part in parts)
        {
            if (await session.HasAsync(Mapping, part.Id))
                return await part.TranslateAsync(failure, store);
        }

        // None is stored, so two of them have the same id.
        return await parts.GroupBy(part => part.Id).OrderByDescending(same => same.Count()).First().First().TranslateAsync(failure, store);
    }

    internal override void AfterCommit()
    {
        foreach (var part in parts)
            part.AfterCommit();
    }
}

/// <summary>Removes one document.</summary>
internal sealed class DeleteOperation(DocumentMapping mapping, object id) : StorageOperation
{
    internal override DocumentMapping Mapping => mapping;

    internal override NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(mapping.Sql.Delete);
        command.Parameters.WithObject(mapping.IdDbType, id);
        return command;
    }
}

/// <summary>Which versions of documents this session has seen.</summary>
internal sealed class VersionTracker
{
    private readonly Dictionary<(Type Type, object Id), Guid> _seen = [];

    internal Guid? Find(Type type, object id) => _seen.TryGetValue((type, id), out var version) ? version : null;

    internal void Remember(Type type, object id, Guid version) => _seen[(type, id)] = version;
}
