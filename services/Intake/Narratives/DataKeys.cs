using System.Security.Cryptography;
using Npgsql;
using OtPlatform.Platform.Security;

namespace OtPlatform.Intake.Narratives;

/// <summary>Where the vault's keys are.</summary>
public sealed record VaultOptions
{
    /// <summary>A database of its own, so that keys and sealed texts have separate backups.</summary>
    public required string KeyStoreConnectionString { get; init; }

    /// <summary>File with the master key of the present epoch (32 bytes, base64).</summary>
    public required string MasterKeyFile { get; init; }
}

/// <summary>A data key per consultation, wrapped by the master key. Without its row a consultation's texts can never be opened again.</summary>
public sealed class DataKeys(VaultOptions options) : IAsyncDisposable
{
    private const int Epoch = 1;
    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly NpgsqlDataSource _store = NpgsqlDataSource.Create(options.KeyStoreConnectionString);
    private readonly byte[] _master = Secrets.Read(options.MasterKeyFile);

    /// <summary>Creates the table; safe when several processes start at once.</summary>
    public async Task Migrate(CancellationToken cancellation)
    {
        await using var connection = await _store.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var command = new NpgsqlCommand(
            """
            select pg_advisory_xact_lock(hashtextextended('data_keys', 0));
            create table if not exists data_keys (
                owner uuid primary key,
                epoch integer not null,
                wrapped bytea not null,
                created_at timestamptz not null default now());
            """,
            connection,
            transaction);
        await command.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The data key of <paramref name="owner"/>, 32 bytes, made now when it has none.</summary>
    public async Task<byte[]> GetOrCreate(Guid owner, CancellationToken cancellation)
    {
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        await using var insert = _store.CreateCommand("insert into data_keys (owner, epoch, wrapped) values ($1, $2, $3) on conflict (owner) do nothing");
        insert.Parameters.AddWithValue(owner);
        insert.Parameters.AddWithValue(Epoch);
        insert.Parameters.AddWithValue(Wrap(owner, key));
        return await insert.ExecuteNonQueryAsync(cancellation) == 1
            ? key
            : await Find(owner, cancellation) ?? throw new InvalidOperationException("The data key vanished while it was being made.");
    }

    /// <summary>The data key, or null when the owner has none any more.</summary>
    public async Task<byte[]?> Find(Guid owner, CancellationToken cancellation)
    {
        await using var select = _store.CreateCommand("select wrapped from data_keys where owner = $1");
        select.Parameters.AddWithValue(owner);
        return await select.ExecuteScalarAsync(cancellation) is byte[] wrapped ? Unwrap(owner, wrapped) : null;
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private byte[] Wrap(Guid owner, byte[] key)
    {
        using var cipher = new AesGcm(_master, TagLength);
        var wrapped = new byte[NonceLength + KeyLength + TagLength];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceLength));
        cipher.Encrypt(wrapped.AsSpan(0, NonceLength), key, wrapped.AsSpan(NonceLength, KeyLength), wrapped.AsSpan(NonceLength + KeyLength), owner.ToByteArray());
        return wrapped;
    }

    private byte[] Unwrap(Guid owner, byte[] wrapped)
    {
        using var cipher = new AesGcm(_master, TagLength);
        var key = new byte[KeyLength];
        cipher.Decrypt(wrapped.AsSpan(0, NonceLength), wrapped.AsSpan(NonceLength, KeyLength), wrapped.AsSpan(NonceLength + KeyLength), key, owner.ToByteArray());
        return key;
    }
}
