using JasperFx;
using Marten.Documents;
using Npgsql;
using NpgsqlTypes;

namespace Marten.Schema;

/// <summary>
/// Creates what is missing. The catalogue is read first and without a lock, so that an ordinary start changes nothing; whoever finds
/// something missing takes an advisory lock, looks again and creates it in one transaction.
/// </summary>
internal sealed class SchemaMigrator(StoreOptions options, NpgsqlDataSource source) : IDisposable
{
    private const long MigrationLock = 0x4D54_5343_4845_4D41;
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    internal async Task ApplyAllAsync(AutoCreate allowed, CancellationToken token)
    {
        var documents = options.Mappings.Configured.ToList();
        var withEvents = options.EventSettings.IsActive;
        await CreateAsync(withEvents, documents, allowed, token);
    }

    internal Task EnsureAsync(DocumentMapping mapping, CancellationToken token) => CreateAsync(false, [mapping], options.AutoCreateSchemaObjects, token);

    internal Task EnsureEventsAsync(CancellationToken token) => CreateAsync(true, [], options.AutoCreateSchemaObjects, token);

    public void Dispose() => _oneAtATime.Dispose();

    private async Task CreateAsync(bool withEvents, IReadOnlyList<DocumentMapping> documents, AutoCreate allowed, CancellationToken token)
    {
        await _oneAtATime.WaitAsync(token);
        try
        {
            var tables = new List<Table>();
            if (withEvents)
                tables.AddRange(SchemaObjects.ForEvents(options.EventSettings));
            tables.AddRange(documents.Select(SchemaObjects.For));
            await MigrateAsync(tables, withEvents, allowed, token);
            if (withEvents)
                options.EventSettings.TablesAreKnownToExist = true;
            foreach (var mapping in documents)
                mapping.TableIsKnownToExist = true;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task MigrateAsync(List<Table> tables, bool withEvents, AutoCreate allowed, CancellationToken token)
    {
        await using var connection = await source.OpenConnectionAsync(token);
        if ((await MissingAsync(connection, tables, withEvents, allowed, token)).Count == 0)
            return;

        await using var transaction = await connection.BeginTransactionAsync(token);
        await using (var waiting = new NpgsqlCommand("select pg_advisory_xact_lock($1)", connection))
        {
            waiting.Parameters.Add(new NpgsqlParameter<long> { TypedValue = MigrationLock });
            await waiting.ExecuteNonQueryAsync(token);
        }

        foreach (var statement in await MissingAsync(connection, tables, withEvents, allowed, token))
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(token);
        }

        await transaction.CommitAsync(token);
    }

    private async Task<List<string>> MissingAsync(NpgsqlConnection connection, List<Table> tables, bool withEvents, AutoCreate allowed, CancellationToken token)
    {
        var schemas = tables.Select(t => t.Schema).Distinct(StringComparer.Ordinal).ToArray();
        var existing = await ReadCatalogueAsync(connection, schemas, token);
        var statements = new List<string>();
        statements.AddRange(schemas.Where(s => !existing.Contains(s)).Select(s => $"create schema if not exists {s}"));
        var sequence = $"{options.EventSettings.DatabaseSchemaName}.mt_events_sequence";
        if (withEvents && !existing.Contains(sequence))
            statements.Add($"create sequence {sequence}");
        foreach (var table in tables)
        {
            var isNew = !existing.Contains(table.QualifiedName);
            if (isNew)
                statements.Add(table.CreateSql);
            else if (allowed == AutoCreate.CreateOnly)
                continue;
            else
                AddMissingColumns(table, existing, statements);
            statements.AddRange(table.Indexes.Where(i => isNew || !existing.Contains($"{table.Schema}.{i.Name}")).Select(i => i.Sql));
            if (withEvents && isNew && table.Name == "mt_events")
                statements.Add($"alter sequence {sequence} owned by {table.QualifiedName}.seq_id");
        }

        return statements;
    }

    private static void AddMissingColumns(Table table, HashSet<string> existing, List<string> statements)
    {
        foreach (var column in table.Columns.Where(c => !existing.Contains($"{table.QualifiedName}.{c.Name}")))
        {
            statements.Add($"alter table {table.QualifiedName} add column {column.Name} {column.Definition}");
            if (column.FillFromJson is { } value)
                statements.Add($"update {table.QualifiedName} set {column.Name} = {value}");
        }
    }

    /// <summary>Names of schemas, of tables, indexes and sequences in them, and of columns.</summary>
    private static async Task<HashSet<string>> ReadCatalogueAsync(NpgsqlConnection connection, string[] schemas, CancellationToken token)
    {
        const string sql =
            """
            select nspname::text from pg_namespace where nspname = any($1)
            union all
            select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = any($1)
            union all
            select n.nspname || '.' || c.relname || '.' || a.attname
            from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = any($1) and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = schemas, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Name });
        await using var reader = await command.ExecuteReaderAsync(token);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(token))
            names.Add(reader.GetString(0));
        return names;
    }
}
