using System.Diagnostics;

namespace OtPlatform.Intake.Narratives;

/// <summary>
/// Stores new data keys. Those that come while some are being stored are stored together by the next statement: many submissions at once
/// then share its commit, and a single one waits for nobody.
/// </summary>
internal sealed class NewDataKeys(KeyStore store)
{
    private readonly Lock _gate = new();
    private List<NewKey> _waiting = [];
    private bool _isStoring;

    /// <summary>Stores a key unless its owner has, or had, one; returns whether it did, once it is committed.</summary>
    public Task<bool> Insert(Guid owner, int epoch, byte[] wrapped, CancellationToken cancellation)
    {
        var key = new NewKey(owner, epoch, wrapped, Activity.Current);
        bool isFirst;
        lock (_gate)
        {
            _waiting.Add(key);
            (isFirst, _isStoring) = (!_isStoring, true);
        }

        if (isFirst)
        {
            _ = StoreAll();
        }

        return key.Stored.Task.WaitAsync(cancellation);
    }

    private async Task StoreAll()
    {
        while (Next() is { Count: > 0 } keys)
        {
            // The trace shows it with one of those who wait for it, not with whoever came first of all.
            Activity.Current = keys[0].Span;
            try
            {
                var stored = await Store(keys);

                // Of two for the same owner only one is stored: nobody else may take his for it.
                keys.ForEach(key => key.Stored.SetResult(stored.Remove(Convert.ToHexString(key.Wrapped))));
            }
            catch (Exception exception)
            {
                keys.ForEach(key => key.Stored.TrySetException(exception));
            }
        }
    }

    private List<NewKey> Next()
    {
        lock (_gate)
        {
            var keys = _waiting;
            _isStoring = keys.Count > 0;
            _waiting = [];
            return keys;
        }
    }

    private async Task<HashSet<string>> Store(List<NewKey> keys)
    {
        await using var insert = store.Command(
            """
            insert into data_keys (owner, epoch, wrapped) select * from unnest($1::uuid[], $2::integer[], $3::bytea[])
            on conflict (owner) do nothing returning wrapped
            """,
            keys.Select(key => key.Owner).ToArray(),
            keys.Select(key => key.Epoch).ToArray(),
            keys.Select(key => key.Wrapped).ToArray());
        await using var reader = await insert.ExecuteReaderAsync(CancellationToken.None);
        var stored = new HashSet<string>();
        while (await reader.ReadAsync(CancellationToken.None))
        {
            stored.Add(Convert.ToHexString(reader.GetFieldValue<byte[]>(0)));
        }

        return stored;
    }

    private sealed record NewKey(Guid Owner, int Epoch, byte[] Wrapped, Activity? Span)
    {
        public TaskCompletionSource<bool> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
