using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using NpgsqlTypes;

namespace OtPlatform.Bench;

/// <summary>
/// The reference: the same rows into the same tables, written for exactly this with bare Npgsql: every statement prepared, a
/// transaction is one batch and so one round trip, and each has a connection from the pool, as anything that serves many callers.
/// </summary>
internal sealed class RawStore(string connectionString) : IAsyncDisposable
{
    private const string InsertEvents =
        """
        insert into ot.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, is_archived, correlation_id, causation_id, headers, user_name)
        select nextval('ot.mt_events_sequence'), e.id, e.stream_id, e.version, e.data, e.type, e.timestamp, '*DEFAULT*', e.mt_dotnet_type, false, null, null, null, null
        from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::jsonb[], $5::varchar[], $6::varchar[], $7::timestamptz[])
          as e(id, stream_id, version, data, type, mt_dotnet_type, timestamp)
        """;

    private const string InsertStreams =
        "insert into ot.mt_streams (id, version, timestamp, created, tenant_id, is_archived) select s.id, s.version, now(), now(), '*DEFAULT*', false from unnest($1::uuid[], $2::bigint[]) as s(id, version)";

    private const string InsertStream =
        "insert into ot.mt_streams (id, version, timestamp, created, tenant_id, is_archived) values ($1, $2, now(), now(), '*DEFAULT*', false)";

    private const string MoveStream = "update ot.mt_streams set version = $2, timestamp = now() where id = $1 and version = $3";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private static readonly Dictionary<string, Type> Types = new[] { typeof(NoteOpened), typeof(NoteAssessed), typeof(NoteClaimed) }.ToDictionary(Alias);
    private static readonly Dictionary<Type, string> Aliases = Types.ToDictionary(pair => pair.Value, pair => pair.Key);
    private static readonly Dictionary<Type, string> DotNetNames = Types.Values.ToDictionary(type => type, type => $"{type.FullName}, {type.Assembly.GetName().Name}");

    private const string Fetch = "select seq_id, id, version, type, timestamp, data from ot.mt_events where stream_id = $1 order by version";

    private const string Page = "select seq_id, id, stream_id, version, type, timestamp, data from ot.mt_events where seq_id > $1 order by seq_id limit $2";

    private const string Progress =
        "insert into ot.mt_event_progression (name, last_seq_id) values ('raw:All', $1) on conflict (name) do update set last_seq_id = excluded.last_seq_id";

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString);

    /// <summary>One stream with its first events.</summary>
    public Task Start(Guid id, NoteEvent[] events) =>
        Write(new NpgsqlBatchCommand(InsertStream) { Parameters = { Value(id), Value((long)events.Length) } }, Events([(id, 0, events)], events.Length));

    /// <summary>Several streams in one transaction.</summary>
    public Task Start(IReadOnlyList<(Guid Id, NoteEvent[] Events)> streams) =>
        Write(
            new NpgsqlBatchCommand(InsertStreams) { Parameters = { Value(streams.Select(stream => stream.Id).ToArray()), Value(streams.Select(stream => (long)stream.Events.Length).ToArray()) } },
            Events([.. streams.Select(stream => (stream.Id, 0, stream.Events))], streams.Sum(stream => stream.Events.Length)));

    /// <summary>Events after those that are there.</summary>
    public async Task Append(Guid id, int version, NoteEvent[] events)
    {
        var move = new NpgsqlBatchCommand(MoveStream) { Parameters = { Value(id), Value((long)version + events.Length), Value((long)version) } };
        await Write(move, Events([(id, version, events)], events.Length));
        if (move.RecordsAffected != 1)
        {
            throw new InvalidOperationException("The stream is at another version.");
        }
    }

    /// <summary>Reads a stream and folds it.</summary>
    public async Task<Note> Fold(Guid id)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using var fetch = new NpgsqlCommand(Fetch, connection) { Parameters = { Value(id) } };
        await fetch.PrepareAsync();
        await using var reader = await fetch.ExecuteReaderAsync();
        var note = Note.Initial;
        while (await reader.ReadAsync())
        {
            _ = (reader.GetInt64(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetDateTime(4));
            note = Note.Evolve(note, Body(reader, 3));
        }

        return note;
    }

    /// <summary>Reads every event after a number, page by page, and writes after each page how far it is.</summary>
    public async Task<int> ReadAll(int pageSize, Action<NoteEvent> see)
    {
        var (position, count) = (0L, 0);
        while (true)
        {
            var read = 0;
            await using var connection = await _source.OpenConnectionAsync();
            await using (var page = new NpgsqlCommand(Page, connection) { Parameters = { Value(position), Value(pageSize) } })
            {
                await page.PrepareAsync();
                await using var reader = await page.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                {
                    position = reader.GetInt64(0);
                    _ = (reader.GetGuid(1), reader.GetGuid(2), reader.GetInt64(3), reader.GetDateTime(5));
                    see(Body(reader, 4));
                    read++;
                }
            }

            if (read == 0)
            {
                return count;
            }

            count += read;
            await Write(new NpgsqlBatchCommand(Progress) { Parameters = { Value(position) } });
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task Write(params NpgsqlBatchCommand[] commands)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        await batch.PrepareAsync();
        await batch.ExecuteNonQueryAsync();
    }

    private static NoteEvent Body(NpgsqlDataReader reader, int typeColumn) =>
        (NoteEvent)JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(typeColumn + 2), Types[reader.GetString(typeColumn)], Json)!;

    private static NpgsqlBatchCommand Events(IReadOnlyList<(Guid Id, int Version, NoteEvent[] Events)> streams, int count)
    {
        var (ids, streamIds, versions, bodies) = (new Guid[count], new Guid[count], new long[count], new byte[count][]);
        var (types, dotNetTypes, times) = (new string[count], new string[count], new DateTime[count]);
        var (row, now) = (0, DateTime.UtcNow);
        foreach (var (id, version, events) in streams)
        {
            for (var i = 0; i < events.Length; i++, row++)
            {
                var type = events[i].GetType();
                (ids[row], streamIds[row], versions[row]) = (Guid.CreateVersion7(), id, version + i + 1);
                bodies[row] = JsonSerializer.SerializeToUtf8Bytes(events[i], type, Json);
                (types[row], dotNetTypes[row], times[row]) = (Aliases[type], DotNetNames[type], now);
            }
        }

        return new NpgsqlBatchCommand(InsertEvents)
        {
            Parameters =
            {
                Value(ids), Value(streamIds), Value(versions),
                new NpgsqlParameter<byte[][]> { TypedValue = bodies, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
                new NpgsqlParameter<string[]> { TypedValue = types, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar },
                new NpgsqlParameter<string[]> { TypedValue = dotNetTypes, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar },
                Value(times),
            },
        };
    }

    private static string Alias(Type type) => string.Concat(type.Name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}
