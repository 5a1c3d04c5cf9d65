using JasperFx.Events;
using Marten.Sessions;
using Npgsql;
using NpgsqlTypes;

namespace Marten.Events;

/// <summary>Reads streams and events in a session.</summary>
internal class QueryEventStore(QuerySession session) : IQueryEventStore
{
    protected QuerySession Session { get; } = session;

    protected EventStoreSettings Settings => Session.Owner.Settings.EventSettings;

    public Task<IReadOnlyList<IEvent>> FetchStreamAsync(Guid streamId, long version = 0, DateTimeOffset? timestamp = default, long fromVersion = 0, CancellationToken token = default) =>
        FetchAsync(streamId, version, timestamp, fromVersion, token);

    public Task<IReadOnlyList<IEvent>> FetchStreamAsync(string streamKey, long version = 0, DateTimeOffset? timestamp = default, long fromVersion = 0, CancellationToken token = default) =>
        FetchAsync(streamKey, version, timestamp, fromVersion, token);

    public async Task<IEvent<T>?> LoadAsync<T>(Guid id, CancellationToken token = default)
        where T : class => await LoadAsync(id, token) as IEvent<T>;

    public async Task<IEvent?> LoadAsync(Guid id, CancellationToken token = default)
    {
        await Session.Owner.EnsureEventTablesAsync(token);
        var reader = Session.Owner.EventReader;
        var found = await Session.ExecuteAsync(
            Settings.Sql.LoadById,
            p => p.With(NpgsqlDbType.Uuid, id),
            rows => QuerySession.ReadRowsAsync(rows, reader.Read, token),
            token);
        return found.Count > 0 ? found[0] : null;
    }

    public Task<StreamState?> FetchStreamStateAsync(Guid streamId, CancellationToken token = default) => StateAsync(streamId, token);

    public Task<StreamState?> FetchStreamStateAsync(string streamKey, CancellationToken token = default) => StateAsync(streamKey, token);

    internal async Task<StreamState?> StateAsync(object streamId, CancellationToken token)
    {
        await Session.Owner.EnsureEventTablesAsync(token);
        return await Session.ExecuteAsync(
            Settings.Sql.StreamState,
            p => BindStream(p, streamId),
            async reader => await reader.ReadAsync(token) ? ReadState(reader, streamId) : null,
            token);
    }

    private static void BindStream(NpgsqlParameterCollection parameters, object streamId) =>
        parameters.WithObject(streamId is Guid ? NpgsqlDbType.Uuid : NpgsqlDbType.Varchar, streamId);

    private StreamState ReadState(NpgsqlDataReader reader, object streamId)
    {
        var state = new StreamState
        {
            Version = reader.GetInt64(0),
            AggregateType = Settings.AggregateType(reader.IsDBNull(1) ? null : reader.GetString(1)),
            LastTimestamp = new DateTimeOffset(reader.GetDateTime(2)),
            Created = new DateTimeOffset(reader.GetDateTime(3)),
            IsArchived = reader.GetBoolean(4),
        };
        if (streamId is Guid id)
            state.Id = id;
        else
            state.Key = (string)streamId;
        return state;
    }

    private async Task<IReadOnlyList<IEvent>> FetchAsync(object streamId, long version, DateTimeOffset? timestamp, long fromVersion, CancellationToken token)
    {
        await Session.Owner.EnsureEventTablesAsync(token);
        var sql = Settings.Sql.FetchStream;
        var last = 1;
        if (version > 0)
            sql += $" and e.version <= ${++last}";
        if (timestamp is not null)
            sql += $" and e.timestamp <= ${++last}";
        if (fromVersion > 0)
            sql += $" and e.version >= ${++last}";
        var reader = Session.Owner.EventReader;
        return await Session.ExecuteAsync(
            sql + " order by e.version",
            p =>
            {
                BindStream(p, streamId);
                if (version > 0)
                    p.With(NpgsqlDbType.Bigint, version);
                if (timestamp is { } upTo)
                    p.With(NpgsqlDbType.TimestampTz, upTo.UtcDateTime);
                if (fromVersion > 0)
                    p.With(NpgsqlDbType.Bigint, fromVersion);
            },
            rows => QuerySession.ReadRowsAsync(rows, reader.Read, token),
            token);
    }
}
