using System.Diagnostics;

namespace OtPlatform.Intake.Narratives;

/// <summary>
/// Stores new data keys. Those that come while some are being stored are stored together by the next statement: many submissions at once
/// then share its commit, and a single one waits for nobody. What fails together is tried once more, each by itself.
/// </summary>
internal sealed class NewDataKeys(KeyStore store)
{
    private const int AtOnce = 64;

    // Everybody who comes meanwhile waits for the statement, also where its connection is frozen.
    private const int Seconds = 5;

    private readonly Lock _gate = new();
    private readonly List<NewKey> _waiting = [];
    private bool _isStoring;

    /// <summary>Stores a key unless its owner has, or had, one; returns whether it did, once it is committed.</summary>
    public Task<bool> Insert(Guid owner, int epoch, byte[] wrapped, CancellationToken cancellation)
    {
        var key = new NewKey(owner, epoch, wrapped, Activity.Current, cancellation);
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
                await Store(keys);
            }
            catch (Exception)
            {
                // Nobody else waits for these: the next ones are on their way meanwhile.
                keys.ForEach(key => _ = StoreAlone(key));
            }
        }
    }

    private async Task StoreAlone(NewKey key)
    {
        if (key.Caller.IsCancellationRequested)
        {
            return;
        }

        Activity.Current = key.Span;
        try
        {
            await Store([key]);
        }
        catch (Exception exception)
        {
            key.Stored.TrySetException(exception);
        }
    }

    private List<NewKey> Next()
    {
        lock (_gate)
        {
            // Whoever has gone needs no key, and nobody would ever destroy it.
            _waiting.RemoveAll(key => key.Caller.IsCancellationRequested);
            var keys = _waiting.GetRange(0, Math.Min(AtOnce, _waiting.Count));
            _waiting.RemoveRange(0, keys.Count);
            _isStoring = keys.Count > 0;
            return keys;
        }
    }

    private async Task Store(List<NewKey> keys)
    {
        // In the order of their owners, as every replica does: two of them never wait for each other.
        await using var insert = store.Command(
            """
            insert into data_keys (owner, epoch, wrapped) select * from unnest($1::uuid[], $2::integer[], $3::bytea[]) order by 1
            on conflict (owner) do nothing returning wrapped
            """,
            keys.Select(key => key.Owner).ToArray(),
            keys.Select(key => key.Epoch).ToArray(),
            keys.Select(key => key.Wrapped).ToArray());
        insert.CommandTimeout = Seconds;
        var stored = new HashSet<string>();
        await using (var reader = await insert.ExecuteReaderAsync(CancellationToken.None))
        {
            while (await reader.ReadAsync(CancellationToken.None))
            {
                stored.Add(Convert.ToHexString(reader.GetFieldValue<byte[]>(0)));
            }
        }

        // Of two for the same owner only one is stored: nobody else may take his for it.
        keys.ForEach(key => key.Stored.SetResult(stored.Remove(Convert.ToHexString(key.Wrapped))));
    }

    private sealed record NewKey(Guid Owner, int Epoch, byte[] Wrapped, Activity? Span, CancellationToken Caller)
    {
        public TaskCompletionSource<bool> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
