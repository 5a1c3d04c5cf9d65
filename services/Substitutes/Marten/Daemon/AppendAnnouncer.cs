using Npgsql;

namespace Marten.Daemon;

/// <summary>
/// Tells the daemons of other processes that events have been committed. A notification inside the appending transaction would make
/// all commits of the database wait for one another, flush included; so one follows shortly after, for all commits up to then. Should
/// it get lost with its process, the daemons find the events by asking.
/// </summary>
internal sealed class AppendAnnouncer(NpgsqlDataSource source, string channel) : IDisposable
{
    private const int Idle = 0;
    private const int Sending = 1;
    private const int Asked = 2;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private readonly CancellationTokenSource _stopping = new();
    private int _state;

    internal void Announce()
    {
        if (Interlocked.Exchange(ref _state, Asked) == Idle)
            _ = Task.Run(SendAsync);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task SendAsync()
    {
        var token = _stopping.Token;
        try
        {
            do
            {
                Volatile.Write(ref _state, Sending);
                await using (var command = source.CreateCommand($"select set_config('synchronous_commit', 'off', true), pg_notify('{channel}', '')"))
                    await command.ExecuteNonQueryAsync(token);
                await Task.Delay(Pause, token);
            }
            while (Interlocked.CompareExchange(ref _state, Idle, Sending) != Sending);
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or ObjectDisposedException)
        {
            Volatile.Write(ref _state, Idle);
        }
    }
}
