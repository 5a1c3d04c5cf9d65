using JasperFx.Events;
using Marten.Documents;
using Npgsql;

namespace Marten.Events;

/// <summary>Turns a row of mt_events into an event.</summary>
internal sealed class EventReader(EventStoreSettings settings, JsonDocumentSerializer serializer)
{
    private const int FirstOptionalColumn = 10;

    internal IEvent Read(NpgsqlDataReader row)
    {
        var mapping = settings.Resolve(row.GetString(4), row.IsDBNull(7) ? null : row.GetString(7));
        var @event = mapping.Read(row.GetFieldValue<byte[]>(9), serializer);
        @event.Sequence = row.GetInt64(0);
        @event.Id = row.GetGuid(1);
        if (settings.StreamIdentity == StreamIdentity.AsGuid)
            @event.StreamId = row.GetGuid(2);
        else
            @event.StreamKey = row.GetString(2);
        @event.Version = row.GetInt64(3);
        @event.Timestamp = new DateTimeOffset(row.GetDateTime(5));
        @event.TenantId = row.GetString(6);
        @event.IsArchived = row.GetBoolean(8);

        var metadata = settings.MetadataConfig;
        var column = FirstOptionalColumn;
        if (metadata.CorrelationIdEnabled)
            @event.CorrelationId = Text(row, column++);
        if (metadata.CausationIdEnabled)
            @event.CausationId = Text(row, column++);
        if (metadata.HeadersEnabled && Text(row, column++) is { } headers)
            @event.Headers = serializer.HeadersFromJson(headers);
        if (metadata.UserNameEnabled)
            @event.UserName = Text(row, column);
        return @event;
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
