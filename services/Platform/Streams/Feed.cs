using System.Runtime.CompilerServices;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;
using Microsoft.Extensions.Logging;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Messaging;
using Polly;
using Polly.Retry;

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

/// <summary>
/// Writes the feed from the service's own events, in order, so that watchers can resume at a position without a loss. An event that it
/// cannot show is set aside among the store's dead letters, visibly, and the feed goes on without it.
/// </summary>
public sealed partial class Feed(FeedDefinition definition, ILogger<Feed> logger) : ISubscription
{
    private static readonly ResiliencePipeline<FeedSubject?> Retry = new ResiliencePipelineBuilder<FeedSubject?> { Name = "feed" }
        .AddRetry(new RetryStrategyOptions<FeedSubject?> { MaxRetryAttempts = 3, Delay = TimeSpan.FromMilliseconds(50), BackoffType = DelayBackoffType.Exponential })
        .Build();

    public async Task<IChangeListener> ProcessEventsAsync(EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        foreach (var unread in await UnreadEvent.In(page, page.SequenceFloor, [], withArchived: false, operations, cancellationToken))
        {
            Spans.SetAside.Add(1, new KeyValuePair<string, object?>("otplatform.subscription", definition.Name));
            NotRead(logger, definition.Name, unread.Sequence);
        }

        foreach (var happened in page.Events)
        {
            if (await SubjectOf(happened, controller, cancellationToken) is { } subject)
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

        operations.QueueSqlCommand(AfterCommit.WithoutWaitingForTheDisk);
        return AfterCommit.RestAfter(page, cancellationToken);
    }

    private async Task<FeedSubject?> SubjectOf(IEvent happened, ISubscriptionController controller, CancellationToken cancellation)
    {
        try
        {
            return await Retry.ExecuteAsync(_ => ValueTask.FromResult(definition.Subject(happened.Data)), cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            // The type of the failure is enough; its text may quote the event.
            var reason = exception.GetType().Name;
            await controller.RecordDeadLetterEventAsync(happened, new InvalidOperationException(reason));
            Spans.SetAside.Add(1, new KeyValuePair<string, object?>("otplatform.subscription", definition.Name));
            SetAside(logger, definition.Name, happened.EventTypeName, happened.Sequence, reason);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Feed {Feed} cannot show {Event} at {Position} ({Reason}); it is among the dead letters, and the feed goes on")]
    private static partial void SetAside(ILogger logger, string feed, string @event, long position, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Feed {Feed} goes on without the event at {Position}, which cannot be read")]
    private static partial void NotRead(ILogger logger, string feed, long position);
}

/// <summary>Reads the feed after a position.</summary>
public sealed class FeedReader(StreamStore streams)
{
    private const int Page = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>The position of the newest entry; 0 when there is none.</summary>
    public async Task<long> Newest(CancellationToken cancellation) =>
        (await streams.Query<FeedEntry>("where true order by id desc limit 1", cancellation)).SingleOrDefault()?.Id ?? 0;

    /// <summary>The same for a caller who says what it has seen.</summary>
    /// <exception cref="InvalidInputException">A position that nobody can have seen: what comes next would be left out.</exception>
    public async IAsyncEnumerable<FeedEntry> Resume(long position, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (position < 0 || (position > 0 && position > await Newest(cancellation)))
        {
            throw new InvalidInputException("after_position", "0 or a position seen before.");
        }

        await foreach (var entry in After(position, cancellation))
        {
            yield return entry;
        }
    }

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
