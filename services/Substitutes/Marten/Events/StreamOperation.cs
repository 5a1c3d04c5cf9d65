using System.Data.Common;
using JasperFx.Events;
using Marten.Documents;
using Marten.Exceptions;
using Marten.Sessions;
using Npgsql;
using NpgsqlTypes;

namespace Marten.Events;

/// <summary>Adds the events of one stream, in one statement.</summary>
internal sealed class StreamOperation(StreamAction action, EventStoreSettings settings, JsonDocumentSerializer serializer) : StorageOperation
{
    internal StreamAction Action { get; } = action;

    internal override bool ReturnsRows => true;

    internal override NpgsqlBatchCommand ToCommand()
    {
        var events = Action.Events;
        var count = events.Count;
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
        for (var i = 0; i < count; i++)
        {
            var @event = events[i];
            ids[i] = @event.Id;
            bodies[i] = serializer.ToJson(@event.Data);
            types[i] = @event.EventTypeName;
            dotNetTypes[i] = @event.DotNetTypeName;
            times[i] = settings.AppendMode == EventAppendMode.Quick ? null
                : @event.Timestamp == default ? now.UtcDateTime : @event.Timestamp.UtcDateTime;
            correlations[i] = @event.CorrelationId;
            causations[i] = @event.CausationId;
            headers[i] = @event.Headers is { Count: > 0 } values ? serializer.HeadersToJson(values) : null;
            users[i] = @event.UserName;
        }

        var (text, expected) = Statement();
        var command = new NpgsqlBatchCommand(text);
        var parameters = command.Parameters;
        if (settings.StreamIdentity == StreamIdentity.AsGuid)
            parameters.With(NpgsqlDbType.Uuid, Action.Id);
        else
            parameters.With(NpgsqlDbType.Varchar, Action.Key);
        parameters
            .With(NpgsqlDbType.Varchar, settings.AggregateAlias(Action.AggregateType))
            .With(NpgsqlDbType.Bigint, (long)count)
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
        return command;
    }

    internal override async Task ReadAsync(DbDataReader reader, CancellationToken token)
    {
        foreach (var @event in Action.Events)
        {
            if (!await reader.ReadAsync(token))
                throw new MartenException($"Not all events of stream '{Action.Identity}' were stored.");
            @event.Sequence = reader.GetInt64(0);
            @event.Version = reader.GetInt64(1);
            @event.Timestamp = new DateTimeOffset(reader.GetDateTime(2));
        }

        Action.Version = Action.Events.Count > 0 ? Action.Events[^1].Version : Action.Version;
    }

    internal override async ValueTask<Exception?> TranslateAsync(PostgresException failure, DocumentStore store)
    {
        var isCollision = failure.SqlState == PostgresErrorCodes.UniqueViolation && failure.TableName is "mt_streams" or "mt_events";
        if (!isCollision && failure.SqlState != CheckFailed)
            return null;
        if (Action.ActionType == StreamActionType.Start)
            return new ExistingStreamIdCollisionException(Action.Identity, Action.AggregateType);
        var state = await store.ReadStreamStateAsync(Action.Identity);
        return state is { IsArchived: true }
            ? new InvalidStreamOperationException($"Attempted to append event to archived stream with Id '{Action.Identity}'.")
            : new EventStreamUnexpectedMaxEventIdException(Action.Identity, Action.AggregateType, Action.ExpectedVersionOnServer ?? 0, state?.Version ?? 0);
    }

    private (string Text, long? Expected) Statement() => Action switch
    {
        { ActionType: StreamActionType.Start } => (settings.Sql.Start, null),
        { ExpectedVersionOnServer: 0 } => (settings.Sql.Start, null),
        { ExpectedVersionOnServer: { } expected } => (settings.Sql.AppendExpected, expected),
        _ => (settings.Sql.Append, null),
    };
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
