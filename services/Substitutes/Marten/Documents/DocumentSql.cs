using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Marten.Documents;

/// <summary>The statements of one document table. A check that fails divides by zero, which rolls the whole batch back.</summary>
internal sealed class DocumentSql
{
    private readonly ConcurrentDictionary<int, string> _insertMany = [];
    private readonly ConcurrentDictionary<int, string> _upsertMany = [];
    private readonly string _onConflict;

    internal DocumentSql(DocumentMapping mapping)
    {
        var table = mapping.QualifiedTableName;
        var fields = mapping.DuplicatedFields;
        var columns = string.Concat(fields.Select(f => $", {f.Column}"));
        var values = string.Concat(fields.Select((_, i) => $", ${i + 5}"));
        var setFields = string.Concat(fields.Select((f, i) => $", {f.Column} = ${i + 5}"));
        var setExcluded = string.Concat(fields.Select(f => $", {f.Column} = excluded.{f.Column}"));

        Insert =
            $"""
            insert into {table} (id, data, mt_dotnet_type, mt_version, mt_last_modified{columns})
            values ($1, $2, $3, $4, transaction_timestamp(){values})
            """;
        Parameters = 4 + fields.Count;
        const string setBase = "data = excluded.data, mt_dotnet_type = excluded.mt_dotnet_type, mt_last_modified = excluded.mt_last_modified";
        var newVersion = mapping.UseNumericRevisions ? $"{mapping.TableName}.mt_version + 1" : "excluded.mt_version";
        _onConflict = $" on conflict (id) do update set {setBase}, mt_version = {newVersion}{setExcluded}";
        Upsert = Insert + _onConflict;
        var ifNewer = $"{Insert} on conflict (id) do update set {setBase}, mt_version = excluded.mt_version{setExcluded} where {mapping.TableName}.mt_version < excluded.mt_version";
        TryUpsertRevision = ifNewer;
        UpsertRevision = Checked($"{ifNewer} returning 1");

        var update = $"update {table} set data = $2, mt_dotnet_type = $3, mt_last_modified = transaction_timestamp(), mt_version = {(mapping.UseNumericRevisions ? "mt_version + 1" : "$4")}{setFields} where id = $1";
        Update = Checked($"{update} returning 1");
        UpdateExpected = Checked($"{update} and mt_version = ${fields.Count + 5} returning 1");
        Delete = $"delete from {table} where id = $1";
        ReadColumns = mapping.UseOptimisticConcurrency ? "d.data, d.mt_version" : "d.data";
        Select = $"select {ReadColumns} from {table} as d";
        Load = $"{Select} where d.id = $1";
        LoadMany = $"{Select} where d.id = any($1)";
        Exists = $"select exists(select 1 from {table} where id = $1)";
    }

    internal string Insert { get; }

    /// <summary>How many parameters <see cref="Insert"/> has.</summary>
    internal int Parameters { get; }

    internal string Upsert { get; }

    internal string UpsertRevision { get; }

    internal string TryUpsertRevision { get; }

    internal string Update { get; }

    internal string UpdateExpected { get; }

    internal string Delete { get; }

    internal string ReadColumns { get; }

    internal string Select { get; }

    internal string Load { get; }

    internal string LoadMany { get; }

    internal string Exists { get; }

    /// <summary>The insert of several rows.</summary>
    internal string InsertMany(int rows) => _insertMany.GetOrAdd(rows, InsertOf);

    /// <summary>The upsert of several rows, each with an id of its own.</summary>
    internal string UpsertMany(int rows) => _upsertMany.GetOrAdd(rows, static (rows, sql) => sql.InsertOf(rows) + sql._onConflict, this);

    private string InsertOf(int rows)
    {
        var text = new StringBuilder(Insert);
        for (var row = 1; row < rows; row++)
        {
            var first = row * Parameters;
            text.Append(CultureInfo.InvariantCulture, $", (${first + 1}, ${first + 2}, ${first + 3}, ${first + 4}, transaction_timestamp()");
            for (var field = 5; field <= Parameters; field++)
                text.Append(CultureInfo.InvariantCulture, $", ${first + field}");
            text.Append(')');
        }

        return text.ToString();
    }

    private static string Checked(string statement) => $"with w as ({statement}) select 1 / count(*) from w";
}
