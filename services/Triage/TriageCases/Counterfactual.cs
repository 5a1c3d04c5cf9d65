namespace OtPlatform.Triage.TriageCases;

/// <summary>How a fact would have to differ.</summary>
public enum ChangeKind
{
    Add,
    Remove,
    Set,
}

/// <summary>One field that differs; <paramref name="Count"/> single changes.</summary>
/// <param name="Field">One of <see cref="Fields"/>.</param>
/// <param name="Of">The codes that do, any <paramref name="Count"/> of them; no more than <see cref="MostCodes"/>. Empty where only the number matters.</param>
/// <param name="Choices">How many codes do.</param>
public sealed record FactChange(string Field, ChangeKind Change, int Count, IReadOnlyList<string> Of, int Choices)
{
    public const int MostCodes = 5;

    public static readonly string[] Fields = ["topics", "marks", "services", "tried", "legalBasis", "urgency", "highRisk", "immediateDanger", "informationAsked", "kind"];

    internal static FactChange Number(string field, int difference) => new(field, difference > 0 ? ChangeKind.Add : ChangeKind.Remove, Math.Abs(difference), [], 0);

    internal static FactChange Codes(string field, ChangeKind change, int count, IReadOnlyList<string> codes) => new(field, change, count, [.. codes.Take(MostCodes)], codes.Count);
}

/// <summary>The smallest changes of facts with which the same policy would have come to something else.</summary>
/// <param name="Outcome">A route, needsInformation or inTriage.</param>
/// <param name="Changes">How many single changes each of the sets makes.</param>
/// <param name="Fixed">How many of them nobody can make afterwards (ADR 0022).</param>
/// <param name="Sets">Sets of changes, no more than <see cref="MostSets"/>; each of them alone is enough.</param>
/// <param name="More">How many sets there are beside these.</param>
public sealed record Counterfactual(string Outcome, int Changes, int Fixed, IReadOnlyList<IReadOnlyList<FactChange>> Sets, int More)
{
    public const int MostSets = 5;
}
