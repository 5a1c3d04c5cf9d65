using System.Diagnostics;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.InstrumentVersions;

public abstract record InstrumentEvent;

/// <summary>Somebody has written what the next version shall be; nobody fills it in yet.</summary>
/// <param name="Content">The JSON document.</param>
/// <param name="DraftedBy">Subject of the editor's token.</param>
public sealed record InstrumentDrafted(Guid InstrumentId, string Code, Guid DraftId, string Content, string DraftedBy, string ReasonCode, DateTimeOffset DraftedAt) : InstrumentEvent;

/// <summary>A version that may be filled in from now on; what it says does not change any more.</summary>
/// <param name="Content">The JSON document, with the code and version that it is published under.</param>
public sealed record InstrumentPublished(
    Guid InstrumentId, string Code, int Version, string Content, string PublishedBy, string ReasonCode, DateTimeOffset PublishedAt, Guid DraftId) : InstrumentEvent;

/// <param name="Content">The JSON document.</param>
public sealed record InstrumentDraft(Guid Id, string Content, string By, string ReasonCode, DateTimeOffset At);

/// <summary>The versions of a screening instrument (seula, mittari) that were published here.</summary>
/// <param name="LastVersion">0 before the first.</param>
/// <param name="LastDraft">The draft that was published last.</param>
public sealed record InstrumentHistory(string Code, int LastVersion, InstrumentDraft? Draft, Guid? LastDraft)
{
    public static readonly InstrumentHistory Initial = new(string.Empty, 0, null, null);

    public static readonly Aggregate<InstrumentHistory, InstrumentEvent> Aggregate = new("instrument", Initial, Evolve)
    {
        View = (happened, version) => ViewDocument.Of(InstrumentRecord.Fold(happened, version)),
    };

    /// <summary>The stream of a code.</summary>
    public static Guid IdOf(string code) => Ids.Derived("instrument", code);

    public static InstrumentHistory Evolve(InstrumentHistory state, InstrumentEvent happened) => happened switch
    {
        InstrumentDrafted e => state with { Code = e.Code, Draft = new InstrumentDraft(e.DraftId, e.Content, e.DraftedBy, e.ReasonCode, e.DraftedAt) },
        InstrumentPublished e => new InstrumentHistory(e.Code, e.Version, state.Draft?.Id == e.DraftId ? null : state.Draft, e.DraftId),
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };
}

/// <summary>One version that was published here.</summary>
public sealed record PublishedInstrument(int Version, string Content, string By, string ReasonCode, DateTimeOffset At);

/// <summary>All versions of an instrument that were published here, kept for good: answers name them.</summary>
public sealed record InstrumentRecord
{
    public required Guid Id { get; init; }

    public required string Code { get; init; }

    /// <summary>Number of events in the stream.</summary>
    public required long Version { get; init; }

    public required IReadOnlyList<PublishedInstrument> Published { get; init; }

    /// <summary>Code and number of the last one, for example <c>demandingness.2</c>; empty before the first.</summary>
    public required string Newest { get; init; }

    public InstrumentDraft? Draft { get; init; }

    public static InstrumentRecord Fold(IReadOnlyList<InstrumentEvent> happened, long version)
    {
        var state = InstrumentHistory.Aggregate.Fold(happened);
        return new InstrumentRecord
        {
            Id = InstrumentHistory.IdOf(state.Code),
            Code = state.Code,
            Version = version,
            Draft = state.Draft,
            Published = [.. happened.OfType<InstrumentPublished>().Select(e => new PublishedInstrument(e.Version, e.Content, e.PublishedBy, e.ReasonCode, e.PublishedAt))],
            Newest = state.LastVersion > 0 ? $"{state.Code}.{state.LastVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)}" : string.Empty,
        };
    }
}
