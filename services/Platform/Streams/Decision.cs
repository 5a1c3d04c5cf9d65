namespace OtPlatform.Platform.Streams;

/// <summary>Why a command changes nothing: the rule in words, with a code that is public API.</summary>
/// <param name="Code">Kebab-case, prefixed with the service, for example <c>triage.case-closed</c>. Never reworded.</param>
/// <param name="Message">One sentence for people, without personal data.</param>
public sealed record Rejection(string Code, string Message, RejectionKind Kind = RejectionKind.RuleSaysNo)
{
    /// <summary>The role or subject that the message names in its gap; null when it has none. Never what the caller sent.</summary>
    public string? Name { get; init; }
}

/// <summary>What an adapter answers: 409 and FailedPrecondition, 404 and NotFound, or 403 and PermissionDenied.</summary>
public enum RejectionKind
{
    RuleSaysNo,
    NotFound,
    NotAllowed,
}

/// <summary>The outcome of a decider: events that happen now, nothing (already so), or a rejection.</summary>
/// <typeparam name="TEvent">The aggregate's abstract event record.</typeparam>
public sealed class Decision<TEvent>
    where TEvent : class
{
    /// <summary>Already so: nothing happens, and that is fine.</summary>
    public static readonly Decision<TEvent> Nothing = new([], null);

    private Decision(IReadOnlyList<TEvent> events, Rejection? rejection)
    {
        Events = events;
        Rejection = rejection;
    }

    public IReadOnlyList<TEvent> Events { get; }

    public Rejection? Rejection { get; }

    public static implicit operator Decision<TEvent>(TEvent happened) => new([happened], null);

    public static implicit operator Decision<TEvent>(TEvent[] happened) => new(happened, null);

    public static implicit operator Decision<TEvent>(List<TEvent> happened) => new(happened, null);

    public static implicit operator Decision<TEvent>(Rejection rejection) => new([], rejection);
}
