using Marten.Events;
using Marten.Sessions;
using Npgsql;
using NpgsqlTypes;

namespace Marten.Daemon;

/// <summary>Moves a subscription's progress, only from where this process believes it to be.</summary>
internal sealed class ProgressOperation(EventSql sql, string shard, long from, long to) : StorageOperation
{
    internal override bool ReturnsRows => true;

    internal override NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(sql.MoveProgress);
        command.Parameters
            .With(NpgsqlDbType.Varchar, shard)
            .With(NpgsqlDbType.Bigint, from)
            .With(NpgsqlDbType.Bigint, to);
        return command;
    }

    internal override ValueTask<Exception?> TranslateAsync(PostgresException failure, DocumentStore store) =>
        ValueTask.FromResult<Exception?>(failure.SqlState == CheckFailed ? new ProgressMovedException() : null);
}

/// <summary>Another process has moved the progress: what this one believes is out of date.</summary>
internal sealed class ProgressMovedException : Exception;
