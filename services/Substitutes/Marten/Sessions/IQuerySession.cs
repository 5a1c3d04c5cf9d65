using System.Diagnostics.CodeAnalysis;
using Marten.Events;
using Npgsql;

namespace Marten;

/// <summary>Reads documents and events.</summary>
[SuppressMessage("Design", "CA1068", Justification = "The order of the package's own signatures.")]
public interface IQuerySession : IDisposable, IAsyncDisposable
{
    /// <summary>The session's connection; asking for it keeps one open until the session ends.</summary>
    NpgsqlConnection Connection { get; }

    IDocumentStore DocumentStore { get; }

    IQueryEventStore Events { get; }

    string? CausationId { get; set; }

    string? CorrelationId { get; set; }

    string TenantId { get; }

    IAdvancedSql AdvancedSql { get; }

    Task<bool> CheckExistsAsync<T>(string id, CancellationToken token = default)
        where T : notnull;

    Task<bool> CheckExistsAsync<T>(int id, CancellationToken token = default)
        where T : notnull;

    Task<bool> CheckExistsAsync<T>(long id, CancellationToken token = default)
        where T : notnull;

    Task<bool> CheckExistsAsync<T>(Guid id, CancellationToken token = default)
        where T : notnull;

    Task<bool> CheckExistsAsync<T>(object id, CancellationToken token = default)
        where T : notnull;

    Task<T?> LoadAsync<T>(string id, CancellationToken token = default)
        where T : notnull;

    Task<T?> LoadAsync<T>(object id, CancellationToken token = default)
        where T : notnull;

    Task<T?> LoadAsync<T>(int id, CancellationToken token = default)
        where T : notnull;

    Task<T?> LoadAsync<T>(long id, CancellationToken token = default)
        where T : notnull;

    Task<T?> LoadAsync<T>(Guid id, CancellationToken token = default)
        where T : notnull;

    /// <summary>
    /// Raw SQL with ? for each parameter. What begins with select or with runs as it is and its first column is read;
    /// anything else is the rest of a query on the document's table, which is called d.
    /// </summary>
    Task<IReadOnlyList<T>> QueryAsync<T>(string sql, CancellationToken token, params object[] parameters);

    Task<IReadOnlyList<T>> QueryAsync<T>(char placeholder, string sql, CancellationToken token, params object[] parameters);

    Task<IReadOnlyList<T>> QueryAsync<T>(string sql, params object[] parameters);

    Task<IReadOnlyList<T>> QueryAsync<T>(char placeholder, string sql, params object[] parameters);

    Task<IReadOnlyList<T>> LoadManyAsync<T>(params string[] ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(IEnumerable<string> ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(params Guid[] ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(IEnumerable<Guid> ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(params int[] ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(IEnumerable<int> ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(params long[] ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(IEnumerable<long> ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, params string[] ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, IEnumerable<string> ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, params Guid[] ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, IEnumerable<Guid> ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, params int[] ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, IEnumerable<int> ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, params long[] ids)
        where T : notnull;

    Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, IEnumerable<long> ids)
        where T : notnull;
}
