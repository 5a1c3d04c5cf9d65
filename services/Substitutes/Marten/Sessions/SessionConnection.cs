using System.Data;
using Npgsql;

namespace Marten.Sessions;

/// <summary>A connection per use, until a transaction or the caller asks for one that stays.</summary>
internal sealed class SessionConnection(NpgsqlDataSource source, IsolationLevel isolation) : IDisposable, IAsyncDisposable
{
    private NpgsqlConnection? _held;
    private NpgsqlTransaction? _transaction;

    internal bool HasTransaction => _transaction is not null;

    internal bool NeedsTransaction => isolation is not (IsolationLevel.ReadCommitted or IsolationLevel.Unspecified);

    internal NpgsqlConnection Hold(bool withTransaction)
    {
        _held ??= source.OpenConnection();
        if (withTransaction)
            _transaction ??= _held.BeginTransaction(isolation);
        return _held;
    }

    internal async ValueTask BeginAsync(CancellationToken token)
    {
        _held ??= await source.OpenConnectionAsync(token);
        _transaction ??= await _held.BeginTransactionAsync(isolation, token);
    }

    internal async ValueTask<Lease> RentAsync(CancellationToken token) =>
        _held is { } held ? new Lease(held, owned: false) : new Lease(await source.OpenConnectionAsync(token), owned: true);

    internal async Task CommitAsync(CancellationToken token)
    {
        if (_transaction is null)
            return;
        await _transaction.CommitAsync(token);
        await ReleaseAsync();
    }

    internal async ValueTask ReleaseAsync()
    {
        var (transaction, held) = (_transaction, _held);
        (_transaction, _held) = (null, null);
        if (transaction is not null)
            await transaction.DisposeAsync();
        if (held is not null)
            await held.DisposeAsync();
    }

    public void Dispose()
    {
        _transaction?.Dispose();
        _held?.Dispose();
        (_transaction, _held) = (null, null);
    }

    public ValueTask DisposeAsync() => ReleaseAsync();

    internal readonly struct Lease(NpgsqlConnection connection, bool owned) : IAsyncDisposable
    {
        internal NpgsqlConnection Connection { get; } = connection;

        public ValueTask DisposeAsync() => owned ? Connection.DisposeAsync() : ValueTask.CompletedTask;
    }
}
