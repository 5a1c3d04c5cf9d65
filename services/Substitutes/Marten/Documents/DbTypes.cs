using NpgsqlTypes;
using Weasel.Core;

namespace Marten.Documents;

/// <summary>Which PostgreSQL type a .NET type is kept in.</summary>
internal static class DbTypes
{
    private static readonly Dictionary<Type, (string Name, NpgsqlDbType DbType)> Simple = new()
    {
        [typeof(string)] = ("varchar", NpgsqlDbType.Varchar),
        [typeof(Guid)] = ("uuid", NpgsqlDbType.Uuid),
        [typeof(bool)] = ("boolean", NpgsqlDbType.Boolean),
        [typeof(short)] = ("smallint", NpgsqlDbType.Smallint),
        [typeof(int)] = ("integer", NpgsqlDbType.Integer),
        [typeof(long)] = ("bigint", NpgsqlDbType.Bigint),
        [typeof(double)] = ("double precision", NpgsqlDbType.Double),
        [typeof(float)] = ("real", NpgsqlDbType.Real),
        [typeof(decimal)] = ("numeric", NpgsqlDbType.Numeric),
        [typeof(DateTime)] = ("timestamp without time zone", NpgsqlDbType.Timestamp),
        [typeof(DateTimeOffset)] = ("timestamp with time zone", NpgsqlDbType.TimestampTz),
        [typeof(DateOnly)] = ("date", NpgsqlDbType.Date),
        [typeof(TimeOnly)] = ("time without time zone", NpgsqlDbType.Time),
        [typeof(TimeSpan)] = ("interval", NpgsqlDbType.Interval),
        [typeof(byte[])] = ("bytea", NpgsqlDbType.Bytea),
    };

    internal static bool IsMapped(Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return Simple.ContainsKey(bare) || (bare.IsArray && bare.GetElementType() is { } element && Simple.ContainsKey(element));
    }

    internal static (string Name, NpgsqlDbType DbType) For(Type type, EnumStorage enums)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        if (bare.IsEnum)
            return enums == EnumStorage.AsString ? Simple[typeof(string)] : Simple[typeof(int)];
        return Simple.TryGetValue(bare, out var found) ? found : ("jsonb", NpgsqlDbType.Jsonb);
    }
}
