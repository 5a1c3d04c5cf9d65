using System.Data.Common;
using JasperFx.Events;
using Marten.Documents;
using Marten.Exceptions;
using Marten.Sessions;
using Npgsql;
using NpgsqlTypes;

namespace Marten.Events;

/// <summary>Adds the events of one stream, or of several that are started together, in one statement.</summary>
internal sealed class StreamOperation(IReadOnlyList<StreamAction> actions, EventStoreSettings settings, JsonDocumentSerializer serializer) : StorageOperation
{
    internal override bool ReturnsRows => true;

    /// <summary>As few statements as the order of the events allows: streams started one after the other share one.</summary>
    internal static IEnumerable<StreamOperation> For(IReadOnlyList<StreamAction> actions, EventStoreSettings settings, JsonDocumentSerializer serializer)
    {
        for (var first = 0; first < actions.Count;)
        {
            var next = first + 1;
            if (actions[first].ActionType == StreamActionType.Start)
            {
                while (next < actions.Count && actions[next].ActionType == StreamActionType.Start)
                    next++;
            }

            yield return new StreamOperation([.. actions.Skip(first).Take(next - first)], settings, serializer);
            first = next;
        }
    }

    internal override NpgsqlBatchCommand ToCommand()
    {
        var count = actions.Sum(a => a.Events.Count);
        var ids = new Guid[count];
        var bodies = new byte[count][];
        var types = new string[count];
        var dotNetTypes = new string[count];
        var times = new DateTime?[count];
        var correlations = new string?[count];
        var causations = new string?[count];
        var headers = new string?[count];
        var users = new string?[count];
        var now = settings.TimeProvider.GetUtcNow();
        var i = 0;
        foreach (var @event in actions.SelectMany(a => a.Events))
        {
            ids[i] = @event.Id;
            bodies[i] = settings.MappingFor(@event.EventType).ToJson(@event.Data, serializer);
            types[i] = @event.EventTypeName;
            dotNetTypes[i] = @event.DotNetTypeName;
            times[i] = settings.AppendMode == EventAppendMode.Quick ? null
                : @event.Timestamp == default ? now.UtcDateTime : @event.Timestamp.UtcDateTime;
            correlations[i] = @event.CorrelationId;
            causations[i] = @event.CausationId;
            headers[i] = @event.Headers is { Count: > 0 } values ? serializer.HeadersToJson(values) : null;
            users[i] = @event.UserName;
            i++;
        }

        var (text, expected) = Statement();
        var command = new NpgsqlBatchCommand(text);
        var parameters = command.Parameters;
        if (actions.Count == 1)
            BindStream(parameters, actions[0], count);
        else
            BindStreams(parameters);
        parameters
            .With(NpgsqlDbType.Varchar, EventNaming.DefaultTenant)
            .With(NpgsqlDbType.Array | NpgsqlDbType.Uuid, ids)
            .With(NpgsqlDbType.Array | NpgsqlDbType.Jsonb, bodies)
            .With(NpgsqlDbType.Array | NpgsqlDbType.Varchar, types)
            .With(NpgsqlDbType.Array | NpgsqlDbType.Varchar, dotNetTypes)
            .With(NpgsqlDbType.Array | NpgsqlDbType.Varchar, correlations)
            .With(NpgsqlDbType.Array | NpgsqlDbType.Varchar, causations)
            .With(NpgsqlDbType.Array | NpgsqlDbType.Jsonb, headers)
            .With(NpgsqlDbType.Array | NpgsqlDbType.Varchar, users)
            .With(NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, times);
        if (expected is { } version)
            parameters.With(NpgsqlDbType.Bigint, version);
        if (actions.Count > 1)
        {
            BindIds(parameters, actions.SelectMany(a => Enumerable.Repeat(a, a.Events.Count)));
            parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Bigint, actions.SelectMany(a => Enumerable.Range(1, a.Events.Count)).Select(v => (long)v).ToArray());
        }

