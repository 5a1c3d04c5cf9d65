namespace Marten.Daemon;

/// <summary>Wakes one waiter; a set that nobody waits for is kept until somebody does.</summary>
internal sealed class Signal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);

    internal void Set()
    {
        try
        {
            _semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already set: the waiter has not come yet.
        }
    }

    internal Task<bool> WaitAsync(TimeSpan timeout, CancellationToken token) => _semaphore.WaitAsync(timeout, token);

    public void Dispose() => _semaphore.Dispose();
}
