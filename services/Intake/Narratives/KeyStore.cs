using Npgsql;

namespace OtPlatform.Intake.Narratives;

/// <summary>Where the vault's keys are.</summary>
public sealed record VaultOptions
{
    /// <summary>A database of its own, so that keys and sealed texts have separate backups.</summary>
    public required string KeyStoreConnectionString { get; init; }

    /// <summary>File with the master keys, as <see cref="MasterKeys"/> reads it.</summary>
    public required string MasterKeyFile { get; init; }

    /// <summary>How long an epoch lasts before the next is to begin.</summary>
    public TimeSpan EpochLength { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long backups of the key database are kept; a master key stays that long after its epoch.</summary>
    public TimeSpan KeyBackupRetention { get; init; } = TimeSpan.FromDays(7);
}

/// <summary>The database of the data keys, the epochs and the anchors of the access log.</summary>
public sealed class KeyStore(VaultOptions options) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(options.KeyStoreConnectionString) { MaxAutoPrepare = 20, NoResetOnClose = true });

    /// <summary>Creates the tables; safe when several processes start at once.</summary>
    public Task Migrate(CancellationToken cancellation) => Exclusively(
        "data_keys",
        async connection =>
        {
            await using var command = new NpgsqlCommand(
                """
                create table if not exists data_keys (
                    owner uuid primary key,
                    epoch integer not null,
                    wrapped bytea,
                    created_at timestamptz not null default now());
                alter table data_keys alter column wrapped drop not null;
                alter table data_keys add column if not exists destroyed_at timestamptz;
                create index if not exists data_keys_epoch on data_keys (epoch) where wrapped is not null;
                create table if not exists epochs (
                    epoch integer primary key,
                    started_at timestamptz not null);
                create table if not exists access_anchors (
                    owner uuid not null,
                    number bigint not null,
                    hash text not null,
                    day date not null,
                    primary key (owner, number));
                create index if not exists access_anchors_day on access_anchors (day);
                create table if not exists access_anchor_days (
                    day date primary key,
                    heads integer not null,
                    previous text not null,
                    hash text not null);
                """,
                connection);
            await command.ExecuteNonQueryAsync(cancellation);
            return true;
        },
        cancellation);

    internal NpgsqlCommand Command(string sql, params object[] parameters)
    {
        var command = _source.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        return command;
    }

    /// <summary>Runs <paramref name="act"/> in one transaction, and never twice at a time over all processes.</summary>
    internal async Task<T> Exclusively<T>(string name, Func<NpgsqlConnection, Task<T>> act, CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var take = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended($1, 0))", connection) { Parameters = { new() { Value = name } } };
        await take.ExecuteNonQueryAsync(cancellation);
        var answer = await act(connection);
        await transaction.CommitAsync(cancellation);
        return answer;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
