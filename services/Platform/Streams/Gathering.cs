using System.Diagnostics;

namespace OtPlatform.Platform.Streams;

/// <summary>
/// Serves at once what many ask for one by one. Those who come while others are being served are served together next and share its
/// round trips and its commit; one alone waits for nobody. What fails together is tried once more, each by itself.
/// </summary>
/// <param name="serve">Answers those who ask together, in their order. It is run again with each alone when it fails, also when nobody knows whether it had done its work.</param>
/// <param name="atOnce">Most who are served together.</param>
/// <param name="lanes">How many gatherings are served at the same time.</param>
/// <param name="limit">Of one gathering: everybody who comes meanwhile waits for it, also where its connection is frozen. One alone has no limit but that of its connection.</param>
public sealed class Gathering<TItem, TAnswer>(Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TAnswer>>> serve, int atOnce, int lanes, TimeSpan limit)
{
    private readonly Lock _gate = new();
    private readonly List<Asking> _waiting = [];
    private int _serving;

    /// <summary>Waits for the answer; whoever gives up before being served is left out, later it is only the answer that nobody gets.</summary>
    public Task<TAnswer> Ask(TItem item, CancellationToken cancellation)
    {
        var asking = new Asking(item, Activity.Current, cancellation);
        bool isFirst;
        lock (_gate)
        {
            _waiting.Add(asking);
            isFirst = _serving < lanes;
            _serving += isFirst ? 1 : 0;
        }

        if (isFirst)
        {
            _ = Task.Run(ServeAll, CancellationToken.None);
        }

        return asking.Answer.Task.WaitAsync(cancellation);
    }

    private async Task ServeAll()
    {
        while (Next() is { Count: > 0 } together)
        {
            using var time = new CancellationTokenSource(limit);
            if (!await Serve(together, time.Token))
            {
                // Nobody else waits for these: the next ones are on their way meanwhile.
                together.ForEach(asking => _ = ServeAlone(asking));
            }
        }
    }

    private async Task ServeAlone(Asking asking)
    {
        if (!asking.Caller.IsCancellationRequested)
        {
            await Serve([asking], CancellationToken.None, last: true);
        }
    }

    private async Task<bool> Serve(List<Asking> together, CancellationToken cancellation, bool last = false)
    {
        // The trace shows it with one of those who wait for it, not with whoever came first of all.
        Activity.Current = together[0].Span;
        try
        {
            var answers = await serve([.. together.Select(asking => asking.Item)], cancellation);
            for (var at = 0; at < together.Count; at++)
            {
                together[at].Answer.TrySetResult(answers[at]);
            }

            return true;
        }
        catch (Exception exception)
        {
            if (last)
            {
                together.ForEach(asking => asking.Answer.TrySetException(exception));
            }

            return false;
        }
    }

    private List<Asking> Next()
    {
        lock (_gate)
        {
            _waiting.RemoveAll(asking => asking.Caller.IsCancellationRequested);
            var together = _waiting.GetRange(0, Math.Min(atOnce, _waiting.Count));
            _waiting.RemoveRange(0, together.Count);
            _serving -= together.Count > 0 ? 0 : 1;
            return together;
        }
    }

    private sealed record Asking(TItem Item, Activity? Span, CancellationToken Caller)
    {
        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