        return command;
    }

    internal override async Task ReadAsync(DbDataReader reader, CancellationToken token)
    {
        foreach (var action in actions)
        {
            foreach (var @event in action.Events)
            {
                if (!await reader.ReadAsync(token))
                    throw new MartenException($"Not all events of stream '{action.Identity}' were stored.");
                @event.Sequence = reader.GetInt64(0);
                @event.Version = reader.GetInt64(1);
                @event.Timestamp = new DateTimeOffset(reader.GetDateTime(2));
            }

            action.Version = action.Events[^1].Version;
        }
    }

    internal override async ValueTask<Exception?> TranslateAsync(PostgresException failure, DocumentStore store)
    {
        var isCollision = failure.SqlState == PostgresErrorCodes.UniqueViolation && failure.TableName is "mt_streams" or "mt_events";
        if (!isCollision && failure.SqlState != CheckFailed)
            return null;
        foreach (var action in actions)
        {
            var state = await store.ReadStreamStateAsync(action.Identity);
            if (actions.Count > 1 && state is null && action != actions[^1])
                continue;
            if (action.ActionType == StreamActionType.Start)
                return new ExistingStreamIdCollisionException(action.Identity, action.AggregateType);
            return state is { IsArchived: true }
                ? new InvalidStreamOperationException($"Attempted to append event to archived stream with Id '{action.Identity}'.")
                : new EventStreamUnexpectedMaxEventIdException(action.Identity, action.AggregateType, action.ExpectedVersionOnServer ?? 0, state?.Version ?? 0);
        }

        return null;
    }

    private (string Text, long? Expected) Statement() => actions[0] switch
    {
        _ when actions.Count > 1 => (settings.Sql.StartMany, null),
        { ActionType: StreamActionType.Start } => (settings.Sql.Start, null),
        { ExpectedVersionOnServer: 0 } => (settings.Sql.Start, null),
        { ExpectedVersionOnServer: { } expected } => (settings.Sql.AppendExpected, expected),
        _ => (settings.Sql.Append, null),
    };

    private void BindStream(NpgsqlParameterCollection parameters, StreamAction action, int count)
    {
        if (settings.StreamIdentity == StreamIdentity.AsGuid)
            parameters.With(NpgsqlDbType.Uuid, action.Id);
        else
            parameters.With(NpgsqlDbType.Varchar, action.Key);
        parameters
            .With(NpgsqlDbType.Varchar, settings.AggregateAlias(action.AggregateType))
            .With(NpgsqlDbType.Bigint, (long)count);
    }

    private void BindStreams(NpgsqlParameterCollection parameters)
    {
        BindIds(parameters, actions);
        parameters
            .With(NpgsqlDbType.Array | NpgsqlDbType.Varchar, actions.Select(a => settings.AggregateAlias(a.AggregateType)).ToArray())
            .With(NpgsqlDbType.Array | NpgsqlDbType.Bigint, actions.Select(a => (long)a.Events.Count).ToArray());
    }

    private void BindIds(NpgsqlParameterCollection parameters, IEnumerable<StreamAction> of)
    {
        if (settings.StreamIdentity == StreamIdentity.AsGuid)
            parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Uuid, of.Select(a => a.Id).ToArray());
        else
            parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Varchar, of.Select(a => a.Key).ToArray());
    }
}

/// <summary>Marks a stream and its events as archived.</summary>
internal sealed class ArchiveOperation(object streamId, EventStoreSettings settings) : StorageOperation
{
    internal override NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(settings.Sql.ArchiveEvents);
        command.Parameters.WithObject(streamId is Guid ? NpgsqlDbType.Uuid : NpgsqlDbType.Varchar, streamId);
        return command;
    }
}

/// <summary>Puts another body in the place of a stored event.</summary>
internal sealed class ReplaceEventOperation(long sequence, Guid id, byte[] body, EventMapping mapping, EventStoreSettings settings) : StorageOperation
{
    internal override bool ReturnsRows => true;

    internal override NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(settings.Sql.Replace);
        command.Parameters
            .With(NpgsqlDbType.Bigint, sequence)
            .With(NpgsqlDbType.Jsonb, body)
            .With(NpgsqlDbType.Varchar, mapping.Alias)
            .With(NpgsqlDbType.Varchar, mapping.DotNetTypeName)
            .With(NpgsqlDbType.Uuid, id);
        return command;
    }

    internal override ValueTask<Exception?> TranslateAsync(PostgresException failure, DocumentStore store) =>
        ValueTask.FromResult<Exception?>(failure.SqlState == CheckFailed ? new MartenException($"There is no event with the sequence number {sequence}.") : null);
}
