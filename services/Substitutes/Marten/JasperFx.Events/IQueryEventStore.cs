namespace JasperFx.Events;

/// <summary>Reads streams and single events.</summary>
public interface IQueryEventStore
{
    /// <param name="streamId">The stream's id.</param>
    /// <param name="version">Up to and including this version; 0 is all.</param>
    /// <param name="timestamp">Up to and including this time; null is all.</param>
    /// <param name="fromVersion">From and including this version; 0 is the beginning.</param>
    /// <param name="token">Cancels the read.</param>
    Task<IReadOnlyList<IEvent>> FetchStreamAsync(Guid streamId, long version = 0, DateTimeOffset? timestamp = default, long fromVersion = 0, CancellationToken token = default);

    Task<IReadOnlyList<IEvent>> FetchStreamAsync(string streamKey, long version = 0, DateTimeOffset? timestamp = default, long fromVersion = 0, CancellationToken token = default);

    Task<IEvent<T>?> LoadAsync<T>(Guid id, CancellationToken token = default)
        where T : class;

    Task<IEvent?> LoadAsync(Guid id, CancellationToken token = default);

    Task<StreamState?> FetchStreamStateAsync(Guid streamId, CancellationToken token = default);

    Task<StreamState?> FetchStreamStateAsync(string streamKey, CancellationToken token = default);
}
