using System.Diagnostics;
using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.KnowledgeHolders;

/// <summary>What is known of an organisation or unit that knows more of some matters. Lists are sorted and without repeats; it is never a person.</summary>
/// <param name="Country">ISO 3166-1 code of two letters.</param>
/// <param name="Contact">One way to reach it that belongs to nobody in person.</param>
/// <param name="ValidUntil">Last day on which it may be pointed to, unless it is registered anew.</param>
public sealed record KnowledgeHolderFacts(Label Name, string Country, IReadOnlyList<string> Topics, IReadOnlyList<string> Languages, string Contact, DateOnly ValidUntil)
{
    public bool SameAs(KnowledgeHolderFacts other) =>
        this == other with { Topics = Topics, Languages = Languages } && Topics.SequenceEqual(other.Topics) && Languages.SequenceEqual(other.Languages);
}

public abstract record KnowledgeHolderEvent;

public sealed record KnowledgeHolderRegistered(Guid HolderId, KnowledgeHolderFacts Facts, DateTimeOffset RegisteredAt) : KnowledgeHolderEvent;

public sealed record KnowledgeHolderEnded(Guid HolderId, string ReasonCode, DateTimeOffset EndedAt) : KnowledgeHolderEvent;

/// <summary>Whom to turn to at least, where nothing else fits: who has more exact knowledge of a matter (kenellä on tarkempaa tietoa, C-04).</summary>
/// <param name="Facts">Null until it is registered.</param>
/// <param name="EndedAt">Since when nobody is pointed to it; null while somebody may be.</param>
public sealed record KnowledgeHolder(Guid Id, KnowledgeHolderFacts? Facts, DateTimeOffset? EndedAt)
{
    public static readonly KnowledgeHolder Initial = new(Guid.Empty, null, null);

    public static readonly Aggregate<KnowledgeHolder, KnowledgeHolderEvent> Aggregate = new("knowledge-holder", Initial, Evolve)
    {
        View = (happened, version) => happened.Aggregate(Initial, Evolve) is { Facts: { } facts } state ? ViewDocument.Of(new KnowledgeHolderEntry(state.Id, facts, state.EndedAt, version)) : null,
    };

    public static readonly Rejection NotRegistered = new("expert-pool.knowledge-holder-unknown", "There is no such holder of knowledge.", RejectionKind.NotFound);

    public static KnowledgeHolder Evolve(KnowledgeHolder state, KnowledgeHolderEvent happened) => happened switch
    {
        KnowledgeHolderRegistered e => new KnowledgeHolder(e.HolderId, e.Facts, null),
        KnowledgeHolderEnded e => state with { EndedAt = e.EndedAt },
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };
}
