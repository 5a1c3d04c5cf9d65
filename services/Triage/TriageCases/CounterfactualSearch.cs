using OtPlatform.Contracts;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>
/// Finds the smallest changes of facts for every other outcome, exactly: each way to come from the facts to another class of them is
/// priced, dearer ones than the best known are cut, and what comes of a class is looked up. First without touching what nobody can
/// change, then with one such change, then with two.
/// </summary>
internal sealed class CounterfactualSearch
{
    private const int OneFixed = 1 << 16;

    private readonly FactSpace _space;
    private readonly Facts _facts;
    private readonly ulong _given;
    private readonly Urgency _urgency;
    private readonly byte _own;
    private readonly List<List<Option>> _independent;
    private readonly List<TopicOption> _topics;
    private readonly Dictionary<(ulong Marks, Urgency Urgency), List<List<Option>>> _dependent = [];
    private readonly Dictionary<byte, List<(TopicOption Topics, Option[] Chosen)>> _found = [];
    private readonly Dictionary<byte, int> _costs = [];
    private readonly HashSet<byte> _wanted = [];
    private int _bound;

    public CounterfactualSearch(FactSpace space, Facts facts)
    {
        (_space, _facts) = (space, facts);
        _given = space.Bits(facts.GivenMarks ?? facts.Marks);
        _urgency = facts.GivenUrgency ?? facts.Urgency;
        _own = Recommendation.For(facts, space.Rules) is { } recommended ? FactSpace.CodeOf(recommended) : FactSpace.Nothing;
        _independent = [Kinds(), Tried(), Asked(), Bases(), Risk(), Danger(), Services()];
        _topics = [.. space.Topics.From(facts.Topics).OrderBy(option => option.Steps)];
    }

    /// <param name="Cost">Fixed changes, then all changes, in one number.</param>
    private readonly record struct Option(int Offset, int Cost, FactChange? First = null, FactChange? Second = null)
    {
        public int Fixed => Cost / OneFixed;
    }

    public IReadOnlyList<Counterfactual> Run()
    {
        foreach (var outcome in Enum.GetValues<Route>().Select(route => (byte)route).Append(FactSpace.Asks))
        {
            if (outcome != _own && (_space.Gives(outcome, inDanger: false) || (_facts.ImmediateDanger && _space.Gives(outcome, inDanger: true))))
            {
                _wanted.Add(outcome);
            }
        }

        var most = _independent.Sum(options => options.Max(option => option.Fixed)) + 1;
        for (var allowed = 0; allowed <= most && _wanted.Count > 0; allowed++)
        {
            Try(allowed);
            _wanted.ExceptWith(_costs.Keys);
        }

        var answers = _costs.Keys.Order().Select(Answer).ToList();
        if (!_facts.ImmediateDanger)
        {
            answers.Add(new Counterfactual(Outcomes.InTriage, 1, 0, [[FactChange.Codes("immediateDanger", ChangeKind.Set, 1, ["true"])]], 0));
        }

        return answers;
    }

    private void Try(int allowed)
    {
        _bound = int.MaxValue;
        var independent = Allowed(_independent, allowed);
        foreach (var topics in _topics)
        {
            if (topics.Steps > _bound)
            {
                break;
            }

            if (_space.TopicClass(topics.Effect) is { } known)
            {
                var dependent = Allowed(Dependent(topics.Effect), allowed);
                List<List<Option>> open = [.. independent.Open, .. dependent.Open];
                Choose(topics, open, new Option[open.Count], 0, (known * _space.Stride(Dimension.Topics)) + independent.Offset + dependent.Offset, topics.Steps, allowed);
            }
        }
    }

    private List<List<Option>> Dependent(TopicEffect topics)
    {
        if (!_dependent.TryGetValue((topics.Marks, topics.Urgency), out var options))
        {
            _dependent[(topics.Marks, topics.Urgency)] = options = [Urgencies(topics), .. _space.MarkGroups.Select((group, at) => MarksOf(group, at, topics))];
        }

        return options;
    }

