using System.Collections.Concurrent;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;

namespace OtPlatform.StoreConformance;

/// <summary>A subscription that remembers what it got, in order, and may do something else with each page.</summary>
public sealed class Recorder : ISubscription
{
    private readonly ConcurrentQueue<IEvent> _seen = new();

    public IReadOnlyList<IEvent> Seen => [.. _seen];

    public IReadOnlyList<int> Numbers => [.. _seen.Select(e => e.Data).OfType<NoteAdded>().Select(n => n.Number)];

    public ConcurrentQueue<int> PageSizes { get; } = new();

    public Func<EventRange, ISubscriptionController, IDocumentOperations, Task>? OnPage { get; init; }

    public IChangeListener Listener { get; init; } = NullChangeListener.Instance;

    public async Task<IChangeListener> ProcessEventsAsync(EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        if (OnPage is { } act)
            await act(page, controller, operations);
        PageSizes.Enqueue(page.Events.Count);
        foreach (var @event in page.Events)
            _seen.Enqueue(@event);
        return Listener;
    }
}
