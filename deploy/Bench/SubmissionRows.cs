using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace OtPlatform.Bench;

/// <summary>The rows that one submission has left in the store, to be written again under new ids into the copies of their tables.</summary>
internal sealed class SubmissionRows
{
    /// <summary>Every table that a submission writes to, in an order that satisfies the foreign key, with what finds its rows.</summary>
    public static readonly IReadOnlyList<(string Name, string Of)> Tables =
    [
        ("mt_streams", "id"),
        ("mt_events", "stream_id"),
        ("mt_doc_vaulttext", "owner"),
        ("mt_doc_requestersview", "id"),
        ("mt_doc_deadline", "data ->> 'streamId'"),
        ("mt_doc_idempotencykey", "consultation_id"),
    ];

    private const string Sequence = "seq_id";
    private readonly Guid _taken;
    private readonly List<(string Sql, Cell[] Cells)> _statements = [];
    private readonly List<string> _ids = [];

    private SubmissionRows(Guid taken) => _taken = taken;

    public static async Task<SubmissionRows> Read(NpgsqlDataSource store, Guid taken)
    {
        var rows = new SubmissionRows(taken);
        var read = new List<(string Table, List<string> Columns, List<Cell[]> Rows)>();
        foreach (var (name, of) in Tables)
        {
#pragma warning disable CA2100 // Our own text.
            await using var command = store.CreateCommand($"select * from ot.{name} where ({of})::text = $1");
#pragma warning restore CA2100
            command.Parameters.AddWithValue(taken.ToString());
            await using var reader = await command.ExecuteReaderAsync();
            var columns = Enumerable.Range(0, reader.FieldCount).ToList();
            var found = new List<Cell[]>();
            while (await reader.ReadAsync())
            {
                rows._ids.Add(reader.GetValue(reader.GetOrdinal("id")).ToString()!);
                found.Add([.. columns.Where(column => reader.GetName(column) != Sequence).Select(column => new Cell(reader.GetDataTypeName(column).Split('(')[0], reader.GetValue(column)))]);
            }

            read.Add((name, [.. columns.Select(reader.GetName)], found.Count > 0 ? found : throw new InvalidOperationException($"The submission has left nothing in {name}.")));
        }

        // An id that holds another one, such as a deadline's, is made anew with that one.
        rows._ids.RemoveAll(id => rows._ids.Exists(other => other != id && id.Contains(other, StringComparison.Ordinal)));
        rows._ids.RemoveAll(id => id == taken.ToString());
        foreach (var (table, columns, found) in read)
        {
            var number = 0;
            var values = found.Select(_ => $"({string.Join(", ", columns.Select(column => column == Sequence ? "nextval('bare.mt_events_sequence')" : $"${(++number).ToString(CultureInfo.InvariantCulture)}"))})").ToList();
            rows._statements.Add(($"insert into bare.{table} ({string.Join(", ", columns)}) values {string.Join(", ", values)}", [.. found.SelectMany(cells => cells).Select(rows.WithIds)]));
        }

        return rows;
    }

    /// <summary>One command for each table.</summary>
    public IEnumerable<NpgsqlBatchCommand> Under(Guid id)
    {
        var now = DateTime.UtcNow;
        var ids = _ids.ToDictionary(old => old, old => Guid.TryParse(old, out _) ? Guid.CreateVersion7().ToString() : RandomNumberGenerator.GetHexString(old.Length, lowercase: true));
        ids[_taken.ToString()] = id.ToString();
        foreach (var (sql, cells) in _statements)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var cell in cells)
            {
                command.Parameters.Add(new NpgsqlParameter { DataTypeName = cell.Type, Value = cell.Under(ids, now) });
            }

            yield return command;
        }
    }

    private Cell WithIds(Cell cell) => cell with { Ids = [.. _ids.Append(_taken.ToString()).Where(id => cell.Value is string or Guid && cell.Value.ToString()!.Contains(id, StringComparison.Ordinal))] };

    private sealed record Cell(string Type, object Value)
    {
        /// <summary>Those in it that change.</summary>
        public string[] Ids { get; init; } = [];

        public object Under(Dictionary<string, string> ids, DateTime now) => Value switch
        {
            DateTime => now,
            Guid when Ids is [var id] => Guid.Parse(ids[id], CultureInfo.InvariantCulture),
            string text => Ids.Aggregate(text, (changed, id) => changed.Replace(id, ids[id], StringComparison.Ordinal)),
            var same => same,
        };
    }
}
