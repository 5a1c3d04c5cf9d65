using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Deadlines;

/// <summary>What an aggregate does when one of its deadlines passes.</summary>
/// <param name="Aggregate">Name of the aggregate.</param>
/// <param name="Fire">Decides on the stream within the transaction that removes the deadline; true when that changed the state.</param>
public sealed record DeadlineHandler(string Aggregate, Func<Work, Deadline, DateTimeOffset, CancellationToken, Task<bool>> Fire);

/// <summary>Fires due deadlines, each once over all replicas: the row is locked, the event appended and the row deleted in one transaction.</summary>
public sealed partial class DeadlineRunner(IDocumentStore store, IEnumerable<DeadlineHandler> handlers, TimeProvider clock, ILogger<DeadlineRunner> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, DeadlineHandler> _handlers = handlers.ToDictionary(handler => handler.Aggregate);
    private readonly Dictionary<string, DateTimeOffset> _resting = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_handlers.Count == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(Pause);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await FireOne(stoppingToken))
                {
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LookingFailed(logger, exception);
            }
        }
    }

    /// <summary>True when there may be more that is due.</summary>
    private async Task<bool> FireOne(CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        var now = clock.GetUtcNow();
        var resting = _resting.Where(rest => rest.Value > now).Select(rest => rest.Key).ToArray();
        var due = await session.QueryAsync<Deadline>("where due_at <= ? and id <> all(?) order by due_at limit 1 for update skip locked", cancellation, now, resting);
        if (due is not [var deadline])
        {
            return false;
        }

        try
        {
            var work = new Work(session, new Origin("deadline", CorrelationId: deadline.StreamId.ToString(), CausationId: deadline.Id));
            if (!await _handlers[deadline.Aggregate].Fire(work, deadline, now, cancellation))
            {
                work.DropDeadline(deadline);
            }

            await work.Commit(cancellation);
            _resting.Remove(deadline.Id);
            Fired(logger, deadline.Aggregate, deadline.Kind, deadline.StreamId);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            // One that fails must not stand in the way of the others.
            _resting[deadline.Id] = now + RestAfterFailure;
            FiringFailed(logger, deadline.Aggregate, deadline.Kind, deadline.StreamId, exception);
        }

        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Deadline {Kind} of {Aggregate} {StreamId} passed")]
    private static partial void Fired(ILogger logger, string aggregate, string kind, Guid streamId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Deadline {Kind} of {Aggregate} {StreamId} could not be fired; it stays and is tried again")]
    private static partial void FiringFailed(ILogger logger, string aggregate, string kind, Guid streamId, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Due deadlines could not be read; tried again")]
    private static partial void LookingFailed(ILogger logger, Exception exception);
}
