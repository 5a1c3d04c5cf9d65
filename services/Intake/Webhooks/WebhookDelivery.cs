using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Webhooks;

/// <summary>Why a delivery did not arrive.</summary>
/// <param name="Code">timedOut, notReached, addressRefused, redirected, answered or switchedOff.</param>
/// <param name="Status">The HTTP status when the receiver has answered.</param>
public sealed record DeliveryFailure(string Code, int? Status = null)
{
    public static readonly DeliveryFailure TimedOut = new("timedOut");
    public static readonly DeliveryFailure NotReached = new("notReached");
    public static readonly DeliveryFailure AddressRefused = new("addressRefused");

    public static readonly DeliveryFailure SwitchedOff = new("switchedOff");

    public static DeliveryFailure Redirected(int status) => new("redirected", status);

    public static DeliveryFailure Answered(int status) => new("answered", status);

    /// <summary>It may well pass within a moment.</summary>
    internal bool MayPass => this is { Code: "timedOut" or "notReached" } or { Code: "answered", Status: 408 or 429 or >= 500 };
}

/// <summary>
/// One change that one webhook has to be told of, until it has been. The earliest of a consultation goes first; while it waits or is given
/// up, the later ones of that consultation wait behind it. Who was found behind another is not looked at again until that one is done.
/// </summary>
public sealed record WebhookDelivery
{
    internal const string Table = $"{StoreExtensions.Schema}.mt_doc_webhookdelivery";

    /// <summary>Condition for those that wait for the partner: given up, or behind one that was.</summary>
    internal const string IsDeadLetter =
        $"(d.dead or exists (select 1 from {Table} as e where e.webhook_id = d.webhook_id and e.consultation_id = d.consultation_id and e.position < d.position and e.dead))";

    /// <summary>Condition for those that nothing of their consultation goes before.</summary>
    internal const string IsFirst =
        $"not exists (select 1 from {Table} as e where e.webhook_id = d.webhook_id and e.consultation_id = d.consultation_id and e.position < d.position)";

    /// <summary>Due when the one before it is done.</summary>
    internal static readonly DateTimeOffset Behind = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public required Guid Id { get; init; }

    public required Guid WebhookId { get; init; }

    public required Guid ConsultationId { get; init; }

    /// <summary>Id of the event, the same at every attempt and for every webhook.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Place of the event in the store.</summary>
    public required long Position { get; init; }

    public required ConsultationStatus Status { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The consultation's version with this event.</summary>
    public required long Version { get; init; }

    /// <summary>Not before this; while somebody delivers it, the time when another may.</summary>
    public required DateTimeOffset NextAt { get; init; }

    /// <summary>Counts how often somebody took it up, so that whoever was overtaken notices.</summary>
    public int Claim { get; init; }

    /// <summary>Rounds of attempts that failed.</summary>
    public int Rounds { get; init; }

    public DeliveryFailure? Failure { get; init; }

    /// <summary>Given up until the partner wants it again.</summary>
    public bool Dead { get; init; }

    public DateTimeOffset? GivenUpAt { get; init; }

    /// <summary>What waited behind these in <paramref name="work"/>'s transaction is due now.</summary>
    internal static async Task LetNext(Work work, Guid webhook, Guid consultation, long after, CancellationToken cancellation)
    {
        // Whoever holds it may be putting it behind the one that is done just now: that has to be seen.
        var next = await work.Hold<WebhookDelivery>("where d.webhook_id = ? and d.consultation_id = ? and d.position > ? order by d.position limit 1", cancellation, webhook, consultation, after);
        if (next is [var waiting] && waiting.NextAt == Behind)
        {
            work.Store(waiting with { NextAt = DateTimeOffset.UnixEpoch });
        }
    }
}

/// <summary>When a webhook was last reached, to the hour.</summary>
public sealed record WebhookReach
{
    /// <summary>The webhook.</summary>
    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>A webhook in the order of the store: told of what comes after its subscription and before its removal, except while it is switched off.</summary>
public sealed record WebhookAudience
{
    public required Guid Id { get; init; }

    public required string Organisation { get; init; }
}
