using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Narratives;

/// <summary>Stores new data keys, those of many submissions at once in one statement.</summary>
internal sealed class NewDataKeys
{
    private const int AtOnce = 64;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private readonly KeyStore _store;
    private readonly Gathering<NewKey, bool> _gathering;

    public NewDataKeys(KeyStore store)
    {
        _store = store;
        _gathering = new Gathering<NewKey, bool>(Insert, AtOnce, lanes: 1, Limit);
    }

    /// <summary>Stores a key unless its owner has, or had, one; returns whether it did, once it is committed.</summary>
    public Task<bool> Insert(Guid owner, int epoch, byte[] wrapped, CancellationToken cancellation) => _gathering.Ask(new NewKey(owner, epoch, wrapped), cancellation);

    /// <summary>Stores those whose owners have, and had, none; returns for each whether it did.</summary>
    public async Task<IReadOnlyList<bool>> Insert(IReadOnlyList<NewKey> keys, CancellationToken cancellation)
    {
        // In the order of their owners, as every replica does: two of them never wait for each other.
        await using var insert = _store.Command(
            """
            insert into data_keys (owner, epoch, wrapped) select * from unnest($1::uuid[], $2::integer[], $3::bytea[]) order by 1
            on conflict (owner) do nothing returning wrapped
            """,
            keys.Select(key => key.Owner).ToArray(),
            keys.Select(key => key.Epoch).ToArray(),
            keys.Select(key => key.Wrapped).ToArray());
        insert.CommandTimeout = (int)Limit.TotalSeconds;
        var stored = new HashSet<string>();
        await using (var reader = await insert.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                stored.Add(Convert.ToHexString(reader.GetFieldValue<byte[]>(0)));
            }
        }

        // Of two for the same owner only one is stored: nobody else may take his for it.
        return [.. keys.Select(key => stored.Remove(Convert.ToHexString(key.Wrapped)))];
    }
}

/// <summary>A data key as it is stored.</summary>
/// <param name="Epoch">Of the master key that wraps it.</param>
internal sealed record NewKey(Guid Owner, int Epoch, byte[] Wrapped);
