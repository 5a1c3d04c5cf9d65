using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Platform.Streams;

/// <summary>A reader of the service's own events that writes documents from them, each event once, in the order of the store, over all replicas.</summary>
/// <param name="Name">Name of the subscription and of its position; never renamed.</param>
/// <param name="Follow">Writes what belongs to a page; runs again from the beginning of the page when it fails.</param>
public sealed record FollowerDefinition(string Name, Func<IReadOnlyList<FollowedEvent>, Following, CancellationToken, Task> Follow);

/// <summary>One stored event.</summary>
/// <param name="Id">Of the event.</param>
/// <param name="Version">Place in its stream, from 1.</param>
/// <param name="Position">Place in the store.</param>
public sealed record FollowedEvent(Guid Id, Guid StreamId, long Version, long Position, DateTimeOffset At, object Event);

/// <summary>The documents that a follower reads and writes; what it writes is stored together with its position.</summary>
public sealed class Following
{
    private readonly IDocumentOperations _operations;

    internal Following(IDocumentOperations operations) => _operations = operations;

    /// <summary>Documents of one type by a raw SQL condition with <c>?</c> placeholders.</summary>
    public Task<IReadOnlyList<T>> Query<T>(string condition, CancellationToken cancellation, params object[] parameters)
        where T : class => _operations.QueryAsync<T>(condition, cancellation, parameters);

    /// <summary>The events of a stream up to a version.</summary>
    public async Task<IReadOnlyList<object>> Stream(Guid id, long version, CancellationToken cancellation) =>
        [.. (await _operations.Events.FetchStreamAsync(id, version, token: cancellation)).Select(happened => happened.Data)];

    public void Store<T>(T document)
        where T : notnull => _operations.Store(document);

    public void Delete<T>(Guid id)
        where T : notnull => _operations.Delete<T>(id);

    /// <summary>Deletes documents of one type by a raw SQL condition with <c>?</c> placeholders.</summary>
    public void DeleteWhere<T>(string condition, params object[] parameters)
        where T : notnull => _operations.QueueSqlCommand($"delete from {StoreExtensions.TableOf<T>()} as d where {condition}", parameters);
}

/// <summary>Runs a follower as a subscription of the store.</summary>
internal sealed class Follower(FollowerDefinition definition) : ISubscription
{
    public async Task<IChangeListener> ProcessEventsAsync(EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        // What a follower writes has to be whole: it stands still, which readiness shows, until the event can be read.
        if (await UnreadEvent.In(page, page.SequenceFloor, [], withArchived: false, operations, cancellationToken) is [var unread, ..])
        {
            throw new InvalidOperationException($"{definition.Name} stands still: the event at {unread.Sequence} cannot be read.");
        }

        await definition.Follow([.. page.Events.Select(Of)], new Following(operations), cancellationToken);
        operations.QueueSqlCommand(AfterCommit.WithoutWaitingForTheDisk);
        return AfterCommit.RestAfter(page, cancellationToken);
    }

    private static FollowedEvent Of(IEvent happened) => new(happened.Id, happened.StreamId, happened.Version, happened.Sequence, happened.Timestamp, happened.Data);
}
