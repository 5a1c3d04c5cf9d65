using Npgsql;
using NpgsqlTypes;

namespace Marten.Schema;

internal sealed class DocumentCleaner(DocumentStore store) : IDocumentCleaner
{
    private StoreOptions Settings => store.Settings;

    public async Task DeleteAllDocumentsAsync(CancellationToken ct = default)
    {
        foreach (var table in await DocumentTablesAsync(ct))
            await ExecuteAsync($"truncate table {table}", ct);
    }

    public async Task DeleteDocumentsByTypeAsync(Type documentType, CancellationToken ct = default)
    {
        var mapping = Settings.Mappings.For(documentType);
        if (await ExistsAsync(mapping.QualifiedTableName, ct))
            await ExecuteAsync($"truncate table {mapping.QualifiedTableName}", ct);
    }

    public async Task CompletelyRemoveAsync(Type documentType, CancellationToken ct = default)
    {
        var mapping = Settings.Mappings.For(documentType);
        await ExecuteAsync($"drop table if exists {mapping.QualifiedTableName} cascade", ct);
        mapping.TableIsKnownToExist = false;
    }

    public async Task CompletelyRemoveAllAsync(CancellationToken ct = default)
    {
        foreach (var table in await DocumentTablesAsync(ct))
            await ExecuteAsync($"drop table if exists {table} cascade", ct);
        var sql = Settings.EventSettings.Sql;
        await ExecuteAsync($"drop table if exists {sql.Events}, {sql.Streams}, {sql.Progression} cascade", ct);
        await ExecuteAsync($"drop sequence if exists {sql.Sequence}", ct);
        Settings.EventSettings.TablesAreKnownToExist = false;
        foreach (var mapping in Settings.Mappings.All)
            mapping.TableIsKnownToExist = false;
    }

    /// <summary>The sequence goes on, so that a running daemon does not take new events for old ones.</summary>
    public async Task DeleteAllEventDataAsync(CancellationToken ct = default)
    {
        var sql = Settings.EventSettings.Sql;
        if (!await ExistsAsync(sql.Events, ct))
            return;
        await ExecuteAsync($"truncate table {sql.Events}, {sql.Streams} cascade; delete from {sql.Progression}", ct);
    }

    public Task DeleteSingleEventStreamAsync(Guid streamId, string? tenantId = default, CancellationToken ct = default) => DeleteStreamAsync(NpgsqlDbType.Uuid, streamId, ct);

    public Task DeleteSingleEventStreamAsync(string streamId, string? tenantId = default, CancellationToken ct = default) => DeleteStreamAsync(NpgsqlDbType.Varchar, streamId, ct);

    private async Task DeleteStreamAsync(NpgsqlDbType type, object id, CancellationToken ct)
    {
        var sql = Settings.EventSettings.Sql;
        await using var command = store.DataSource.CreateCommand($"with e as (delete from {sql.Events} where stream_id = $1) delete from {sql.Streams} where id = $1");
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = id });
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task<bool> ExistsAsync(string table, CancellationToken ct)
    {
        await using var command = store.DataSource.CreateCommand("select to_regclass($1) is not null");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = table });
        return await command.ExecuteScalarAsync(ct) is true;
    }

    private async Task<List<string>> DocumentTablesAsync(CancellationToken ct)
    {
        await using var command = store.DataSource.CreateCommand(
            """select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'r' and c.relname like 'mt\_doc\_%'""");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Settings.DatabaseSchemaName });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var tables = new List<string>();
        while (await reader.ReadAsync(ct))
            tables.Add(reader.GetString(0));
        return tables;
    }

    private async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using var command = store.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(ct);
    }
}
