using Npgsql;

namespace OtPlatform.Local;

/// <summary>Creates and drops databases on a server named by a connection string without one.</summary>
public static class Databases
{
    /// <summary>The connection string to one database of the server.</summary>
    public static string On(string server, string name) => new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;

    /// <summary>Creates the database unless it is there; its connection string.</summary>
    public static async Task<string> Ensure(string server, string name, CancellationToken cancellation = default)
    {
        await using var connection = await Open(server, cancellation);
        await using var find = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection) { Parameters = { new() { Value = name } } };
        if (await find.ExecuteScalarAsync(cancellation) is null)
        {
            await Execute(connection, $"create database {Quoted(name)} encoding 'UTF8' template template0", cancellation);
        }

        return On(server, name);
    }

    /// <summary>Drops the database, ending its sessions; one that is not there is fine.</summary>
    public static async Task Drop(string server, string name, CancellationToken cancellation = default)
    {
        await using var connection = await Open(server, cancellation);
        await Execute(connection, $"drop database if exists {Quoted(name)} with (force)", cancellation);
    }

    private static async Task<NpgsqlConnection> Open(string server, CancellationToken cancellation)
    {
        var settings = new NpgsqlConnectionStringBuilder(server) { Database = "postgres", Pooling = false };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
