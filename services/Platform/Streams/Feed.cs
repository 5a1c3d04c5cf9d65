using System.Runtime.CompilerServices;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;

namespace OtPlatform.Platform.Streams;

/// <summary>What a feed lists.</summary>
/// <param name="Name">Name of the subscription; never renamed.</param>
/// <param name="Subject">What the event is about within its stream, or null for events that the feed leaves out.</param>
public sealed record FeedDefinition(string Name, Func<object, FeedSubject?> Subject);

/// <param name="PartId">The part of the aggregate that the event is about, when it is about one.</param>
public sealed record FeedSubject(Guid? PartId = null);

/// <summary>One event in the order of the store, for those who watch. An entry is never visible before one with a lower position.</summary>
public sealed record FeedEntry
{
    /// <summary>Position in the store.</summary>
    public required long Id { get; init; }

    /// <summary>Name of the event.</summary>
    public required string What { get; init; }

    public required Guid StreamId { get; init; }

    public Guid? PartId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>W3C trace context of the change.</summary>
    public string? Traceparent { get; init; }
}

/// <summary>Writes the feed from the service's own events, in order, so that watchers can resume at a position without a loss.</summary>
public sealed class Feed(FeedDefinition definition) : ISubscription
{
    public Task<IChangeListener> ProcessEventsAsync(EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        foreach (var happened in page.Events)
        {
            if (definition.Subject(happened.Data) is { } subject)
            {
                operations.Store(new FeedEntry
                {
                    Id = happened.Sequence,
                    What = happened.Data.GetType().Name,
                    StreamId = happened.StreamId,
                    PartId = subject.PartId,
                    At = happened.Timestamp,
                    Traceparent = happened.Headers is { } headers && headers.TryGetValue(TraceHeaders.Parent, out var parent) ? parent?.ToString() : null,
                });
            }
        }

        return Task.FromResult(NullChangeListener.Instance);
    }
}

/// <summary>Reads the feed after a position.</summary>
public sealed class FeedReader(StreamStore streams)
{
    private const int Page = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Every entry after <paramref name="position"/>, then those that come, until cancelled.</summary>
    public async IAsyncEnumerable<FeedEntry> After(long position, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Pause);
        while (true)
        {
            var found = await streams.Query<FeedEntry>($"where id > ? order by id limit {Page}", cancellation, position);
            foreach (var entry in found)
            {
                yield return entry;
                position = entry.Id;
            }

            if (found.Count < Page)
            {
                await timer.WaitForNextTickAsync(cancellation);
            }
        }
    }
}
