namespace OtPlatform.Platform.Messaging;

/// <summary>A message that waits outside its queue: an earlier one of its stream is missing, or what it is about is not here yet.</summary>
public sealed record ParkedMessage
{
    public const string Gap = "gap";
    public const string TooEarly = "too-early";

    /// <summary>With the rests between them about a quarter of an hour.</summary>
    public const int MostAttempts = 20;

    /// <summary><c>queue:message id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Key of the queue's progress in the stream.</summary>
    public required string Turn { get; init; }

    public required string Queue { get; init; }

    public required string Source { get; init; }

    public required string Relay { get; init; }

    public required Guid StreamId { get; init; }

    public required long Version { get; init; }

    public required long PreviousVersion { get; init; }

    public required string Reason { get; init; }

    /// <summary>As it came, in base 64; empty when an erasure has taken it out.</summary>
    public required string Body { get; init; }

    public required string ContentType { get; init; }

    public required DateTimeOffset ParkedAt { get; init; }

    /// <summary>Replays asked for, or tries to do it, so far.</summary>
    public required int Attempts { get; init; }

    /// <summary>When something is to be done about it next, unless it becomes its turn before.</summary>
    public required DateTimeOffset NextAt { get; init; }

    /// <summary>Only its owner can send it again.</summary>
    internal bool IsEmptied => Body.Length == 0;

    internal static TimeSpan Rest(int attempts) => TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, Math.Min(attempts, 6))));
}

/// <summary>A message that a queue's consumers could not do; it stands in the error queue, and what follows it in its stream waits.</summary>
public sealed record FaultedMessage
{
    /// <summary><c>queue:message id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Key of the queue's progress in the stream.</summary>
    public required string Turn { get; init; }

    public required long Version { get; init; }

    /// <summary>Type of the exception, never its text.</summary>
    public required string Reason { get; init; }

    public required DateTimeOffset FailedAt { get; init; }
}
