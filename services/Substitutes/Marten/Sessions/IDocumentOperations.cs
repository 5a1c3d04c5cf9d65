using Marten.Events;

namespace Marten;

/// <summary>Reads, and queues writes until they are committed together.</summary>
public interface IDocumentOperations : IQuerySession
{
    new IEventStoreOperations Events { get; }

    void Delete<T>(T entity)
        where T : notnull;

    void Delete<T>(int id)
        where T : notnull;

    void Delete<T>(long id)
        where T : notnull;

    void Delete<T>(object id)
        where T : notnull;

    void Delete<T>(Guid id)
        where T : notnull;

    void Delete<T>(string id)
        where T : notnull;

    /// <summary>Inserts or overwrites.</summary>
    void Store<T>(IEnumerable<T> entities)
        where T : notnull;

    void Store<T>(params T[] entities)
        where T : notnull;

    /// <summary>Fails when the stored version is not this one.</summary>
    void UpdateExpectedVersion<T>(T entity, Guid version)
        where T : notnull;

    /// <summary>Writes this as the new revision; fails when the stored one is not lower.</summary>
    void UpdateRevision<T>(T entity, long revision)
        where T : notnull;

    /// <summary>Writes this as the new revision; does nothing when the stored one is not lower.</summary>
    void TryUpdateRevision<T>(T entity, long revision)
        where T : notnull;

    /// <summary>Fails when the document exists.</summary>
    void Insert<T>(IEnumerable<T> entities)
        where T : notnull;

    void Insert<T>(params T[] entities)
        where T : notnull;

    /// <summary>Fails when the document does not exist.</summary>
    void Update<T>(IEnumerable<T> entities)
        where T : notnull;

    void Update<T>(params T[] entities)
        where T : notnull;

    /// <summary>Any SQL, with ? for each parameter, in the same transaction.</summary>
    void QueueSqlCommand(string sql, params object[] parameterValues);

    void QueueSqlCommand(char placeholder, string sql, params object[] parameterValues);
}
