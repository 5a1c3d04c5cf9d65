using System.Data;
using System.Diagnostics;
using Marten.Documents;
using Marten.Events;
using Marten.Exceptions;
using Npgsql;
using NpgsqlTypes;

namespace Marten.Sessions;

/// <summary>The reading half of a session.</summary>
internal class QuerySession : IQuerySession
{
    private QueryEventStore? _events;
    private AdvancedSql? _advancedSql;

    internal QuerySession(DocumentStore store, IsolationLevel isolation)
    {
        Owner = store;
        Database = new SessionConnection(store.DataSource, isolation);
        CorrelationId = Activity.Current?.RootId;
        CausationId = Activity.Current?.ParentId;
    }

    public virtual NpgsqlConnection Connection => Database.Hold(withTransaction: false);

    public IDocumentStore DocumentStore => Owner;

    public IQueryEventStore Events => _events ??= new QueryEventStore(this);

    public string? CausationId { get; set; }

    public string? CorrelationId { get; set; }

    public string TenantId => EventNaming.DefaultTenant;

    public IAdvancedSql AdvancedSql => _advancedSql ??= new AdvancedSql(this);

    internal DocumentStore Owner { get; }

    internal SessionConnection Database { get; }

    internal VersionTracker Versions { get; } = new();

    internal virtual int DocumentColumnInRow => 0;

    public Task<bool> CheckExistsAsync<T>(string id, CancellationToken token = default)
        where T : notnull => ExistsAsync<T>(id, token);

    public Task<bool> CheckExistsAsync<T>(int id, CancellationToken token = default)
        where T : notnull => ExistsAsync<T>(id, token);

    public Task<bool> CheckExistsAsync<T>(long id, CancellationToken token = default)
        where T : notnull => ExistsAsync<T>(id, token);

    public Task<bool> CheckExistsAsync<T>(Guid id, CancellationToken token = default)
        where T : notnull => ExistsAsync<T>(id, token);

    public Task<bool> CheckExistsAsync<T>(object id, CancellationToken token = default)
        where T : notnull => ExistsAsync<T>(id, token);

    public Task<T?> LoadAsync<T>(string id, CancellationToken token = default)
        where T : notnull => FindAsync<T>(id, token);

    public Task<T?> LoadAsync<T>(object id, CancellationToken token = default)
        where T : notnull => FindAsync<T>(id, token);

    public Task<T?> LoadAsync<T>(int id, CancellationToken token = default)
        where T : notnull => FindAsync<T>(id, token);

    public Task<T?> LoadAsync<T>(long id, CancellationToken token = default)
        where T : notnull => FindAsync<T>(id, token);

