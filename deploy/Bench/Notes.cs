namespace OtPlatform.Bench;

/// <summary>What the benchmarks store: events of about the size and shape of the services' own.</summary>
public abstract record NoteEvent;

public sealed record NoteOpened(Guid NoteId, string Area, string Kind, int Urgency, DateTimeOffset OpenedAt) : NoteEvent;

public sealed record NoteAssessed(Guid NoteId, string Route, IReadOnlyList<string> Grounds, int PolicyVersion, DateTimeOffset AssessedAt) : NoteEvent;

public sealed record NoteClaimed(Guid NoteId, string ClaimedBy, Guid? ReasonTextId, DateTimeOffset ClaimedAt) : NoteEvent;

/// <summary>What the relay makes of each of them.</summary>
public sealed record NoteShared(Guid NoteId, string What, DateTimeOffset At);

/// <summary>A fold of them.</summary>
internal sealed record Note(Guid Id, string? Route, string? ClaimedBy, int Changes)
{
    public static readonly Note Initial = new(Guid.Empty, null, null, 0);

    public static Note Evolve(Note note, NoteEvent happened) => happened switch
    {
        NoteOpened e => note with { Id = e.NoteId, Changes = note.Changes + 1 },
        NoteAssessed e => note with { Route = e.Route, Changes = note.Changes + 1 },
        NoteClaimed e => note with { ClaimedBy = e.ClaimedBy, Changes = note.Changes + 1 },
        _ => note,
    };
}

internal static class Notes
{
    private static readonly DateTimeOffset At = new(2026, 11, 2, 9, 30, 0, TimeSpan.Zero);
    private static readonly string[] Grounds = ["complexity", "rarity"];

    /// <summary>The events of one stream, opening first.</summary>
    public static NoteEvent[] Of(Guid id, int count) => [.. Enumerable.Range(0, count).Select(number => One(id, number))];

    public static NoteEvent One(Guid id, int number) => (number % 3) switch
    {
        0 => new NoteOpened(id, "pirkanmaa", "clientWork", number & 3, At.AddSeconds(number)),
        1 => new NoteAssessed(id, "hybridTeam", Grounds, 3, At.AddSeconds(number)),
        _ => new NoteClaimed(id, "coordinator-2", id, At.AddSeconds(number)),
    };

    public static NoteShared Shared(object happened) => happened switch
    {
        NoteOpened e => new NoteShared(e.NoteId, e.Kind, e.OpenedAt),
        NoteAssessed e => new NoteShared(e.NoteId, e.Route, e.AssessedAt),
        NoteClaimed e => new NoteShared(e.NoteId, e.ClaimedBy, e.ClaimedAt),
        _ => throw new ArgumentOutOfRangeException(nameof(happened)),
    };
}
