using JasperFx.Events;

namespace Marten.Events;

/// <summary>
/// The statements of the event store. Each append is one statement, so that a session's save is one round trip; a check that fails
/// divides by zero, which rolls the whole batch back before anything is committed. Every statement has the rows of its streams before it
/// writes events: who came to the same streams in the same order the other way round would end in a deadlock.
/// </summary>
internal sealed class EventSql
{
    internal EventSql(EventStoreSettings settings)
    {
        var schema = settings.DatabaseSchemaName;
        var streamIdType = settings.StreamIdentity == StreamIdentity.AsGuid ? "uuid" : "varchar";
        Streams = $"{schema}.mt_streams";
        Events = $"{schema}.mt_events";
        Progression = $"{schema}.mt_event_progression";
        Sequence = $"{schema}.mt_events_sequence";
        Channel = $"mt_events_{schema}";

        var metadata = settings.MetadataConfig;
        var extraColumns = (metadata.CorrelationIdEnabled ? ", correlation_id" : "")
            + (metadata.CausationIdEnabled ? ", causation_id" : "")
            + (metadata.HeadersEnabled ? ", headers" : "")
            + (metadata.UserNameEnabled ? ", user_name" : "");
        var extraArrays = (metadata.CorrelationIdEnabled ? ", $9::varchar[]" : "")
            + (metadata.CausationIdEnabled ? ", $10::varchar[]" : "")
            + (metadata.HeadersEnabled ? ", $11::jsonb[]" : "")
            + (metadata.UserNameEnabled ? ", $12::varchar[]" : "");
        var time = settings.AppendMode == EventAppendMode.Quick ? "coalesce(e.timestamp, transaction_timestamp())" : "e.timestamp";
        var insert =
            $"""
            insert into {Events} (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, is_archived{extraColumns})
            select nextval('{Sequence}'), e.id, s.id, s.base + e.ordinal, e.data, e.type, {time}, $4, e.mt_dotnet_type, false{extraColumns.Replace(", ", ", e.", StringComparison.Ordinal)}
            from s, unnest($5::uuid[], $6::jsonb[], $7::varchar[], $8::varchar[], $13::timestamptz[]{extraArrays}) with ordinality
              as e(id, data, type, mt_dotnet_type, timestamp{extraColumns}, ordinal)
            """;
        const string returning = "returning seq_id, version, timestamp";
        Start =
            $"""
            with s as (
              insert into {Streams} (id, type, version, timestamp, created, tenant_id, is_archived)
              values ($1::{streamIdType}, $2, $3, transaction_timestamp(), transaction_timestamp(), $4, false)
              returning id, 0 as base)
            {insert}
            {returning}
            """;
        StartMany =
            $"""
            with s as (
              insert into {Streams} (id, type, version, timestamp, created, tenant_id, is_archived)
              select t.id, t.type, t.version, transaction_timestamp(), transaction_timestamp(), $4, false
              from unnest($1::{streamIdType}[], $2::varchar[], $3::bigint[]) as t(id, type, version)
              returning 1)
            insert into {Events} (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, is_archived{extraColumns})
            select nextval('{Sequence}'), e.id, e.stream_id, e.version, e.data, e.type, {time}, $4, e.mt_dotnet_type, false{extraColumns.Replace(", ", ", e.", StringComparison.Ordinal)}
            from unnest($5::uuid[], $6::jsonb[], $7::varchar[], $8::varchar[], $13::timestamptz[]{extraArrays}, $14::{streamIdType}[], $15::bigint[])
              as e(id, data, type, mt_dotnet_type, timestamp{extraColumns}, stream_id, version)
            where (select count(*) from s) > 0
            {returning}
            """;
        AppendExpected =
            $"""
            with s as (
              update {Streams} set version = $14 + $3, timestamp = transaction_timestamp(), type = coalesce(type, $2)
              where id = $1 and version = $14 and not is_archived
              returning id, version - $3 as base)
            {insert}
            where 1 / (select count(*) from s) = 1
            {returning}
            """;
        Append =
            $"""
            with s as (
              insert into {Streams} as m (id, type, version, timestamp, created, tenant_id, is_archived)
              values ($1::{streamIdType}, $2, $3, transaction_timestamp(), transaction_timestamp(), $4, false)
              on conflict (id) do update set version = m.version + excluded.version, timestamp = excluded.timestamp
              where not m.is_archived
              returning id, version - $3 as base)
            {insert}
            where 1 / (select count(*) from s) = 1
            {returning}
            """;

        Columns = $"e.seq_id, e.id, e.stream_id, e.version, e.type, e.timestamp, e.tenant_id, e.mt_dotnet_type, e.is_archived, e.data{extraColumns.Replace(", ", ", e.", StringComparison.Ordinal)}";
        FetchStream = $"select {Columns} from {Events} e where e.stream_id = $1 and not e.is_archived";
        LoadById = $"select {Columns} from {Events} e where e.id = $1";
        StreamState = $"select version, type, timestamp, created, is_archived from {Streams} where id = $1";
        ArchiveEvents = $"with s as (update {Streams} set is_archived = true where id = $1) update {Events} set is_archived = true where stream_id = $1";
        Replace =
            $"""
            with e as (update {Events} set data = $2, type = $3, mt_dotnet_type = $4, id = $5 where seq_id = $1 returning 1)
            select 1 / count(*) from e
            """;
        PageFrom = $"select {Columns} from {Events} e where e.seq_id > $1 and e.seq_id <= $2";
        MoveProgress =
            $"""
            with p as (update {Progression} set last_seq_id = $3, last_updated = transaction_timestamp() where name = $1 and last_seq_id = $2 returning 1)
            select 1 / count(*) from p
            """;
    }

    internal string Streams { get; }

    internal string Events { get; }

    internal string Progression { get; }

    internal string Sequence { get; }

    internal string Channel { get; }

    internal string Start { get; }

    internal string StartMany { get; }

    internal string AppendExpected { get; }

    internal string Append { get; }

    internal string Columns { get; }

    internal string FetchStream { get; }

    internal string LoadById { get; }

    internal string StreamState { get; }

    internal string ArchiveEvents { get; }

    internal string Replace { get; }

    internal string PageFrom { get; }

    internal string MoveProgress { get; }
}
