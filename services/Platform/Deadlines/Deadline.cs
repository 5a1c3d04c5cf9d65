using Marten;

namespace OtPlatform.Platform.Deadlines;

/// <summary>A due time that an aggregate's state asks for.</summary>
/// <param name="Kind">Kebab-case name within the aggregate, at most one of a kind at a time.</param>
public sealed record WantedDeadline(string Kind, DateTimeOffset DueAt);

/// <summary>A due time on a stream, written with the event that set it and deleted with the one that it leads to.</summary>
public sealed record Deadline
{
    /// <summary><c>aggregate:stream:kind</c>.</summary>
    public required string Id { get; init; }

    public required string Aggregate { get; init; }

    public required Guid StreamId { get; init; }

    public required string Kind { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    /// <summary>A due time that something beside the stream asks for; the same kind again only moves it. It goes with the state that wants the kind.</summary>
    public static Deadline Of(string aggregate, Guid stream, WantedDeadline wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return new() { Id = IdOf(aggregate, stream, wanted.Kind), Aggregate = aggregate, StreamId = stream, Kind = wanted.Kind, DueAt = wanted.DueAt };
    }

    internal static void Rewrite(IDocumentOperations operations, string aggregate, Guid stream, IEnumerable<WantedDeadline> before, IEnumerable<WantedDeadline> after)
    {
        var (old, wanted) = (before.ToHashSet(), after.ToHashSet());
        foreach (var gone in old.Where(deadline => wanted.All(other => other.Kind != deadline.Kind)))
        {
            operations.Delete<Deadline>(IdOf(aggregate, stream, gone.Kind));
        }

        foreach (var deadline in wanted.Except(old))
        {
            operations.Store(Of(aggregate, stream, deadline));
        }
    }

    private static string IdOf(string aggregate, Guid stream, string kind) => $"{aggregate}:{stream}:{kind}";
}
