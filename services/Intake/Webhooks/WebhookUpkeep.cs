using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Webhooks;

/// <summary>What webhooks need from time to time: what is too old is dropped, who is never reached is switched off, who is gone is forgotten. Fine on every replica at once.</summary>
public sealed partial class WebhookUpkeep(StreamStore streams, Receivers receivers, WebhookOptions options, TimeProvider clock, ILogger<WebhookUpkeep> logger) : BackgroundService
{
    private const string Actor = "webhook-upkeep";
    private const int AtOnce = 500;
    private const string Age = "(d.data ->> 'at')::timestamptz";
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        do
        {
            await Try("switch off", () => SwitchOffUnreached(stoppingToken), stoppingToken);
            await Try("drop old deliveries", () => DropOld(stoppingToken), stoppingToken);
            await Try("forget removed ones", () => ForgetRemoved(stoppingToken), stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Switches off whoever could not be told anything for too long; how many.</summary>
    public async Task<int> SwitchOffUnreached(CancellationToken cancellation)
    {
        var (now, switched) = (clock.GetUtcNow(), 0);
        var before = now - options.SwitchOffAfter;
        foreach (var view in (await Active(cancellation)).Where(view => view.SwitchedOffAt is null && (view.ToldSince ?? view.SubscribedAt) <= before))
        {
            var reached = await streams.Load<WebhookReach>(view.Id, cancellation);
            var since = new[] { reached?.At, view.ToldSince, view.SubscribedAt }.Max()!.Value;
            if (since > before || await streams.Count<WebhookDelivery>($"where d.webhook_id = ? and {Age} > ? and {Age} <= ?", cancellation, view.Id, since, before) == 0)
            {
                continue;
            }

            await streams.Decide(
                WebhookSubscription.Aggregate, view.Id, state => SwitchWebhook.Off(state, new SwitchWebhook.Command(view.Id, view.Organisation, now)), new Origin(Actor, view.Id.ToString()), cancellation);
            SwitchedOff(logger, view.Id, since);
            switched++;
        }

        return switched;
    }

    /// <summary>Drops what is kept no longer; how many. What waited behind it in its consultation is tried then.</summary>
    public async Task<int> DropOld(CancellationToken cancellation)
    {
        var before = clock.GetUtcNow() - options.KeptFor;
        var dropped = 0;
        while (true)
        {
            var now = await streams.InOneTransaction(new Origin(Actor), work => Drop(work, before, cancellation), cancellation);
            dropped += now;
            if (now == 0)
            {
                return dropped;
            }
        }
    }

    /// <summary>Forgets the receivers of webhooks that are no more.</summary>
    public async Task<int> ForgetRemoved(CancellationToken cancellation)
    {
        var active = await Active(cancellation);
        receivers.Keep([.. active.Select(view => view.Id)]);
        return active.Count;
    }

    private static async Task<int> Drop(Work work, DateTimeOffset before, CancellationToken cancellation)
    {
        var old = await work.Take<WebhookDelivery>($"where {Age} <= ? order by d.position limit {AtOnce}", cancellation, before);
        foreach (var delivery in old)
        {
            work.Delete<WebhookDelivery>(delivery.Id);
        }

        foreach (var line in old.GroupBy(delivery => (delivery.WebhookId, delivery.ConsultationId)))
        {
            await WebhookDelivery.LetNext(work, line.Key.WebhookId, line.Key.ConsultationId, line.Max(delivery => delivery.Position), cancellation);
        }

        return old.Count;
    }

    private Task<IReadOnlyList<WebhookView>> Active(CancellationToken cancellation) => streams.Query<WebhookView>("where d.is_active", cancellation);

    private async Task Try<T>(string what, Func<Task<T>> act, CancellationToken cancellation)
    {
        try
        {
            await act();
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            Failed(logger, what, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {WebhookId} was not reached since {Since} and is switched off until its partner replays its dead letters")]
    private static partial void SwitchedOff(ILogger logger, Guid webhookId, DateTimeOffset since);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The webhooks' upkeep could not {What}; tried again")]
    private static partial void Failed(ILogger logger, string what, Exception exception);
}
