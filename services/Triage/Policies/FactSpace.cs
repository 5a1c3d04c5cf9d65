using OtPlatform.Contracts;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Policies;

/// <summary>Numbers from <paramref name="Least"/> to <paramref name="Most"/> that a policy cannot tell apart.</summary>
internal readonly record struct Interval(int Least, int Most)
{
    /// <summary>Cuts 0..<paramref name="most"/> where a condition begins to hold or to fail.</summary>
    public static Interval[] Between(IEnumerable<int> cuts, int most)
    {
        int[] starts = [0, .. cuts.Where(cut => cut > 0 && cut <= most).Distinct().Order()];
        return [.. starts.Select((start, at) => new Interval(start, at + 1 < starts.Length ? starts[at + 1] - 1 : most))];
    }

    /// <summary>How far a number is from the nearest one in it; negative when the number is too large.</summary>
    public int From(int number) => number < Least ? Least - number : number > Most ? Most - number : 0;
}

/// <summary>Marks that a policy cannot tell apart, as bits, and the counts of them that it can.</summary>
internal sealed record MarkGroup(ulong Members, Interval[] Counts);

/// <summary>Which basis there is to share the matter.</summary>
internal enum Basis
{
    Given,
    Anonymous,
    Ended,
}

/// <summary>
/// All facts, sorted into the classes that a policy can tell apart: everything in one class gets the same recommendation. What comes
/// of each class is found by asking the policy itself about one example of it.
/// </summary>
public sealed class FactSpace
{
    /// <summary>No policy that people can read comes near it; a larger one is refused rather than searched by halves.</summary>
    public const int LargestSize = 1_000_000;

    internal const byte Unreached = byte.MaxValue;
    internal const byte Nothing = byte.MaxValue - 1;
    internal const byte Asks = 100;

    private readonly int[] _sizes;
    private readonly int[] _strides;
    private readonly byte[] _outcomes;
    private readonly byte[] _rows;
    private readonly Dictionary<(ulong Lists, bool EveryRare), int> _topics = [];
    private readonly List<List<TopicOption>> _topicOptions = [];
    private readonly HashSet<(byte Outcome, bool InDanger)> _given = [];
    private readonly IReadOnlyList<string> _services;

    public FactSpace(RoutingPolicy rules, Catalogue catalogue)
        : this(rules, [.. catalogue.Topics.Where(topic => topic.ValidUntil is null)], catalogue.Codes.Marks, catalogue.Codes.Services)
    {
    }

