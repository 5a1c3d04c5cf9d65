using System.Security.Cryptography;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Narratives;

/// <summary>What a re-wrapping came to.</summary>
/// <param name="Done">Data keys that the newest master key wraps now.</param>
/// <param name="Lost">Data keys whose master key is gone, or which are damaged; nobody can open them.</param>
public sealed record Rewrapped(int Done, long Lost);

/// <summary>What an operator has let pass.</summary>
/// <param name="Since">When the next epoch should have begun; null while there is time.</param>
/// <param name="Unretired">Epochs that are over and needed by nothing any more, and whose master key still exists.</param>
public sealed record OverdueEpochs(DateTimeOffset? Since, IReadOnlyList<int> Unretired);

/// <summary>How many living data keys the master key of an epoch wraps.</summary>
/// <param name="StartedAt">Null when the epoch was never noted.</param>
/// <param name="Exists">Whether its master key is still there.</param>
public sealed record EpochState(int Epoch, DateTimeOffset? StartedAt, long Keys, bool Exists);

/// <summary>
/// A data key per consultation, wrapped by the master key of an epoch. Without its row, or without that master key, the consultation's
/// texts can never be opened again. A destroyed key leaves a mark, so that none is made in its place.
/// </summary>
public sealed class DataKeys(KeyStore store, VaultOptions options, TimeProvider clock)
{
    /// <summary>The words were erased: nothing can be sealed or opened for their consultation.</summary>
    public static readonly Rejection Destroyed = new("intake.narrative-erased", "The words have been erased; their key is destroyed.");

    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int AtOnce = 500;

    // Two who rewrite the file at once would lose a key.
    private const string MasterKeyFile = "master-key-file";

    private readonly MasterKeys _masters = new(options.MasterKeyFile);
    private readonly NewDataKeys _newKeys = new(store);

    /// <summary>Creates the tables and notes the epoch; safe when several processes start at once.</summary>
    public async Task Migrate(CancellationToken cancellation)
    {
        await store.Migrate(cancellation);
        await NoteEpoch(cancellation);
    }

    /// <summary>The data key of <paramref name="owner"/>, 32 bytes, made now when it never had one.</summary>
    /// <exception cref="RejectedException">It was destroyed.</exception>
    public async Task<byte[]> GetOrCreate(Guid owner, CancellationToken cancellation)
    {
        var (master, key) = (_masters.Newest, RandomNumberGenerator.GetBytes(KeyLength));
        return await _newKeys.Insert(owner, master.Epoch, Wrap(master.Key, owner, key), cancellation) ? key : await Find(owner, cancellation) ?? throw new RejectedException(Destroyed);
    }

    /// <summary>A data key each for owners who have never had one.</summary>
    public async Task<IReadOnlyList<(Guid Owner, byte[] Key)>> Create(IReadOnlyList<Guid> owners, CancellationToken cancellation)
    {
        var master = _masters.Newest;
        var made = owners.Select(owner => (Owner: owner, Key: RandomNumberGenerator.GetBytes(KeyLength))).ToList();
        var stored = await _newKeys.Insert([.. made.Select(one => new NewKey(one.Owner, master.Epoch, Wrap(master.Key, one.Owner, one.Key)))], cancellation);
        return [.. made.Zip(stored).Where(one => one.Second).Select(one => one.First)];
    }

    /// <summary>The data key, or null when the owner has none, has none any more, or its master key was destroyed.</summary>
    /// <exception cref="InvalidOperationException">It is wrapped by a master key that is newer than those that are known here.</exception>
    public async Task<byte[]?> Find(Guid owner, CancellationToken cancellation)
    {
        await using var select = store.Command("select epoch, wrapped from data_keys where owner = $1 and wrapped is not null", owner);
        await using var reader = await select.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Unwrap(reader.GetInt32(0), owner, reader.GetFieldValue<byte[]>(1)) : null;
    }

