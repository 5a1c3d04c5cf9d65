using JasperFx.Events;
using Marten.Documents;
using Marten.Events;

namespace Marten.Schema;

internal sealed record Column(string Name, string Definition, string? FillFromJson = null);

internal sealed record Index(string Name, string Sql);

/// <summary>A table as it should be.</summary>
internal sealed record Table(string Schema, string Name, IReadOnlyList<Column> Columns, IReadOnlyList<string> Constraints, IReadOnlyList<Index> Indexes)
{
    internal string QualifiedName => $"{Schema}.{Name}";

    internal string CreateSql =>
        $"create table {QualifiedName} ({string.Join(", ", Columns.Select(c => $"{c.Name} {c.Definition}").Concat(Constraints))})";
}

/// <summary>The tables that the settings ask for.</summary>
internal static class SchemaObjects
{
    private const int LongestName = 63;

    internal static IReadOnlyList<Table> ForEvents(EventStoreSettings settings)
    {
        var schema = settings.DatabaseSchemaName;
        var streamId = settings.StreamIdentity == StreamIdentity.AsGuid ? "uuid" : "varchar";
        var tenant = $"varchar default '{EventNaming.DefaultTenant}'";
        var metadata = settings.MetadataConfig;
        List<Column> events =
        [
            new("seq_id", "bigint not null"),
            new("id", "uuid not null"),
            new("stream_id", streamId),
            new("version", "bigint not null"),
            new("data", "jsonb not null"),
            new("bdata", "bytea"),
            new("type", "varchar(500) not null"),
            new("timestamp", "timestamptz default now() not null"),
            new("tenant_id", tenant),
            new("mt_dotnet_type", "varchar"),
            new("is_archived", "boolean default false"),
        ];
        if (metadata.CorrelationIdEnabled)
            events.Add(new("correlation_id", "varchar"));
        if (metadata.CausationIdEnabled)
            events.Add(new("causation_id", "varchar"));
        if (metadata.HeadersEnabled)
            events.Add(new("headers", "jsonb"));
        if (metadata.UserNameEnabled)
            events.Add(new("user_name", "varchar"));
        return
        [
            new(
                schema,
                "mt_streams",
                [
                    new("id", $"{streamId} not null"),
                    new("type", "varchar"),
                    new("version", "bigint"),
                    new("timestamp", "timestamptz default now() not null"),
                    new("created", "timestamptz default now() not null"),
                    new("tenant_id", tenant),
                    new("is_archived", "boolean default false"),
                ],
                ["constraint pkey_mt_streams_id primary key (id)"],
                []),
            new(
                schema,
                "mt_events",
                events,
                [
                    "constraint pkey_mt_events_seq_id primary key (seq_id)",
                    $"constraint fkey_mt_events_stream_id foreign key (stream_id) references {schema}.mt_streams (id) on delete cascade",
                ],
                [new("pk_mt_events_stream_and_version", $"create unique index pk_mt_events_stream_and_version on {schema}.mt_events (stream_id, version)")]),
            new(
                schema,
                "mt_event_progression",
                [
                    new("name", "varchar not null"),
                    new("last_seq_id", "bigint"),
                    new("last_updated", "timestamptz default transaction_timestamp()"),
                ],
                ["constraint pk_mt_event_progression primary key (name)"],
                []),
        ];
    }

    internal static Table For(DocumentMapping mapping)
    {
        List<Column> columns =
        [
            new("id", $"{mapping.IdColumnType} not null"),
            new("data", "jsonb not null"),
            new("mt_last_modified", "timestamptz default transaction_timestamp()"),
            new("mt_version", mapping.UseNumericRevisions
                ? "bigint not null default 0"
                : "uuid not null default (md5(random()::text || clock_timestamp()::text)::uuid)"),
            new("mt_dotnet_type", "varchar"),
        ];
        columns.AddRange(mapping.DuplicatedFields.Select(f => new Column(
            f.Column,
            $"{f.ColumnType(mapping.Serializer)}{(f.NotNull ? " not null" : "")}",
            $"cast({f.Member.JsonLocator(mapping.Serializer)} as {f.ColumnType(mapping.Serializer)})")));
        return new Table(
            mapping.Schema,
            mapping.TableName,
            columns,
            [$"constraint {mapping.PrimaryKeyName} primary key (id)"],
            [.. mapping.DuplicatedFields.Select(f => DuplicateIndex(mapping, f)), .. mapping.Indexes.Select(i => Computed(mapping, i))]);
    }

    private static Index DuplicateIndex(DocumentMapping mapping, DuplicatedField field) => Build(
        mapping,
        field.Index.Name ?? $"{mapping.TableName}_idx_{field.Column}",
        field.Index.IsUnique,
        field.Column,
        field.Index.Predicate);

    private static Index Computed(DocumentMapping mapping, MappedIndex index) => Build(
        mapping,
        index.Settings.Name ?? $"{mapping.TableName}_{(index.Settings.IsUnique ? "uidx" : "idx")}_{string.Concat(index.Members.Select(m => m.SnakeCase))}",
        index.Settings.IsUnique,
        string.Join(", ", index.Members.Select(m => $"({Expression(mapping, m)})")),
        index.Settings.Predicate);

    private static Index Build(DocumentMapping mapping, string name, bool unique, string keys, string? predicate)
    {
        var shortened = name.Length > LongestName ? name[..LongestName] : name;
        var where = predicate is null ? "" : $" where {predicate}";
        return new Index(shortened, $"create {(unique ? "unique " : "")}index {shortened} on {mapping.QualifiedTableName} using btree ({keys}){where}");
    }

    private static string Expression(DocumentMapping mapping, MemberPath member)
    {
        var locator = member.JsonLocator(mapping.Serializer);
        var type = DbTypes.For(member.ValueType, mapping.Serializer.EnumStorage).Name;
        return type switch
        {
            "varchar" => locator,
            "timestamp with time zone" or "timestamp without time zone" or "date" or "time without time zone" =>
                throw new NotSupportedException($"{mapping.Type.Name}.{member.SnakeCase}: a date inside JSON cannot be indexed; use Duplicate."),
            _ => $"cast({locator} as {type})",
        };
    }
}
