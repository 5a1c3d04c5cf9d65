namespace Marten.Sessions;

internal sealed class AdvancedSql(QuerySession session) : IAdvancedSql
{
    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, CancellationToken token, params object[] parameters) => QueryAsync<T>('?', sql, token, parameters);

    public async Task<IReadOnlyList<T>> QueryAsync<T>(char placeholder, string sql, CancellationToken token, params object[] parameters)
    {
        var rows = await ReaderAsync<T>(token);
        return await session.ReadAllAsync(new RawSql(placeholder, sql, parameters), rows.ReadAdvanced, token);
    }

    public Task<IReadOnlyList<(T1, T2)>> QueryAsync<T1, T2>(string sql, CancellationToken token, params object[] parameters) => QueryAsync<T1, T2>('?', sql, token, parameters);

    public async Task<IReadOnlyList<(T1, T2)>> QueryAsync<T1, T2>(char placeholder, string sql, CancellationToken token, params object[] parameters)
    {
        var (first, second) = (await ReaderAsync<T1>(token), await ReaderAsync<T2>(token));
        return await session.ReadAllAsync(
            new RawSql(placeholder, sql, parameters),
            reader => (first.ReadFromRow(reader, 0), second.ReadFromRow(reader, 1)),
            token);
    }

    public Task<IReadOnlyList<(T1, T2, T3)>> QueryAsync<T1, T2, T3>(string sql, CancellationToken token, params object[] parameters) => QueryAsync<T1, T2, T3>('?', sql, token, parameters);

    public async Task<IReadOnlyList<(T1, T2, T3)>> QueryAsync<T1, T2, T3>(char placeholder, string sql, CancellationToken token, params object[] parameters)
    {
        var (first, second, third) = (await ReaderAsync<T1>(token), await ReaderAsync<T2>(token), await ReaderAsync<T3>(token));
        return await session.ReadAllAsync(
            new RawSql(placeholder, sql, parameters),
            reader => (first.ReadFromRow(reader, 0), second.ReadFromRow(reader, 1), third.ReadFromRow(reader, 2)),
            token);
    }

    private async ValueTask<RowReader<T>> ReaderAsync<T>(CancellationToken token)
    {
        var reader = RowReader<T>.For(session);
        if (reader.Mapping is { IsConfigured: true } mapping)
            await session.Owner.EnsureDocumentTableAsync(mapping, token);
        return reader;
    }
}
