using System.Diagnostics;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Webhooks;

public abstract record WebhookEvent
{
    /// <summary>The stream that the event belongs to.</summary>
    public abstract Guid WebhookId { get; init; }
}

/// <param name="AddressKey">Fingerprint of the address, which itself is in the vault, for there may be a key in it.</param>
public sealed record WebhookSubscribed(Guid WebhookId, string Organisation, string AddressKey, Guid AddressTextId, Guid SecretTextId, DateTimeOffset SubscribedAt) : WebhookEvent;

/// <param name="EarlierUntil">No earlier secret signs after this time.</param>
public sealed record SecretRotated(Guid WebhookId, Guid SecretTextId, DateTimeOffset EarlierUntil, DateTimeOffset RotatedAt) : WebhookEvent;

public sealed record WebhookRemoved(Guid WebhookId, DateTimeOffset RemovedAt) : WebhookEvent;

/// <summary>It was not reached for so long that nothing more is delivered until the partner wants it again.</summary>
public sealed record WebhookSwitchedOff(Guid WebhookId, DateTimeOffset SwitchedOffAt) : WebhookEvent;

public sealed record WebhookSwitchedOn(Guid WebhookId, string Organisation, DateTimeOffset SwitchedOnAt) : WebhookEvent;

/// <summary>A secret in the vault with which deliveries are signed.</summary>
/// <param name="Until">Null for the newest one.</param>
public sealed record SigningSecret(Guid TextId, DateTimeOffset? Until)
{
    public bool IsValid(DateTimeOffset now) => Until is null || now < Until;
}

/// <summary>Where a partner's system is told of changes (muutosilmoitus).</summary>
/// <param name="Secrets">The newest one last.</param>
public sealed record WebhookSubscription(Guid Id, bool IsActive, IReadOnlyList<SigningSecret> Secrets)
{
    /// <summary>How many an organisation may have.</summary>
    public const int MostPerOrganisation = 10;

    /// <summary>How many secrets may sign at the same time.</summary>
    public const int MostSecrets = 5;

    public static readonly WebhookSubscription Initial = new(Guid.Empty, false, []);

    public static readonly Aggregate<WebhookSubscription, WebhookEvent> Aggregate = new("webhook-subscription", Initial, Evolve)
    {
        View = (happened, version) => ViewDocument.Of(WebhookView.Fold(happened, version)),
    };

    public static readonly Rejection Unknown = new("intake.webhook-unknown", "There is no such webhook.", RejectionKind.NotFound);
    public static readonly Rejection TooMany = new("intake.webhook-limit", "Your organisation has as many webhooks as it may have. Remove one first.");
    public static readonly Rejection SameAddress = new("intake.webhook-exists", "Your organisation has a webhook with this address already.");
    public static readonly Rejection TooManySecrets = new("intake.webhook-secret-limit", "Too many secrets are in use at the same time. Wait until one has ended, or rotate with a shorter overlap.");

    public static WebhookSubscription Evolve(WebhookSubscription state, WebhookEvent happened) => happened switch
    {
        WebhookSubscribed e => new(e.WebhookId, true, [new SigningSecret(e.SecretTextId, null)]),
        SecretRotated e => state with { Secrets = [.. state.Secrets.Select(secret => Ended(secret, e.EarlierUntil)).Where(secret => secret.IsValid(e.RotatedAt)), new SigningSecret(e.SecretTextId, null)] },
        WebhookSwitchedOff e => state with { SwitchedOffAt = e.SwitchedOffAt },
        WebhookSwitchedOn => state with { SwitchedOffAt = null },
        WebhookRemoved => state with { IsActive = false, Secrets = [] },
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };

    /// <summary>Null while it is told.</summary>
    public DateTimeOffset? SwitchedOffAt { get; init; }

    private static SigningSecret Ended(SigningSecret secret, DateTimeOffset until) => secret with { Until = secret.Until < until ? secret.Until : until };
}

/// <summary>A webhook as its organisation finds it; written in the transaction of its events.</summary>
public sealed record WebhookView
{
    public required Guid Id { get; init; }

    public required string Organisation { get; init; }

    public required string AddressKey { get; init; }

    public required Guid AddressTextId { get; init; }

    public required IReadOnlyList<SigningSecret> Secrets { get; init; }

    public required DateTimeOffset SubscribedAt { get; init; }

    /// <summary>False once it has been removed; nothing is delivered any more.</summary>
    public required bool IsActive { get; init; }

    /// <summary>When it was switched off, because it was not reached for too long; null while it is told.</summary>
    public DateTimeOffset? SwitchedOffAt { get; init; }

    /// <summary>Since when it is told, for the first time or again.</summary>
    public DateTimeOffset? ToldSince { get; init; }

    public required long Version { get; init; }

    public static WebhookView Fold(IReadOnlyList<WebhookEvent> happened, long version)
    {
        var subscribed = happened.OfType<WebhookSubscribed>().First();
        var state = WebhookSubscription.Aggregate.Fold(happened);
        return new WebhookView
        {
            Id = subscribed.WebhookId,
            Organisation = subscribed.Organisation,
            AddressKey = subscribed.AddressKey,
            AddressTextId = subscribed.AddressTextId,
            Secrets = state.Secrets,
            SubscribedAt = subscribed.SubscribedAt,
            IsActive = state.IsActive,
            SwitchedOffAt = state.SwitchedOffAt,
            ToldSince = happened.OfType<WebhookSwitchedOn>().LastOrDefault()?.SwitchedOnAt ?? subscribed.SubscribedAt,
            Version = version,
        };
    }
}
