using Marten.Documents;
using Npgsql;

namespace Marten.Sessions;

/// <summary>How a row of raw SQL becomes a T: a scalar, a document or any other JSON.</summary>
internal sealed class RowReader<T>
{
    private readonly QuerySession _session;
    private readonly bool _isScalar;

    private RowReader(QuerySession session, bool isScalar, DocumentMapping? mapping)
    {
        _session = session;
        _isScalar = isScalar;
        Mapping = mapping;
    }

    internal DocumentMapping? Mapping { get; }

    internal static RowReader<T> For(QuerySession session)
    {
        var type = typeof(T);
        if (DbTypes.IsMapped(type) || type.IsEnum)
            return new RowReader<T>(session, isScalar: true, null);
        return new RowReader<T>(session, isScalar: false, DocumentMapping.HasIdentity(type, session.Owner.Settings) ? session.Owner.Settings.Mappings.For(type) : null);
    }

    internal T ReadNamed(NpgsqlDataReader reader) => Read(reader, reader.FieldCount == 1 ? 0 : DataColumn(reader));

    internal T ReadAdvanced(NpgsqlDataReader reader) =>
        Read(reader, Mapping is null ? 0 : DataColumn(reader));

    internal T ReadFromRow(NpgsqlDataReader reader, int column)
    {
        if (reader.IsDBNull(column))
            return default!;
        var row = reader.GetFieldValue<object?[]>(column);
        var value = row[Mapping is null || row.Length == 1 ? 0 : _session.DocumentColumnInRow];
        return value switch
        {
            null or DBNull => default!,
            string json when !_isScalar => _session.Owner.Settings.Serializer.FromJson<T>(json),
            T exact => exact,
            _ => (T)Convert.ChangeType(value, Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T), System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    private static int DataColumn(NpgsqlDataReader reader)
    {
        for (var i = 0; i < reader.FieldCount; i++)
        {
            if (reader.GetName(i) == "data")
                return i;
        }

        return 0;
    }

    private T Read(NpgsqlDataReader reader, int column)
    {
        if (reader.IsDBNull(column))
            return default!;
        if (_isScalar)
            return typeof(T).IsEnum ? (T)Enum.ToObject(typeof(T), reader.GetInt64(column)) : reader.GetFieldValue<T>(column);
        return Mapping is null
            ? _session.Owner.Settings.Serializer.FromJson<T>(reader.GetFieldValue<byte[]>(column))
            : _session.ReadDocument<T>(reader, Mapping, column);
    }
}
