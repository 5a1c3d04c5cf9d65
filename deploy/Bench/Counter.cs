using System.Diagnostics;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;

namespace OtPlatform.Bench;

/// <summary>A subscription that does nothing but count.</summary>
internal sealed class Counter : ISubscription
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private int _seen;

    public int Seen => Volatile.Read(ref _seen);

    public Task<IChangeListener> ProcessEventsAsync(EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _seen, page.Events.Count(happened => happened.Data is NoteEvent));
        return Task.FromResult(NullChangeListener.Instance);
    }

    public async Task Reached(int count, CancellationToken cancellation)
    {
        for (var waited = Stopwatch.StartNew(); Seen < count; await Task.Delay(5, cancellation))
        {
            if (waited.Elapsed > Limit)
            {
                throw new InvalidOperationException($"The subscription stands at {Seen} of {count} events.");
            }
        }
    }
}
