using JasperFx.Events.Projections;
using Marten.Events;
using Marten.Schema;

namespace Marten;

/// <summary>Rarely needed operations on the whole store.</summary>
public class AdvancedOperations
{
    private readonly DocumentStore _store;

    internal AdvancedOperations(DocumentStore store, IDocumentCleaner clean)
    {
        _store = store;
        Clean = clean;
    }

    public IDocumentCleaner Clean { get; }

    /// <summary>Deletes all documents and events, and the progress of subscriptions.</summary>
    public async Task ResetAllData(CancellationToken cancellation = default)
    {
        await Clean.DeleteAllDocumentsAsync(cancellation);
        await Clean.DeleteAllEventDataAsync(cancellation);
    }

    public async Task<EventStoreStatistics> FetchEventStoreStatistics(string? tenantId = default, CancellationToken token = default)
    {
        await _store.EnsureEventTablesAsync(token);
        var sql = _store.Settings.EventSettings.Sql;
        await using var command = _store.DataSource.CreateCommand(
            $"select (select count(*) from {sql.Events}), (select count(*) from {sql.Streams}), (select last_value from {sql.Sequence})");
        await using var reader = await command.ExecuteReaderAsync(token);
        await reader.ReadAsync(token);
        return new EventStoreStatistics
        {
            EventCount = reader.GetInt64(0),
            StreamCount = reader.GetInt64(1),
            EventSequenceNumber = reader.GetInt64(2),
        };
    }

    /// <summary>Every row of mt_event_progression, the high-water mark among them.</summary>
    public async Task<IReadOnlyList<ShardState>> AllProjectionProgress(string? tenantId = default, CancellationToken token = default)
    {
        await _store.EnsureEventTablesAsync(token);
        await using var command = _store.DataSource.CreateCommand(
            $"select name, coalesce(last_seq_id, 0) from {_store.Settings.EventSettings.Sql.Progression} order by name");
        await using var reader = await command.ExecuteReaderAsync(token);
        var states = new List<ShardState>();
        while (await reader.ReadAsync(token))
            states.Add(new ShardState(reader.GetString(0), reader.GetInt64(1)));
        return states;
    }

    public async Task<long> ProjectionProgressFor(ShardName name, string? tenantId = default, CancellationToken token = default)
    {
        var all = await AllProjectionProgress(tenantId, token);
        return all.FirstOrDefault(s => s.ShardName == name.Identity)?.Sequence ?? 0;
    }
}
