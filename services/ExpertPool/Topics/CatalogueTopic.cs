using System.Diagnostics;
using System.Globalization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Topics;

public abstract record TopicEvent;

public sealed record TopicDefined(Guid TopicId, Topic Topic, DateTimeOffset DefinedAt) : TopicEvent;

/// <param name="LastDay">On which it may still be given to a new request or a new competence.</param>
public sealed record TopicRetired(Guid TopicId, string Code, DateOnly LastDay, DateTimeOffset RetiredAt) : TopicEvent;

/// <summary>What requests are about and experts are competent in (ilmiö, teema), as far as it was told since the product was shipped: topics enter and leave.</summary>
/// <param name="Topic">Null where it is one that the product is shipped with, and only its end was told.</param>
/// <param name="LastDay">Null while it is not retired.</param>
public sealed record CatalogueTopic(string Code, Topic? Topic, DateOnly? LastDay)
{
    public static readonly CatalogueTopic Initial = new(string.Empty, null, null);

    /// <summary>The view is what this service, too, takes into its catalogue.</summary>
    public static readonly Aggregate<CatalogueTopic, TopicEvent> Aggregate = new("topic", Initial, Evolve)
    {
        View = (happened, version) => happened.Aggregate(Initial, Evolve) is var state
            ? ViewDocument.Of(new TopicCopy { Id = state.Code, Topic = state.Topic, LastDay = state.LastDay, State = string.Create(CultureInfo.InvariantCulture, $"{state.Code}.{version}") })
            : null,
    };

    public static readonly Rejection Unknown = new("expert-pool.topic-unknown", "There is no such topic.", RejectionKind.NotFound);

    /// <summary>One stream for each code, whoever defines it.</summary>
    public static Guid IdOf(string code) => Ids.Derived("topic", code);

    public static CatalogueTopic Evolve(CatalogueTopic state, TopicEvent happened) => happened switch
    {
        TopicDefined e => new CatalogueTopic(e.Topic.Code, e.Topic, null),
        TopicRetired e => state with { Code = e.Code, LastDay = e.LastDay },
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };

    /// <summary>Nothing of it is different.</summary>
    public static bool AreSame(Topic one, Topic other) =>
        one with { ImpliesMarks = [], Sectors = [] } == other with { ImpliesMarks = [], Sectors = [] }
        && one.ImpliesMarks.SequenceEqual(other.ImpliesMarks) && one.Sectors.SequenceEqual(other.Sectors);
}
