using Npgsql;

namespace OtPlatform.Testing;

/// <summary>Looks for words in every row of every table of a database, as its dump would show them; bytes also as the text that they may be.</summary>
public static class StoredText
{
    /// <summary>Whether any of the words stands anywhere.</summary>
    public static async Task<bool> Has(string database, params string[] words) => (await Found(database, words)).Count > 0;

    /// <summary>Which of the words stand where, as <c>table: word</c>.</summary>
    public static async Task<IReadOnlyList<string>> Found(string database, IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        await using var store = NpgsqlDataSource.Create(database);
        var tables = new List<(string Name, IReadOnlyList<string> Bytes)>();
        await using (var list = store.CreateCommand(
            """
            select format('%I.%I', t.schemaname, t.tablename), coalesce(array_agg(quote_ident(c.column_name)) filter (where c.data_type = 'bytea'), '{}')
            from pg_tables t join information_schema.columns c on c.table_schema = t.schemaname and c.table_name = t.tablename
            where t.schemaname not in ('pg_catalog', 'information_schema') group by 1
            """))
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add((reader.GetString(0), reader.GetFieldValue<string[]>(1)));
            }
        }

        Assert.That(tables, Is.Not.Empty);
        var found = new List<string>();
        foreach (var (table, bytes) in tables)
        {
            // encode(…, 'escape') leaves what is plain text in the bytes readable.
            var row = string.Join(" || ' ' || ", bytes.Select(column => $"coalesce(encode(t.{column}, 'escape'), '')").Prepend("t::text"));
#pragma warning disable CA2100 // The names come from the catalogue of the database itself.
            await using var search = store.CreateCommand($"select distinct word from {table} t, unnest($1) word where position(word in {row}) > 0");
#pragma warning restore CA2100
            search.Parameters.AddWithValue(words.ToArray());
            await using var reader = await search.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                found.Add($"{table}: {reader.GetString(0)}");
            }
        }

        return found;
    }
}
