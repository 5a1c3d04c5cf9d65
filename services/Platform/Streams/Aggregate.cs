using Marten;
using OtPlatform.Platform.Deadlines;

namespace OtPlatform.Platform.Streams;

/// <summary>All that the streams seam needs to know of one aggregate. Every function is pure.</summary>
/// <typeparam name="TState">Holds only what the next decision needs.</typeparam>
/// <typeparam name="TEvent">Abstract base record of the aggregate's events.</typeparam>
/// <param name="Name">Kebab-case, used in deadlines and telemetry.</param>
public sealed record Aggregate<TState, TEvent>(string Name, TState Initial, Func<TState, TEvent, TState> Evolve)
    where TState : class
    where TEvent : class
{
    /// <summary>The deadlines that hold in a state, by kind. The seam writes and cancels them in the transaction of the events.</summary>
    public Func<TState, IEnumerable<WantedDeadline>> Deadlines { get; init; } = _ => [];

    /// <summary>A document written in the same transaction as the events, folded from the whole stream and its version; null where the stream shows none.</summary>
    public Func<IReadOnlyList<TEvent>, long, ViewDocument?>? View { get; init; }

    public TState Fold(IEnumerable<TEvent> events) => events.Aggregate(Initial, Evolve);
}

/// <summary>A document that is written with an aggregate's events.</summary>
public sealed record ViewDocument
{
    private ViewDocument(object document, Action<IDocumentOperations> store)
    {
        Document = document;
        Store = store;
    }

    public object Document { get; }

    internal Action<IDocumentOperations> Store { get; }

    public static ViewDocument Of<T>(T document)
        where T : notnull => new(document, operations => operations.Store(document));
}

/// <summary>What a decision led to.</summary>
/// <param name="State">After the decision; the unchanged state when it was rejected or changed nothing.</param>
/// <param name="Version">Number of events in the stream.</param>
/// <param name="View">The aggregate's document as written with the events; null when nothing changed.</param>
public sealed record Outcome<TState>(TState State, long Version, Rejection? Rejection, bool Changed, object? View = null);