    /// <summary>What is left to choose when no more than so many fixed changes are allowed.</summary>
    private static (List<List<Option>> Open, int Offset) Allowed(List<List<Option>> dimensions, int allowed)
    {
        var (open, offset) = (new List<List<Option>>(), 0);
        foreach (var options in dimensions.Select(options => options.FindAll(option => option.Fixed <= allowed)))
        {
            if (options is [{ Cost: 0 } only])
            {
                offset += only.Offset;
            }
            else
            {
                open.Add(options);
            }
        }

        return (open, offset);
    }

    private void Choose(TopicOption topics, List<List<Option>> open, Option[] chosen, int at, int offset, int cost, int allowed)
    {
        if (at == open.Count)
        {
            if (cost / OneFixed == allowed)
            {
                Note(_space.OutcomeAt(offset), topics, chosen, cost);
            }

            return;
        }

        foreach (var option in open[at])
        {
            var dearer = cost + option.Cost;
            if (dearer > _bound)
            {
                break;
            }

            if (dearer / OneFixed <= allowed)
            {
                chosen[at] = option;
                Choose(topics, open, chosen, at + 1, offset + option.Offset, dearer, allowed);
            }
        }
    }

    private void Note(byte outcome, TopicOption topics, Option[] chosen, int cost)
    {
        if (!_wanted.Contains(outcome))
        {
            return;
        }

        var known = _costs.GetValueOrDefault(outcome, int.MaxValue);
        if (cost > known)
        {
            return;
        }

        if (cost < known)
        {
            (_costs[outcome], _found[outcome]) = (cost, []);
            _bound = _wanted.Max(wanted => _costs.GetValueOrDefault(wanted, int.MaxValue));
        }

        _found[outcome].Add((topics, [.. chosen]));
    }

    private Counterfactual Answer(byte outcome)
    {
        var sets = _found[outcome]
            .SelectMany(found => found.Topics.Choices().Select(choice => Changes(choice, found.Chosen)))
            .OrderBy(changes => string.Join('|', changes.Select(Key)), StringComparer.Ordinal)
            .ToList();
        return new Counterfactual(
            outcome is FactSpace.Asks ? Outcomes.NeedsInformation : Assessment.CodeOf((Route)outcome),
            _costs[outcome] % OneFixed,
            _costs[outcome] / OneFixed,
            [.. sets.Take(Counterfactual.MostSets)],
            Math.Max(0, sets.Count - Counterfactual.MostSets));
    }

    private static IReadOnlyList<FactChange> Changes(TopicChoice topics, Option[] chosen) =>
    [
        .. topics.Joining.Select(group => Topic(ChangeKind.Add, 1, group))
            .Concat(topics.Going.Select(group => Topic(ChangeKind.Remove, group.Topics.Count, group)))
            .Concat(chosen.SelectMany(option => new[] { option.First, option.Second }).OfType<FactChange>())
            .OrderBy(Key, StringComparer.Ordinal),
    ];

    private static FactChange Topic(ChangeKind change, int count, TopicGroup group) =>
        FactChange.Codes("topics", change, count, [.. group.Topics.Select(topic => topic.Code).Order(StringComparer.Ordinal)]);

    // The order of the fields is that of the explanation: what the matter is about first, how it was handled last.
    private static string Key(FactChange change) =>
        $"{Array.IndexOf(FactChange.Fields, change.Field):D2} {change.Change} {change.Count} {string.Join(' ', change.Of)}";

    private List<Option> Kinds() => Sorted(_space.Kinds.Select((kinds, at) => Offered(Dimension.Kind, at, kinds.Contains(_facts.Kind) ? null : Set("kind", kinds.Select(Condition.Code)), isFixed: true)));

    private List<Option> Tried() => Sorted(_space.Tried.Select((interval, at) =>
    {
        var difference = interval.From(_facts.TriedCount);
        return Offered(Dimension.Tried, at, difference == 0 ? null : FactChange.Number("tried", difference), isFixed: difference < 0);
    }));

    private List<Option> Services() => Sorted(_space.Services.Select((interval, at) =>
    {
        var difference = interval.From(_facts.Services.Count);
        return Offered(Dimension.Services, at, difference == 0 ? null : FactChange.Number("services", difference), isFixed: false);
    }));

