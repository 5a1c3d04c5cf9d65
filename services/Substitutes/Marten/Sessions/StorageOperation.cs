using System.Data.Common;
using Marten.Documents;
using Npgsql;

namespace Marten.Sessions;

/// <summary>One queued write: one command of the batch that saves the session.</summary>
internal abstract class StorageOperation
{
    /// <summary>What a failed check in our own statements raises.</summary>
    protected const string CheckFailed = PostgresErrorCodes.DivisionByZero;

    /// <summary>Whether the statement is always the same text, so that preparing it pays.</summary>
    internal virtual bool IsPreparable => true;

    internal virtual bool ReturnsRows => false;

    /// <summary>The document table that the statement needs.</summary>
    internal virtual DocumentMapping? Mapping => null;

    internal abstract NpgsqlBatchCommand ToCommand();

    internal virtual Task ReadAsync(DbDataReader reader, CancellationToken token) => Task.CompletedTask;

    internal virtual ValueTask<Exception?> TranslateAsync(PostgresException failure, DocumentStore store) => ValueTask.FromResult<Exception?>(null);

    internal virtual void AfterCommit()
    {
    }
}
