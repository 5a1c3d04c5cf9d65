using System.Globalization;
using System.Text;
using Npgsql;

namespace Marten.Sessions;

/// <summary>SQL from the caller: each placeholder becomes a numbered parameter.</summary>
internal sealed class RawSql
{
    private readonly object?[] _values;

    internal RawSql(char placeholder, string sql, object?[] values)
    {
        var text = new StringBuilder(sql.Length + 8);
        var count = 0;
        foreach (var c in sql)
        {
            if (c == placeholder)
                text.Append('$').Append((++count).ToString(CultureInfo.InvariantCulture));
            else
                text.Append(c);
        }

        if (count != values.Length)
            throw new InvalidOperationException($"The SQL has {count} placeholders and there are {values.Length} parameters: {sql}");
        Text = text.ToString();
        _values = values;
    }

    internal string Text { get; }

    internal void AddTo(NpgsqlParameterCollection parameters)
    {
        foreach (var value in _values)
            parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
    }
}

/// <summary>The caller's own command, in the session's transaction.</summary>
internal sealed class SqlCommandOperation(RawSql sql) : StorageOperation
{
    internal override bool IsPreparable => false;

    internal override NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(sql.Text);
        sql.AddTo(command.Parameters);
        return command;
    }
}