    private List<Option> Asked()
    {
        var legal = _facts.AskedFor.Count(asked => asked == Assessment.LegalBasis);
        var options = new List<Option>();
        for (var at = 0; at < _space.Asked.Length; at++)
        {
            foreach (var withLegal in (bool[])[false, true])
            {
                var ofLegal = withLegal ? Math.Max(1, legal) : 0;
                var (least, most) = _space.Asked[at];
                if (most < ofLegal)
                {
                    continue;
                }

                var difference = new Interval(Math.Max(0, least - ofLegal), most - ofLegal).From(_facts.AskedFor.Count - legal);
                var number = difference == 0 ? null : FactChange.Number("informationAsked", difference);
                var basis = withLegal == legal > 0 ? null : FactChange.Codes("informationAsked", withLegal ? ChangeKind.Add : ChangeKind.Remove, 1, [Assessment.LegalBasis]);
                var changes = (number?.Count ?? 0) + (basis?.Count ?? 0);
                options.Add(new Option(((2 * at) + (withLegal ? 1 : 0)) * _space.Stride(Dimension.Asked), changes * (OneFixed + 1), number, basis));
            }
        }

        return Sorted(options);
    }

    private List<Option> Bases()
    {
        var own = _facts.ConsentEnded ? Basis.Ended : _facts.Anonymous ? Basis.Anonymous : Basis.Given;
        return Sorted(Enum.GetValues<Basis>().Select(basis => Offered(
            Dimension.Basis,
            (int)basis,
            basis == own ? null : Set("legalBasis", basis switch { Basis.Given => ["consent", "statutory"], Basis.Anonymous => ["anonymous"], _ => [CaseRequest.ConsentEnded] }),
            isFixed: basis is not Basis.Given)));
    }

    private List<Option> Risk() => Sorted(((bool[])[false, true]).Select(risk =>
        Offered(Dimension.Risk, risk ? 1 : 0, risk == _facts.HighRisk ? null : Set("highRisk", [Condition.Code(risk)]), isFixed: !risk)));

    // Danger that is reported leads to a coordinator at once; it is no way to a route.
    private List<Option> Danger() => Sorted(((bool[])[false, true]).Where(danger => !danger || _facts.ImmediateDanger).Select(danger =>
        Offered(Dimension.Danger, danger ? 1 : 0, danger == _facts.ImmediateDanger ? null : Set("immediateDanger", [Condition.Code(danger)]), isFixed: !danger)));

    private List<Option> Urgencies(TopicEffect topics) => Sorted(_space.Urgencies.Select((alike, at) =>
    {
        var leading = Enum.GetValues<Urgency>().Where(urgency => alike.Contains((Urgency)Math.Max((int)urgency, (int)topics.Urgency))).ToList();
        var raised = leading.Where(urgency => urgency > _urgency).ToList();
        return leading.Count == 0 ? (Option?)null
            : leading.Contains(_urgency) ? Offered(Dimension.Urgency, at, null, isFixed: false)
            : Offered(Dimension.Urgency, at, Set("urgency", (raised.Count > 0 ? raised : leading).Select(Condition.Code)), isFixed: raised.Count == 0);
    }).OfType<Option>());

    private List<Option> MarksOf(MarkGroup group, int number, TopicEffect topics)
    {
        var (implied, present) = (topics.Marks & group.Members, (topics.Marks | _given) & group.Members);
        var options = new List<Option>();
        for (var at = 0; at < group.Counts.Length; at++)
        {
            if (group.Counts[at].Most < TopicEffects.Count(implied))
            {
                continue;
            }

            var difference = group.Counts[at].From(TopicEffects.Count(present));
            var change = difference switch
            {
                0 => null,
                > 0 => FactChange.Codes("marks", ChangeKind.Add, difference, _space.Codes(group.Members & ~present)),
                _ => FactChange.Codes("marks", ChangeKind.Remove, -difference, _space.Codes(present & ~implied)),
            };
            options.Add(new Option(at * _space.Stride(Dimension.Marks, number), change?.Count ?? 0, change));
        }

        return Sorted(options);
    }

    private Option Offered(Dimension dimension, int value, FactChange? change, bool isFixed) =>
        new(value * _space.Stride(dimension), (change?.Count ?? 0) * (isFixed ? OneFixed + 1 : 1), change);

    private static FactChange Set(string field, IEnumerable<string> codes) => FactChange.Codes(field, ChangeKind.Set, 1, [.. codes]);

    private static List<Option> Sorted(IEnumerable<Option> options) => [.. options.OrderBy(option => option.Cost)];
}
