using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Platform.Messaging;

/// <summary>Keeps what the inbox remembers bounded: entries go when no redrive can bring their message any more.</summary>
public sealed partial class Housekeeping(IDocumentStore store, TimeProvider clock, ILogger<Housekeeping> logger) : BackgroundService
{
    /// <summary>How long a message is remembered; an error queue must not be redriven later than that.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(90);

    private const int AtOnce = 5_000;
    private const int MostSteps = 1_000;
    private const string Inbox = $"{StoreExtensions.Schema}.mt_doc_inboxentry";
    private const string Faulted = $"{StoreExtensions.Schema}.mt_doc_faultedmessage";
    private const string Progress = $"{StoreExtensions.Schema}.mt_doc_streamprogress";
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        do
        {
            try
            {
                var removed = await Clean(stoppingToken);
                Cleaned(logger, removed);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Removes what is over, in steps that hold no lock for long; the number of inbox entries removed.</summary>
    public async Task<long> Clean(CancellationToken cancellation)
    {
        var before = clock.GetUtcNow() - Retention;
        long removed = 0;
        for (var step = 0; step < MostSteps; step++)
        {
            await using var session = store.LightweightSession();
            var old = (await session.AdvancedSql.QueryAsync<long>($"select count(*) from (select 1 from {Inbox} where done_at < ? limit {AtOnce}) as old", cancellation, before))[0];
            if (old == 0)
            {
                break;
            }

            session.QueueSqlCommand($"delete from {Inbox} where id in (select id from {Inbox} where done_at < ? order by done_at limit {AtOnce} for update skip locked)", before);
            await session.SaveChangesAsync(cancellation);
            removed += old;
        }

        await using var last = store.LightweightSession();
        last.QueueSqlCommand($"delete from {StoreExtensions.TableOf<RedactedStream>()} where cast(data ->> 'at' as timestamptz) < ?", before);
        last.QueueSqlCommand($"delete from {Faulted} f using {Progress} p where p.id = f.data ->> 'turn' and cast(p.data ->> 'version' as bigint) >= cast(f.data ->> 'version' as bigint)");
        await last.SaveChangesAsync(cancellation);
        return removed;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Count} inbox entries were old enough to go")]
    private static partial void Cleaned(ILogger logger, long count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old inbox entries could not be removed; tried again")]
    private static partial void Failed(ILogger logger, Exception exception);
}
