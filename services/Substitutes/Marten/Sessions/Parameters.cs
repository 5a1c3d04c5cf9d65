using Npgsql;
using NpgsqlTypes;

namespace Marten.Sessions;

internal static class Parameters
{
    internal static NpgsqlParameterCollection With<T>(this NpgsqlParameterCollection parameters, NpgsqlDbType type, T value)
    {
        parameters.Add(value is null
            ? new NpgsqlParameter { NpgsqlDbType = type, Value = DBNull.Value }
            : new NpgsqlParameter<T> { NpgsqlDbType = type, TypedValue = value });
        return parameters;
    }

    internal static NpgsqlParameterCollection WithObject(this NpgsqlParameterCollection parameters, NpgsqlDbType type, object? value)
    {
        parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
        return parameters;
    }
}
