using OtPlatform.Contracts;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Tests.Policies;

/// <summary>Makes every single change, then every two, and so on: slow, and written from the rules of ADR 0022 alone.</summary>
internal sealed class EverySmallerChange(RoutingPolicy rules, IReadOnlyList<Topic> topics, IReadOnlyList<string> marks, int services)
{
    private const int OneFixed = 1_000;

    /// <summary>What somebody may change, one by one.</summary>
    public sealed record State(
        ConsultationKind Kind, int Tried, int OtherAsked, bool LegalAsked, string Basis, Urgency Urgency, bool Risk, bool Danger, ulong Marks, int Services, ulong Topics);

    public Facts FactsOf(State state)
    {
        var given = marks.Where((_, at) => (state.Marks >> at & 1) != 0).ToList();
        var about = topics.Where((_, at) => (state.Topics >> at & 1) != 0).ToList();
        return new Facts(
            state.Kind,
            [.. about.Select(TopicFacts.Of)],
            [.. given.Concat(about.SelectMany(topic => topic.ImpliesMarks)).Distinct()],
            [.. Enumerable.Range(0, state.Services).Select(number => $"service-{number}")],
            state.Tried,
            [.. Enumerable.Repeat("triedSoFar", state.OtherAsked).Concat(state.LegalAsked ? [Assessment.LegalBasis] : [])],
            about.Select(topic => topic.Urgency).Append(state.Urgency).Max(),
            state.Danger,
            state.Risk,
            state.Basis == "anonymous",
            false,
            state.Basis == "ended",
            given,
            state.Urgency);
    }

    public string OutcomeOf(State state) =>
        Recommendation.For(FactsOf(state), rules)!.Route is { } route ? Assessment.CodeOf(route) : Outcomes.NeedsInformation;

    /// <summary>For each outcome the least cost and every state that has it at that cost, as far as <paramref name="most"/> changes reach.</summary>
    public Dictionary<string, (int Cost, List<State> States)> Within(State from, int most, int mostFixed)
    {
        var cheapest = new Dictionary<State, int> { [from] = 0 };
        var waiting = new PriorityQueue<State, int>([(from, 0)]);
        var found = new Dictionary<string, (int Cost, List<State> States)>();
        while (waiting.TryDequeue(out var state, out var cost))
        {
            if (cost > cheapest[state])
            {
                continue;
            }

            var outcome = OutcomeOf(state);
            if (!found.TryGetValue(outcome, out var known))
            {
                found[outcome] = known = (cost, []);
            }

            if (known.Cost == cost)
            {
                known.States.Add(state);
            }

            foreach (var (next, isFixed) in Changed(state, from))
            {
                var dearer = cost + 1 + (isFixed ? OneFixed : 0);
                if (dearer % OneFixed <= most && dearer / OneFixed <= mostFixed && dearer < cheapest.GetValueOrDefault(next, int.MaxValue))
                {
                    cheapest[next] = dearer;
                    waiting.Enqueue(next, dearer);
                }
            }
        }

        return found;
    }

    public static int Cost(Counterfactual counterfactual) => (counterfactual.Fixed * OneFixed) + counterfactual.Changes;

    /// <summary>Every state that a set of changes can mean.</summary>
    public IEnumerable<State> Applied(State from, IReadOnlyList<FactChange> changes) =>
        changes.Aggregate<FactChange, IEnumerable<State>>([from], (states, change) => states.SelectMany(state => Applied(state, change)));

    private IEnumerable<State> Applied(State state, FactChange change)
    {
        var sign = change.Change is ChangeKind.Remove ? -1 : 1;
        switch (change.Field)
        {
            case "tried": return [state with { Tried = state.Tried + (sign * change.Count) }];
            case "services": return [state with { Services = state.Services + (sign * change.Count) }];
            case "informationAsked" when change.Of.Count == 0: return [state with { OtherAsked = state.OtherAsked + (sign * change.Count) }];
            case "informationAsked": return [state with { LegalAsked = sign > 0 }];
            case "legalBasis": return [state with { Basis = change.Of[0] }];
            case "urgency": return change.Of.Select(code => state with { Urgency = Enum.Parse<Urgency>(code, ignoreCase: true) });
            case "kind": return change.Of.Select(code => state with { Kind = Enum.Parse<ConsultationKind>(code, ignoreCase: true) });
            case "highRisk": return [state with { Risk = change.Of[0] == "true" }];
            case "immediateDanger": return [state with { Danger = change.Of[0] == "true" }];
            case "marks": return Some(change, code => 1UL << marks.ToList().IndexOf(code)).Select(bits => state with { Marks = state.Marks ^ bits });
            case "topics": return Some(change, code => 1UL << topics.ToList().FindIndex(topic => topic.Code == code)).Select(bits => state with { Topics = state.Topics ^ bits });
            default: throw new ArgumentException(change.Field);
        }
    }

    /// <summary>Any <see cref="FactChange.Count"/> of the codes.</summary>
    private static IEnumerable<ulong> Some(FactChange change, Func<string, ulong> bit)
    {
        Assert.That(change.Of, Has.Count.EqualTo(change.Choices), "all codes are listed");
        return Enumerable.Range(0, 1 << change.Of.Count)
            .Where(choice => System.Numerics.BitOperations.PopCount((uint)choice) == change.Count)
            .Select(choice => change.Of.Where((_, at) => (choice >> at & 1) != 0).Aggregate(0UL, (all, code) => all | bit(code)));
    }

    private IEnumerable<(State State, bool IsFixed)> Changed(State state, State from)
    {
        for (var mark = 0; mark < marks.Count; mark++)
        {
            yield return (state with { Marks = state.Marks ^ (1UL << mark) }, false);
        }

        for (var topic = 0; topic < topics.Count; topic++)
        {
            yield return (state with { Topics = state.Topics ^ (1UL << topic) }, false);
        }

        if (state.Services < services)
        {
            yield return (state with { Services = state.Services + 1 }, false);
        }

        if (state.Services > 0)
        {
            yield return (state with { Services = state.Services - 1 }, false);
        }

        yield return (state with { Tried = state.Tried + 1 }, false);
        if (state.Tried > 0)
        {
            yield return (state with { Tried = state.Tried - 1 }, true);
        }

        yield return (state with { OtherAsked = state.OtherAsked + 1 }, true);
        if (state.OtherAsked > 0)
        {
            yield return (state with { OtherAsked = state.OtherAsked - 1 }, true);
        }

        // A field with a value is changed once, from what it was.
        yield return (state with { LegalAsked = !from.LegalAsked }, true);
        foreach (var basis in (string[])["consent", "anonymous", "ended"])
        {
            if (state.Basis == from.Basis && basis != from.Basis)
            {
                yield return (state with { Basis = basis }, basis != "consent");
            }
        }

        foreach (var urgency in Enum.GetValues<Urgency>())
        {
            if (state.Urgency == from.Urgency && urgency != from.Urgency)
            {
                yield return (state with { Urgency = urgency }, urgency < from.Urgency);
            }
        }

        foreach (var kind in Enum.GetValues<ConsultationKind>())
        {
            if (state.Kind == from.Kind && kind != from.Kind)
            {
                yield return (state with { Kind = kind }, true);
            }
        }

        yield return (state with { Risk = !from.Risk }, from.Risk);
        if (from.Danger)
        {
            yield return (state with { Danger = false }, true);
        }
    }
}