    /// <summary>Removes data keys that have sealed nothing that is stored, as if they had never been made.</summary>
    public async Task Discard(Guid[] owners, CancellationToken cancellation)
    {
        await using var discard = store.Command("delete from data_keys where owner = any($1) and wrapped is not null", owners);
        await discard.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Destroys the data key for good, also one that was never made.</summary>
    public async Task Destroy(Guid owner, CancellationToken cancellation)
    {
        await using var destroy = store.Command(
            """
            insert into data_keys (owner, epoch, wrapped, destroyed_at) values ($1, $2, null, $3)
            on conflict (owner) do update set wrapped = null, destroyed_at = coalesce(data_keys.destroyed_at, excluded.destroyed_at)
            """,
            owner,
            _masters.Newest.Epoch,
            clock.GetUtcNow());
        await destroy.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>
    /// When an erasure of now holds for every backup too: the next epoch has begun, and the backups from before it are gone with its master
    /// key. Once the next epoch is overdue nobody knows when it begins, and it is given a whole length from now.
    /// </summary>
    public async Task<DateTimeOffset> ErasureHoldsBy(DateTimeOffset now, CancellationToken cancellation)
    {
        var began = await NoteEpoch(cancellation);
        var next = began + options.EpochLength;
        return (next > now ? next : now + options.EpochLength) + options.KeyBackupRetention;
    }

    /// <summary>What is left undone of what the dates of erasures depend on.</summary>
    public async Task<OverdueEpochs> Overdue(DateTimeOffset now, CancellationToken cancellation)
    {
        var next = await NoteEpoch(cancellation) + options.EpochLength;
        var states = await Epochs(cancellation);
        var unretired = states.Where(state => state is { Exists: true, Keys: 0 }
            && states.FirstOrDefault(later => later.Epoch > state.Epoch && later.Exists) is { StartedAt: { } over }
            && over + options.KeyBackupRetention <= now);
        return new OverdueEpochs(next < now ? next : null, [.. unretired.Select(state => state.Epoch)]);
    }

    /// <summary>Wraps every living data key anew that an older master key wraps.</summary>
    public async Task<Rewrapped> Rewrap(CancellationToken cancellation)
    {
        await NoteEpoch(cancellation);
        var (done, damaged) = (0, new List<Guid>());
        while (true)
        {
            var (newest, known) = (_masters.Newest, _masters.Epochs);
            var older = known.Where(epoch => epoch < newest.Epoch).ToArray();
            var batch = new List<(Guid Owner, int Epoch, byte[] Wrapped)>();
            await using (var select = store.Command("select owner, epoch, wrapped from data_keys where wrapped is not null and epoch = any($1) and not owner = any($2) limit $3", older, damaged.ToArray(), AtOnce))
            await using (var reader = await select.ExecuteReaderAsync(cancellation))
            {
                while (await reader.ReadAsync(cancellation))
                {
                    batch.Add((reader.GetGuid(0), reader.GetInt32(1), reader.GetFieldValue<byte[]>(2)));
                }
            }

            if (batch.Count == 0)
            {
                await using var lost = store.Command("select count(*) from data_keys where wrapped is not null and epoch < $1 and not epoch = any($2)", newest.Epoch, known.ToArray());
                return new Rewrapped(done, (long)(await lost.ExecuteScalarAsync(cancellation))! + damaged.Count);
            }

            foreach (var (owner, epoch, wrapped) in batch)
            {
                if (Opened(epoch, owner, wrapped) is not { } key)
                {
                    damaged.Add(owner);
                    continue;
                }

                // Only what is still as it was read: an erasure in between stays one.
                await using var update = store.Command(
                    "update data_keys set epoch = $3, wrapped = $4 where owner = $1 and epoch = $2 and wrapped is not null", owner, epoch, newest.Epoch, Wrap(newest.Key, owner, key));
                done += await update.ExecuteNonQueryAsync(cancellation);
            }
        }
    }

    /// <summary>Every epoch that is known, oldest first.</summary>
    public async Task<IReadOnlyList<EpochState>> Epochs(CancellationToken cancellation)
    {
        await NoteEpoch(cancellation);
        await using var select = store.Command(
            """
            select coalesce(e.epoch, k.epoch), e.started_at, coalesce(k.keys, 0)
            from epochs e full join (select epoch, count(*) as keys from data_keys where wrapped is not null group by epoch) k on k.epoch = e.epoch
            order by 1
            """);
        await using var reader = await select.ExecuteReaderAsync(cancellation);
        var (states, known) = (new List<EpochState>(), _masters.Epochs);
        while (await reader.ReadAsync(cancellation))
        {
            states.Add(new EpochState(reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt64(2), known.Contains(reader.GetInt32(0))));
        }

        return states;
    }

    /// <summary>Begins the next epoch with a new master key; its number.</summary>
    public Task<int> BeginEpoch(CancellationToken cancellation) => store.Exclusively(
        MasterKeyFile,
        async _ =>
        {
            var epoch = _masters.Newest.Epoch + 1;
            _masters.Add(new MasterKey(epoch, RandomNumberGenerator.GetBytes(KeyLength)));
            await NoteEpoch(cancellation);
            return epoch;
        },
        cancellation);

    /// <summary>Destroys the master key of an epoch that is over, when nothing needs it any more; else says why not.</summary>
    public Task<string?> Retire(int epoch, CancellationToken cancellation) => store.Exclusively(MasterKeyFile, _ => RetireAlone(epoch, cancellation), cancellation);

    private async Task<string?> RetireAlone(int epoch, CancellationToken cancellation)
    {
        var states = await Epochs(cancellation);
        if (_masters.Find(epoch) is null)
        {
            return $"There is no master key of epoch {epoch}.";
        }

        if (states.FirstOrDefault(state => state.Epoch > epoch && state.Exists) is not { StartedAt: { } next })
        {
            return $"Epoch {epoch} is the present one.";
        }

        if (states.FirstOrDefault(state => state.Epoch == epoch) is { Keys: > 0 } needed)
        {
            return $"{needed.Keys} data keys are still wrapped by it; wrap them anew first.";
        }

        if (next + options.KeyBackupRetention is var end && clock.GetUtcNow() < end)
        {
            return $"Backups of the key database from before the next epoch are kept until {end:yyyy-MM-dd HH:mm} UTC; without this key none of them could be restored.";
        }

        _masters.Remove(epoch);
        return null;
    }

    private async Task<DateTimeOffset> NoteEpoch(CancellationToken cancellation)
    {
        await using var note = store.Command(
            "insert into epochs (epoch, started_at) values ($1, $2) on conflict (epoch) do update set started_at = epochs.started_at returning started_at", _masters.Newest.Epoch, clock.GetUtcNow());
        await using var reader = await note.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return reader.GetFieldValue<DateTimeOffset>(0);
    }

    private static byte[] Wrap(byte[] master, Guid owner, byte[] key)
    {
        using var cipher = new AesGcm(master, TagLength);
        var wrapped = new byte[NonceLength + KeyLength + TagLength];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceLength));
        cipher.Encrypt(wrapped.AsSpan(0, NonceLength), key, wrapped.AsSpan(NonceLength, KeyLength), wrapped.AsSpan(NonceLength + KeyLength), owner.ToByteArray());
        return wrapped;
    }

    /// <summary>As <see cref="Unwrap"/>; null also when the row is damaged, so that one such row does not hold up the others.</summary>
    private byte[]? Opened(int epoch, Guid owner, byte[] wrapped)
    {
        try
        {
            return Unwrap(epoch, owner, wrapped);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private byte[]? Unwrap(int epoch, Guid owner, byte[] wrapped)
    {
        if (_masters.Find(epoch) is not { } master)
        {
            return epoch < _masters.Newest.Epoch ? null : throw new InvalidOperationException($"The master key of epoch {epoch} is not known here yet.");
        }

        using var cipher = new AesGcm(master.Key, TagLength);
        var key = new byte[KeyLength];
        cipher.Decrypt(wrapped.AsSpan(0, NonceLength), wrapped.AsSpan(NonceLength, KeyLength), wrapped.AsSpan(NonceLength + KeyLength), key, owner.ToByteArray());
        return key;
    }
}