    public Task<T?> LoadAsync<T>(Guid id, CancellationToken token = default)
        where T : notnull => FindAsync<T>(id, token);

    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, CancellationToken token, params object[] parameters) => QueryAsync<T>('?', sql, token, parameters);

    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, params object[] parameters) => QueryAsync<T>('?', sql, CancellationToken.None, parameters);

    public Task<IReadOnlyList<T>> QueryAsync<T>(char placeholder, string sql, params object[] parameters) => QueryAsync<T>(placeholder, sql, CancellationToken.None, parameters);

    public async Task<IReadOnlyList<T>> QueryAsync<T>(char placeholder, string sql, CancellationToken token, params object[] parameters)
    {
        var reader = RowReader<T>.For(this);
        if (reader.Mapping is { } mapping)
            await Owner.EnsureDocumentTableAsync(mapping, token);
        return await ReadAllAsync(new RawSql(placeholder, Complete(sql, typeof(T), reader.Mapping), parameters), reader.ReadNamed, token);
    }

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(params string[] ids)
        where T : notnull => FindManyAsync<T, string>(ids, CancellationToken.None);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(IEnumerable<string> ids)
        where T : notnull => FindManyAsync<T, string>([.. ids], CancellationToken.None);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(params Guid[] ids)
        where T : notnull => FindManyAsync<T, Guid>(ids, CancellationToken.None);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(IEnumerable<Guid> ids)
        where T : notnull => FindManyAsync<T, Guid>([.. ids], CancellationToken.None);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(params int[] ids)
        where T : notnull => FindManyAsync<T, int>(ids, CancellationToken.None);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(IEnumerable<int> ids)
        where T : notnull => FindManyAsync<T, int>([.. ids], CancellationToken.None);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(params long[] ids)
        where T : notnull => FindManyAsync<T, long>(ids, CancellationToken.None);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(IEnumerable<long> ids)
        where T : notnull => FindManyAsync<T, long>([.. ids], CancellationToken.None);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, params string[] ids)
        where T : notnull => FindManyAsync<T, string>(ids, token);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, IEnumerable<string> ids)
        where T : notnull => FindManyAsync<T, string>([.. ids], token);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, params Guid[] ids)
        where T : notnull => FindManyAsync<T, Guid>(ids, token);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, IEnumerable<Guid> ids)
        where T : notnull => FindManyAsync<T, Guid>([.. ids], token);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, params int[] ids)
        where T : notnull => FindManyAsync<T, int>(ids, token);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, IEnumerable<int> ids)
        where T : notnull => FindManyAsync<T, int>([.. ids], token);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, params long[] ids)
        where T : notnull => FindManyAsync<T, long>(ids, token);

    public Task<IReadOnlyList<T>> LoadManyAsync<T>(CancellationToken token, IEnumerable<long> ids)
        where T : notnull => FindManyAsync<T, long>([.. ids], token);

    public void Dispose()
    {
        Database.Dispose();
        GC.SuppressFinalize(this);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs a statement of our own, prepared, and hands over its reader.</summary>
    internal async Task<TResult> ExecuteAsync<TResult>(
        string sql,
        Action<NpgsqlParameterCollection> bind,
        Func<NpgsqlDataReader, Task<TResult>> read,
        CancellationToken token,
        bool prepare = true)
    {
        await using var lease = await Database.RentAsync(token);
        await using var command = new NpgsqlCommand(sql, lease.Connection);
        bind(command.Parameters);
        try
        {
            if (prepare)
                await command.PrepareAsync(token);
            await using var reader = await command.ExecuteReaderAsync(token);
            return await read(reader);
        }
        catch (NpgsqlException failure)
        {
            throw new MartenCommandException(new NpgsqlCommand(sql), failure);
        }
    }

    internal Task<IReadOnlyList<T>> ReadAllAsync<T>(RawSql sql, Func<NpgsqlDataReader, T> read, CancellationToken token) =>
        ExecuteAsync(sql.Text, sql.AddTo, reader => ReadRowsAsync(reader, read, token), token, prepare: false);

    internal static async Task<IReadOnlyList<T>> ReadRowsAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken token)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(token))
            rows.Add(read(reader));
        return rows;
    }

    internal Task<bool> HasAsync(DocumentMapping mapping, object id, CancellationToken token = default) => ExecuteAsync(
        mapping.Sql.Exists,
        p => p.WithObject(mapping.IdDbType, id),
        async reader => await reader.ReadAsync(token) && reader.GetBoolean(0),
        token);

    internal T ReadDocument<T>(NpgsqlDataReader reader, DocumentMapping mapping, int dataColumn)
    {
        var document = mapping.Serializer.FromJson<T>(reader.GetFieldValue<byte[]>(dataColumn));
        if (mapping.UseOptimisticConcurrency && reader.FieldCount > dataColumn + 1)
            Versions.Remember(mapping.Type, mapping.IdOf(document!), reader.GetGuid(dataColumn + 1));
        return document;
    }

    protected virtual void DocumentWasLoaded(object id, object document)
    {
    }

    private static string Complete(string sql, Type type, DocumentMapping? mapping)
    {
        var text = sql.TrimStart();
        if (StartsWith(text, "select") || StartsWith(text, "with"))
            return sql;
        if (mapping is null)
            throw new ArgumentException($"A query for {type.Name}, which is no document, must begin with select: {sql}", nameof(sql));
        var needsWhere = text.Length > 0 && !StartsWith(text, "where") && !StartsWith(text, "order") && !StartsWith(text, "limit") && !StartsWith(text, "for");
        return $"{mapping.Sql.Select} {(needsWhere ? "where " : "")}{text}";
    }

    private static bool StartsWith(string sql, string word) =>
        sql.StartsWith(word, StringComparison.OrdinalIgnoreCase) && (sql.Length == word.Length || char.IsWhiteSpace(sql[word.Length]));

    private async Task<bool> ExistsAsync<T>(object id, CancellationToken token)
    {
        var mapping = await MappingAsync<T>(token);
        return await HasAsync(mapping, mapping.Normalise(id), token);
    }

    private async Task<T?> FindAsync<T>(object id, CancellationToken token)
        where T : notnull
    {
        var mapping = await MappingAsync<T>(token);
        var key = mapping.Normalise(id);
        var found = await ExecuteAsync(
            mapping.Sql.Load,
            p => p.WithObject(mapping.IdDbType, key),
            async reader => await reader.ReadAsync(token) ? ReadDocument<T>(reader, mapping, 0) : default,
            token);
        if (found is not null)
            DocumentWasLoaded(key, found);
        return found;
    }

    private async Task<IReadOnlyList<T>> FindManyAsync<T, TId>(TId[] ids, CancellationToken token)
        where T : notnull
    {
        var mapping = await MappingAsync<T>(token);
        return await ExecuteAsync(
            mapping.Sql.LoadMany,
            p => p.With(NpgsqlDbType.Array | mapping.IdDbType, ids),
            reader => ReadRowsAsync(reader, row => ReadDocument<T>(row, mapping, 0), token),
            token);
    }

    private async ValueTask<DocumentMapping> MappingAsync<T>(CancellationToken token)
    {
        var mapping = Owner.Settings.Mappings.For(typeof(T));
        await Owner.EnsureDocumentTableAsync(mapping, token);
        return mapping;
    }
}
