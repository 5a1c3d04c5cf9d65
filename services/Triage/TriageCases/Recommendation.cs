using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>What the deciding row comes to, after the rules that hold for every row.</summary>
/// <param name="Route">Null when the requester is asked first.</param>
/// <param name="NoLegalBasis">The route would let somebody know of the matter without a legal basis for it.</param>
public sealed record Recommendation(PolicyRow Row, Route? Route, IReadOnlyList<string> Asks, IReadOnlyList<Adjustment> Adjustments, bool NoLegalBasis)
{
    /// <summary>Neither a route nor a question: the case would go nowhere.</summary>
    public bool IsNothing => Route is null && Asks.Count == 0;

    /// <summary>By the first row that holds; null when none does.</summary>
    public static Recommendation? For(Facts facts, RoutingPolicy rules)
    {
        foreach (var row in rules.Rows)
        {
            if (row.When.Holds(facts))
            {
                return By(row, facts, rules);
            }
        }

        return null;
    }

    public static Recommendation By(PolicyRow row, Facts facts, RoutingPolicy rules)
    {
        var adjustments = new List<Adjustment>();
        Route? route = row.Then is Consequence.Route ? rules.RouteOf(row) : null;
        IReadOnlyList<string> asks = row.Then is Consequence.AskRequester ? row.Asks ?? [] : [];
        if (facts.HighRisk && route is { } tooLow && Demand(tooLow, rules) < Demand(rules.Triage.HighRiskAtLeast, rules))
        {
            adjustments.Add(new Adjustment("highRiskAtLeast", Assessment.CodeOf(tooLow), Assessment.CodeOf(rules.Triage.HighRiskAtLeast)));
            route = rules.Triage.HighRiskAtLeast;
        }

        // A screening advises: what its marks lead to is not less than what the matter would have got without it.
        if (facts.WithoutScreening() is { } less && For(less, rules)?.Route is { } without && route is { } lower && Demand(lower, rules) < Demand(without, rules))
        {
            adjustments.Add(new Adjustment("screeningNeverLowers", Assessment.CodeOf(lower), Assessment.CodeOf(without)));
            route = without;
        }

        // A team shares what it knows, and that needs a legal basis. It is asked for once; then, and in danger, a person decides.
        var noLegalBasis = route is { } shared && facts.LacksLegalBasisFor(shared, rules);
        if (noLegalBasis && !facts.ImmediateDanger && !facts.AskedFor.Contains(Assessment.LegalBasis) && route is { } team)
        {
            adjustments.Add(new Adjustment("anonymousTeam", Assessment.CodeOf(team), Outcomes.NeedsInformation));
            route = null;
            asks = [Assessment.LegalBasis];
        }

        return new Recommendation(row, route, asks, adjustments, noLegalBasis);
    }

    /// <summary>The higher, the more demanding; a route that the policy does not rank is above those it does.</summary>
    public static int Demand(Route route, RoutingPolicy rules)
    {
        for (var rank = 0; rank < rules.Triage.RoutesByDemand.Count; rank++)
        {
            if (rules.Triage.RoutesByDemand[rank] == route)
            {
                return rank;
            }
        }

        return int.MaxValue;
    }
}

/// <summary>What an assessment can come to beside a route.</summary>
public static class Outcomes
{
    public const string NeedsInformation = "needsInformation";

    /// <summary>The code of a recommendation.</summary>
    public static string Of(Route? recommended) => recommended is { } route ? Assessment.CodeOf(route) : NeedsInformation;

    /// <summary>Danger: a coordinator decides, whatever is recommended.</summary>
    public const string InTriage = "inTriage";
}
