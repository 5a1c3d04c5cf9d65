using System.Numerics;
using OtPlatform.Contracts;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Policies;

/// <summary>Whether every topic is rare by default.</summary>
internal enum Rarity
{
    NoTopic,
    EveryTopic,
    NotEvery,
}

/// <summary>All that a policy can see of a set of topics: which of its lists they meet, and what they add to marks and urgency.</summary>
internal readonly record struct TopicEffect(ulong Lists, Rarity Rarity, ulong Marks, Urgency Urgency)
{
    public static TopicEffect None => default;

    public TopicEffect And(TopicEffect other) => new(
        Lists | other.Lists,
        Rarity is Rarity.NoTopic ? other.Rarity : other.Rarity is Rarity.NoTopic || Rarity == other.Rarity ? Rarity : Rarity.NotEvery,
        Marks | other.Marks,
        (Urgency)Math.Max((int)Urgency, (int)other.Urgency));

    /// <summary>What the rows see of it directly.</summary>
    public (ulong Lists, bool EveryRare) Seen => (Lists, Rarity is Rarity.EveryTopic);
}

/// <summary>Topics that a policy cannot tell apart.</summary>
internal sealed record TopicGroup(TopicEffect Effect, IReadOnlyList<TopicFacts> Topics);

/// <summary>A cheapest choice of groups that has an effect: those that join and those that go.</summary>
internal sealed record TopicChoice(IReadOnlyList<TopicGroup> Joining, IReadOnlyList<TopicGroup> Going);

/// <summary>An effect, what it costs to come to it, and every choice that costs no more.</summary>
internal sealed class TopicOption(TopicEffect effect, int steps)
{
    private readonly List<(TopicOption From, TopicGroup? Joins, TopicGroup? Goes)> _ways = [];

    public TopicEffect Effect => effect;

    public int Steps => steps;

    public void Over(TopicOption from, TopicGroup? joins, TopicGroup? goes) => _ways.Add((from, joins, goes));

    public IEnumerable<TopicChoice> Choices() => _ways.Count == 0
        ? [new TopicChoice([], [])]
        : _ways.SelectMany(way => way.From.Choices().Select(choice => new TopicChoice(
            way.Joins is { } joins ? [.. choice.Joining, joins] : choice.Joining,
            way.Goes is { } goes ? [.. choice.Going, goes] : choice.Going)));
}

/// <summary>Sorts topics by what a policy can see of them.</summary>
internal sealed class TopicEffects
{
    private readonly List<Func<TopicFacts, bool>> _lists = [];
    private readonly HashSet<TopicEffect> _known;
    private readonly bool _seesRarity;
    private readonly IReadOnlyList<string> _marks;
    private readonly Urgency[] _urgencies;

    /// <param name="marks">The marks that the policy looks at, in the order of the bits.</param>
    /// <param name="urgencies">For each urgency the least one that the policy cannot tell from it.</param>
    public TopicEffects(IReadOnlyList<Condition> conditions, IReadOnlyList<Topic> topics, IReadOnlyList<string> marks, Urgency[] urgencies)
    {
        (_marks, _urgencies) = (marks, urgencies);
        _lists.AddRange(conditions.Select(condition => condition.AnyTopicLevelIn).OfType<IReadOnlyList<string>>().Select(levels => (Func<TopicFacts, bool>)(topic => levels.Contains(topic.Level))));
        _lists.AddRange(conditions.Select(condition => condition.AnyTopicClassIn).OfType<IReadOnlyList<string>>().Select(classes => (Func<TopicFacts, bool>)(topic => classes.Contains(topic.Class))));
        _seesRarity = conditions.Any(condition => condition.EveryTopicRareByDefault is not null);
        Groups = [.. Grouped(topics.Select(TopicFacts.Of)).OrderBy(group => group.Topics[0].Code, StringComparer.Ordinal)];
        _known = [.. Groups.Select(group => group.Effect)];
    }

    /// <summary>The groups of the catalogue.</summary>
    private IReadOnlyList<TopicGroup> Groups { get; }

    /// <summary>Every effect that some topics have, from those of a request, at the least cost: 1 for a topic that joins, 1 for each that goes.</summary>
    public IReadOnlyList<TopicOption> From(IReadOnlyList<TopicFacts> given)
    {
        var present = Grouped(given).ToDictionary(group => group.Effect);
        var reached = new Dictionary<TopicEffect, TopicOption> { [TopicEffect.None] = new(TopicEffect.None, 0) };
        foreach (var group in Groups.Concat(present.Values.Where(group => !_known.Contains(group.Effect)).OrderBy(group => group.Topics[0].Code, StringComparer.Ordinal)))
        {
            var own = present.GetValueOrDefault(group.Effect);
            var further = new Dictionary<TopicEffect, TopicOption>(reached.Count * 2);
            foreach (var option in reached.Values)
            {
                Offer(further, option, option.Effect, own?.Topics.Count ?? 0, null, own);
                Offer(further, option, option.Effect.And(group.Effect), own is null ? 1 : 0, own is null ? group : null, null);
            }

            reached = further;
        }

        return [.. reached.Values];
    }

    private static void Offer(Dictionary<TopicEffect, TopicOption> reached, TopicOption from, TopicEffect effect, int steps, TopicGroup? joins, TopicGroup? goes)
    {
        var cost = from.Steps + steps;
        if (!reached.TryGetValue(effect, out var option) || option.Steps > cost)
        {
            reached[effect] = option = new TopicOption(effect, cost);
        }

        if (option.Steps == cost)
        {
            option.Over(from, joins, goes);
        }
    }

    private List<TopicGroup> Grouped(IEnumerable<TopicFacts> topics) => [.. topics.GroupBy(EffectOf).Select(group => new TopicGroup(group.Key, [.. group]))];

    private TopicEffect EffectOf(TopicFacts topic)
    {
        var lists = 0UL;
        for (var list = 0; list < _lists.Count; list++)
        {
            lists |= _lists[list](topic) ? 1UL << list : 0;
        }

        var marks = (topic.ImpliesMarks ?? []).Select(mark => BitOf(_marks, mark)).Aggregate(0UL, (all, bit) => all | bit);
        // A group is not empty, so that without a rarity to see "not every" keeps it apart from no topic where that is seen.
        return new TopicEffect(lists, !_seesRarity ? Rarity.NoTopic : topic.RareByDefault ? Rarity.EveryTopic : Rarity.NotEvery, marks, _urgencies[(int)(topic.Urgency ?? Urgency.Routine)]);
    }

    internal static ulong BitOf(IReadOnlyList<string> codes, string code)
    {
        for (var at = 0; at < codes.Count; at++)
        {
            if (codes[at] == code)
            {
                return 1UL << at;
            }
        }

        return 0;
    }

    internal static int Count(ulong bits) => BitOperations.PopCount(bits);
}
