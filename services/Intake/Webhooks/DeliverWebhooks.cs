using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Webhooks;

/// <summary>What a webhook is told.</summary>
/// <param name="Id">Of the event; the same at every attempt, also in <c>OT-Event-Id</c>.</param>
/// <param name="Version">The consultation's version with this change; a later GET shows it or a newer one.</param>
public sealed record WebhookMessage(Guid Id, Guid ConsultationId, ConsultationStatus Status, DateTimeOffset At, long Version);

/// <summary>
/// Delivers what waits. A delivery is taken up for as long as a round may last at most; whoever is killed meanwhile leaves it to the
/// others after that time. Every replica does this.
/// </summary>
public sealed partial class DeliverWebhooks(
    StreamStore streams, Vault vault, Receivers receivers, WebhookOptions options, TimeProvider clock, ILogger<DeliverWebhooks> logger) : BackgroundService
{
    private const string Actor = "webhooks";
    private const string Telemetry = "OtPlatform.Intake";
    private const int Fineness = 1_000_000;
    private const int LookedAt = 20;
    private static readonly TimeSpan ReachedTo = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly ActivitySource Source = new(Telemetry);
    private static readonly Meter Meter = new(Telemetry);
    private static readonly Counter<long> Rounds = Meter.CreateCounter<long>("otplatform.intake.webhook.round", "{round}", "Rounds of attempts to deliver a change to a webhook, by outcome");

    private readonly SemaphoreSlim _wake = new(0, 1);
    private int _underWay;

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var under = new List<Task>();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                under.RemoveAll(task => task.IsCompleted);
                while (Volatile.Read(ref _underWay) < options.AtOnce && await TakeUp(stoppingToken) is { Looked: true } found)
                {
                    if (found.Taken is { } taken)
                    {
                        Interlocked.Increment(ref _underWay);
                        under.Add(Run(taken, receivers.Enter(taken.WebhookId), stoppingToken));
                    }
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                NotTakenUp(logger, exception.GetType().Name);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            // Stopping ends the wait too, and then the loop.
            await Task.WhenAny(_wake.WaitAsync(Pause, stoppingToken));
        }

        await Task.WhenAll(under);
    }

    /// <summary>Takes up the first that is due. Those that turn out to wait behind another are not due any more.</summary>
    /// <returns>Looked is false when nothing was due.</returns>
    private async Task<(bool Looked, WebhookDelivery? Taken)> TakeUp(CancellationToken cancellation) =>
        await streams.InOneTransaction(
            new Origin(Actor),
            async work =>
            {
                var now = clock.GetUtcNow();
                var due = await work.Take<WebhookDelivery>(
                    $"where d.next_at <= ? and not d.dead and d.webhook_id <> all(?) order by d.next_at, d.position limit {LookedAt}", cancellation, now, receivers.Busy.ToArray());
                if (due.Count == 0)
                {
                    return (false, (WebhookDelivery?)null);
                }

                // Asked once they are held, so that it sees whatever was settled before.
                var first = await work.Query<WebhookDelivery>($"where d.id = any(?) and {WebhookDelivery.IsFirst}", cancellation, due.Select(delivery => delivery.Id).ToArray());
                foreach (var behind in due.ExceptBy(first.Select(delivery => delivery.Id), delivery => delivery.Id))
                {
                    work.Store(behind with { NextAt = WebhookDelivery.Behind });
                }

                if (due.FirstOrDefault(delivery => first.Any(other => other.Id == delivery.Id)) is not { } found)
                {
                    return (true, null);
                }

                var taken = found with { NextAt = now + options.Lease, Claim = found.Claim + 1 };
                work.Store(taken);
                return (true, taken);
            },
            cancellation);

    private async Task Run(WebhookDelivery taken, IDisposable place, CancellationToken cancellation)
    {
        using var span = Source.StartActivity("deliver webhook");
        span?.SetTag("otplatform.webhook.id", taken.WebhookId).SetTag("otplatform.consultation.id", taken.ConsultationId);
        try
        {
            var round = await Deliver(taken, cancellation);
            var outcome = !await Settle(taken, round) ? "overtaken" : round switch
            {
                null => "dropped",
                { NotTried: not null, Failure: null } => "notTried",
                { Failure: { } failure } => failure.Code,
                _ => "delivered",
            };
            span?.SetTag("otplatform.webhook.outcome", outcome);
            Rounds.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        }
        catch (Exception exception)
        {
            // It stays taken up until its time is over, and then somebody takes it up again.
            NotSettled(logger, taken.Id, exception.GetType().Name);
        }
        finally
        {
            place.Dispose();
            Interlocked.Decrement(ref _underWay);
            Wake();
        }
    }

    // However many are done at once, one look finds them all.
    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
        }
    }

    /// <summary>Null when there is nobody to deliver to any more.</summary>
    private async Task<Round?> Deliver(WebhookDelivery taken, CancellationToken cancellation)
    {
        var since = Stopwatch.GetTimestamp();
        try
        {
            if (await streams.Load<WebhookView>(taken.WebhookId, cancellation) is not { IsActive: true } view)
            {
                return null;
            }

            if (view.SwitchedOffAt is not null)
            {
                return new Round(DeliveryFailure.SwitchedOff);
            }

            var now = clock.GetUtcNow();
            var valid = view.Secrets.Where(secret => secret.IsValid(now)).Select(secret => secret.TextId).ToList();
            var texts = await vault.Use(view.Id, [view.AddressTextId, .. valid], cancellation);
            if (!texts.TryGetValue(view.AddressTextId, out var address))
            {
                return null;
            }

            var secrets = valid.Where(texts.ContainsKey).Select(id => texts[id]).Reverse().ToList();
            var body = JsonSerializer.SerializeToUtf8Bytes(new WebhookMessage(taken.EventId, taken.ConsultationId, taken.Status, taken.At, taken.Version), StrictJson.Options);
            return await receivers.Send(
                view.Id,
                new Uri(address),
                taken.EventId,
                body,
                // Real time, which the receiver's clock is compared with; the platform's may have been moved.
                () => Signature.Of(secrets, TimeProvider.System.GetUtcNow(), body),
                () => Stopwatch.GetElapsedTime(since) < options.Lease - options.AttemptTimeout,
                cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new Round(null, TimeSpan.Zero);
        }
    }

    private Task<bool> Settle(WebhookDelivery taken, Round? round) =>
        streams.InOneTransaction(
            new Origin(Actor),
            async work =>
            {
                var found = await work.Take<WebhookDelivery>("where d.id = ?", CancellationToken.None, taken.Id);
                if (found is not [var delivery] || delivery.Claim != taken.Claim)
                {
                    return false;
                }

                var now = clock.GetUtcNow();
                switch (round)
                {
                    case null or { Failure: null, NotTried: null }:
                        work.Delete<WebhookDelivery>(taken.Id);
                        await WebhookDelivery.LetNext(work, taken.WebhookId, taken.ConsultationId, taken.Position, CancellationToken.None);
                        if (round is not null && (await work.Load<WebhookReach>(taken.WebhookId, CancellationToken.None) is not { } reach || reach.At < now - ReachedTo))
                        {
                            work.Store(new WebhookReach { Id = taken.WebhookId, At = now });
                        }

                        break;
                    case { Failure: null, NotTried: { } left }:
                        work.Store(delivery with { NextAt = now + left });
                        break;
                    case { Failure: { } failure }:
                        work.Store(After(delivery, failure, now));
                        break;
                }

                return true;
            },
            CancellationToken.None);

    private WebhookDelivery After(WebhookDelivery delivery, DeliveryFailure failure, DateTimeOffset now)
    {
        var rounds = delivery.Rounds + 1;
        if (rounds >= options.Rounds || failure == DeliveryFailure.SwitchedOff)
        {
            GivenUp(logger, delivery.WebhookId, delivery.ConsultationId, failure.Code, failure.Status);
            return delivery with { Rounds = rounds, Failure = failure, Dead = true, GivenUpAt = now };
        }

        NotArrived(logger, delivery.WebhookId, delivery.ConsultationId, failure.Code, failure.Status);
        return delivery with { Rounds = rounds, Failure = failure, NextAt = now + options.WaitAfter(rounds, (double)RandomNumberGenerator.GetInt32(Fineness) / Fineness) };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Webhook {WebhookId} was not reached about consultation {ConsultationId}: {Failure} {Status}; tried again later")]
    private static partial void NotArrived(ILogger logger, Guid webhookId, Guid consultationId, string failure, int? status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {WebhookId} was not reached about consultation {ConsultationId}: {Failure} {Status}; given up until the partner wants it again")]
    private static partial void GivenUp(ILogger logger, Guid webhookId, Guid consultationId, string failure, int? status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is to be delivered to webhooks could not be read ({Failure}); tried again")]
    private static partial void NotTakenUp(ILogger logger, string failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery {DeliveryId} could not be settled ({Failure}); it is taken up again")]
    private static partial void NotSettled(ILogger logger, Guid deliveryId, string failure);
}