    public FactSpace(RoutingPolicy rules, IReadOnlyList<Topic> topics, IReadOnlyList<string> marks, IReadOnlyList<string> services)
    {
        Rules = rules;
        _services = services;
        var conditions = rules.Rows.SelectMany(row => row.When.Whole()).ToList();
        var counts = conditions.Select(condition => condition.MarksAtLeast).OfType<MarkCount>().ToList();
        Marks = [.. marks.Concat(topics.SelectMany(topic => topic.ImpliesMarks)).Concat(counts.SelectMany(count => count.Of)).Distinct().Where(mark => counts.Any(count => count.Of.Contains(mark)))];
        if (Marks.Count > 64)
        {
            throw new InvalidOperationException("A policy looks at no more than 64 marks.");
        }

        Kinds = [.. Enum.GetValues<ConsultationKind>()
            .GroupBy(kind => Signature(conditions.Select(condition => condition.KindIn).OfType<IReadOnlyList<ConsultationKind>>().Select(kinds => kinds.Contains(kind)).Append(kind is ConsultationKind.ClientWork)))
            .Select(group => group.ToList())];
        var urgencySignatures = Enum.GetValues<Urgency>().ToDictionary(urgency => urgency, urgency => Signature(conditions.Select(condition => condition.UrgencyIn).OfType<IReadOnlyList<Urgency>>().Select(urgencies => urgencies.Contains(urgency))));
        Urgencies = [.. urgencySignatures.GroupBy(pair => pair.Value).Select(group => group.Select(pair => pair.Key).ToList())];
        Tried = Interval.Between(conditions.Select(condition => condition.TriedAtMost + 1).OfType<int>(), int.MaxValue);
        Asked = Interval.Between(conditions.Select(condition => condition.InformationAskedAtMost + 1).OfType<int>(), int.MaxValue);
        Services = Interval.Between(conditions.Select(condition => condition.ServicesAtLeast).OfType<int>(), services.Count);
        MarkGroups = [.. Marks
            .GroupBy(mark => Signature(counts.Select(count => count.Of.Contains(mark))))
            .Select(group => group.ToList())
            .Select(group => new MarkGroup(Bits(group), Interval.Between(Cuts(group, counts), group.Count)))];
        Topics = new TopicEffects(conditions, topics, Marks, LeastAlike(urgencySignatures));
        foreach (var option in Topics.From([]))
        {
            if (!_topics.TryGetValue(option.Effect.Seen, out var seen))
            {
                _topics[option.Effect.Seen] = seen = _topicOptions.Count;
                _topicOptions.Add([]);
            }

            _topicOptions[seen].Add(option);
        }

        _sizes = [Kinds.Count, Tried.Length, Asked.Length * 2, 3, Urgencies.Count, 2, 2, Services.Length, _topicOptions.Count, .. MarkGroups.Select(group => group.Counts.Length)];
        _strides = new int[_sizes.Length];
        var size = 1L;
        for (var dimension = _sizes.Length - 1; dimension >= 0; dimension--)
        {
            _strides[dimension] = (int)size;
            size *= _sizes[dimension];
            if (size > LargestSize)
            {
                throw new InvalidOperationException($"The policy tells more than {LargestSize} classes of facts apart.");
            }
        }

        (_outcomes, _rows) = (new byte[size], new byte[size]);
        for (var at = 0; at < size; at++)
        {
            (_outcomes[at], _rows[at]) = At(at) is { } facts ? Judged(facts) : (Unreached, Unreached);
            Size += _outcomes[at] is Unreached ? 0 : 1;
            _given.Add((_outcomes[at], at / Stride(Dimension.Danger) % 2 == 1));
        }
    }

    /// <summary>How many classes of facts there are.</summary>
    public int Size { get; }

    public RoutingPolicy Rules { get; }

    internal IReadOnlyList<string> Marks { get; }

    internal IReadOnlyList<List<ConsultationKind>> Kinds { get; }

    internal IReadOnlyList<List<Urgency>> Urgencies { get; }

    internal Interval[] Tried { get; }

    internal Interval[] Asked { get; }

    internal Interval[] Services { get; }

    internal IReadOnlyList<MarkGroup> MarkGroups { get; }

    internal TopicEffects Topics { get; }

    /// <summary>One example of each class.</summary>
    public IEnumerable<Facts> Examples() => Enumerable.Range(0, _outcomes.Length).Select(At).OfType<Facts>();

    /// <summary>The smallest changes of <paramref name="facts"/> for everything else that this policy can come to.</summary>
    public IReadOnlyList<Counterfactual> Counterfactuals(Facts facts) => new CounterfactualSearch(this, facts).Run();

    /// <summary>What comes of each class, with an example of it.</summary>
    internal IEnumerable<(byte Outcome, byte Row, Func<Facts> Example)> Results()
    {
        for (var index = 0; index < _outcomes.Length; index++)
        {
            if (_outcomes[index] is not Unreached)
            {
                var at = index;
                yield return (_outcomes[at], _rows[at], () => At(at)!);
            }
        }
    }

    internal byte OutcomeAt(int index) => _outcomes[index];

    /// <summary>How far the classes of a dimension are apart; for marks, by group.</summary>
    internal int Stride(Dimension dimension, int group = 0) => _strides[(int)dimension + group];

    /// <summary>Whether some facts come to <paramref name="outcome"/>, in danger or out of it.</summary>
    internal bool Gives(byte outcome, bool inDanger) => _given.Contains((outcome, inDanger));

    internal int? TopicClass(TopicEffect effect) => _topics.TryGetValue(effect.Seen, out var known) ? known : null;

    internal ulong Bits(IEnumerable<string> marks) => marks.Aggregate(0UL, (all, mark) => all | TopicEffects.BitOf(Marks, mark));

    internal IReadOnlyList<string> Codes(ulong bits) => [.. Marks.Where((_, at) => (bits & (1UL << at)) != 0)];

    /// <summary>An example of a class, or null when no request is of it.</summary>
    private Facts? At(int index)
    {
        int Value(Dimension dimension, int group = 0) => index / Stride(dimension, group) % _sizes[(int)dimension + group];

        var (asked, legal) = (Asked[Value(Dimension.Asked) / 2], Value(Dimension.Asked) % 2 == 1);
        var urgencies = Urgencies[Value(Dimension.Urgency)];
        if (legal && asked.Most < 1)
        {
            return null;
        }

        foreach (var option in _topicOptions[Value(Dimension.Topics)])
        {
            var marks = option.Effect.Marks;
            var fits = urgencies[^1] >= option.Effect.Urgency;
            for (var group = 0; fits && group < MarkGroups.Count; group++)
            {
                var (members, counts) = MarkGroups[group];
                var wanted = counts[Value(Dimension.Marks, group)];
                fits = TopicEffects.Count(marks & members) <= wanted.Most;
                for (var bit = 0; fits && TopicEffects.Count(marks & members) < wanted.Least; bit++)
                {
                    marks |= members & (1UL << bit);
                }
            }

            if (fits)
            {
                IReadOnlyList<TopicFacts> topics = [.. option.Choices().First().Joining.Select(group => group.Topics[0])];
                var given = Codes(marks & ~option.Effect.Marks);
                var urgency = urgencies.First(urgency => urgency >= option.Effect.Urgency);
                var basis = (Basis)Value(Dimension.Basis);
                return new Facts(
                    Kinds[Value(Dimension.Kind)][0],
                    topics,
                    [.. given.Concat(topics.SelectMany(topic => topic.ImpliesMarks!)).Distinct()],
                    [.. _services.Take(Services[Value(Dimension.Services)].Least)],
                    Tried[Value(Dimension.Tried)].Least,
                    [.. Enumerable.Repeat(Assessment.LegalBasis, legal ? 1 : 0).Concat(Enumerable.Repeat("triedSoFar", Math.Max(0, asked.Least - (legal ? 1 : 0))))],
                    topics.Select(topic => topic.Urgency!.Value).Append(urgency).Max(),
                    Value(Dimension.Danger) == 1,
                    Value(Dimension.Risk) == 1,
                    basis is Basis.Anonymous,
                    false,
                    basis is Basis.Ended,
                    given,
                    urgency);
            }
        }

        return null;
    }

    private (byte Outcome, byte Row) Judged(Facts facts) => Recommendation.For(facts, Rules) is { IsNothing: false } recommended
        ? (CodeOf(recommended), (byte)Rules.Rows.ToList().IndexOf(recommended.Row))
        : (Nothing, Nothing);

    internal static byte CodeOf(Recommendation recommended) => recommended.Route is { } route ? (byte)route : Asks;

    private static IEnumerable<int> Cuts(List<string> group, List<MarkCount> counts) => counts
        .Where(count => count.Of.Contains(group[0]))
        .SelectMany(count => count.Of.Distinct().Count() == group.Count ? [count.Count] : Enumerable.Range(1, Math.Max(0, count.Count)));

    private static Urgency[] LeastAlike(Dictionary<Urgency, string> signatures)
    {
        var least = Enum.GetValues<Urgency>();
        for (var at = 1; at < least.Length; at++)
        {
            least[at] = signatures[(Urgency)at] == signatures[(Urgency)(at - 1)] ? least[at - 1] : (Urgency)at;
        }

        return least;
    }

    private static string Signature(IEnumerable<bool> answers) => string.Concat(answers.Select(answer => answer ? '1' : '0'));
}

/// <summary>What the classes of facts differ in; the groups of marks come last, one dimension each.</summary>
internal enum Dimension
{
    Kind,
    Tried,
    Asked,
    Basis,
    Urgency,
    Risk,
    Danger,
    Services,
    Topics,
    Marks,
}
