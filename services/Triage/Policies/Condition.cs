using System.Globalization;
using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Policies;

/// <summary>At least <paramref name="Count"/> of the marks in <paramref name="Of"/>.</summary>
public sealed record MarkCount(int Count, IReadOnlyList<string> Of);

/// <summary>A condition of a policy row, as data: exactly one member is set.</summary>
public sealed record Condition
{
    public bool? Always { get; init; }

    public IReadOnlyList<Condition>? All { get; init; }

    public IReadOnlyList<Condition>? Any { get; init; }

    public Condition? Not { get; init; }

    public IReadOnlyList<ConsultationKind>? KindIn { get; init; }

    public int? TriedAtMost { get; init; }

    public int? InformationAskedAtMost { get; init; }

    public bool? HighRisk { get; init; }

    public bool? ImmediateDanger { get; init; }

    public IReadOnlyList<Urgency>? UrgencyIn { get; init; }

    public MarkCount? MarksAtLeast { get; init; }

    public int? ServicesAtLeast { get; init; }

    /// <summary>At least one topic, and every topic rare by default.</summary>
    public bool? EveryTopicRareByDefault { get; init; }

    public IReadOnlyList<string>? AnyTopicLevelIn { get; init; }

    public IReadOnlyList<string>? AnyTopicClassIn { get; init; }

    /// <summary>Null when this and every condition in it sets exactly one member, else what is wrong.</summary>
    public string? Fault()
    {
        var members = typeof(Condition).GetProperties().Count(member => member.GetValue(this) is not null);
        return members != 1
            ? $"a condition sets {Number(members)} members instead of one"
            : (All ?? Any ?? (Not is null ? [] : [Not])).Select(inner => inner.Fault()).OfType<string>().FirstOrDefault();
    }

    /// <summary>True when the condition holds.</summary>
    public bool Holds(Facts facts) => this switch
    {
        { Always: { } always } => always,
        { All: { } all } => all.All(condition => condition.Holds(facts)),
        { Any: { } any } => any.Any(condition => condition.Holds(facts)),
        { Not: { } not } => !not.Holds(facts),
        { KindIn: { } kinds } => kinds.Contains(facts.Kind),
        { TriedAtMost: { } tried } => facts.TriedCount <= tried,
        { InformationAskedAtMost: { } asked } => facts.AskedFor.Count <= asked,
        { HighRisk: { } risk } => facts.HighRisk == risk,
        { ImmediateDanger: { } danger } => facts.ImmediateDanger == danger,
        { UrgencyIn: { } urgencies } => urgencies.Contains(facts.Urgency),
        { MarksAtLeast: { } wanted } => facts.Marks.Count(wanted.Of.Contains) >= wanted.Count,
        { ServicesAtLeast: { } services } => facts.Services.Count >= services,
        { EveryTopicRareByDefault: { } rare } => (facts.Topics.Count > 0 && facts.Topics.All(topic => topic.RareByDefault)) == rare,
        { AnyTopicLevelIn: { } levels } => facts.Topics.Any(topic => levels.Contains(topic.Level)),
        { AnyTopicClassIn: { } classes } => facts.Topics.Any(topic => classes.Contains(topic.Class)),
        _ => throw new InvalidOperationException("A condition without a member decides nothing."),
    };

    /// <summary>True when the condition holds; every fact looked at is noted in <paramref name="findings"/>.</summary>
    public bool Holds(Facts facts, ICollection<Finding> findings)
    {
        // No short cut: an explanation shows every fact of the row.
        switch (this)
        {
            case { All: { } all }: return all.Aggregate(true, (held, condition) => condition.Holds(facts, findings) && held);
            case { Any: { } any }: return any.Aggregate(false, (held, condition) => condition.Holds(facts, findings) || held);
            case { Not: { } not }: return !not.Holds(facts, findings);
        }

        var holds = Holds(facts);
        if (Looked(facts) is var (fact, wanted, found))
        {
            findings.Add(new Finding(fact, wanted, found, holds));
        }

        return holds;
    }

    /// <summary>This condition and every one in it.</summary>
    public IEnumerable<Condition> Whole() => (All ?? Any ?? (Not is null ? [] : [Not])).SelectMany(inner => inner.Whole()).Prepend(this);

    private (string Fact, string Wanted, string Found)? Looked(Facts facts) => this switch
    {
        { KindIn: { } kinds } => ("kind", List(kinds), Code(facts.Kind)),
        { TriedAtMost: { } tried } => ("tried", $"<= {Number(tried)}", Number(facts.TriedCount)),
        { InformationAskedAtMost: { } asked } => ("informationAsked", $"<= {Number(asked)}", Number(facts.AskedFor.Count)),
        { HighRisk: { } risk } => ("highRisk", Code(risk), Code(facts.HighRisk)),
        { ImmediateDanger: { } danger } => ("immediateDanger", Code(danger), Code(facts.ImmediateDanger)),
        { UrgencyIn: { } urgencies } => ("urgency", List(urgencies), Code(facts.Urgency)),
        { MarksAtLeast: { } wanted } => ("marks", $">= {Number(wanted.Count)} of {List(wanted.Of)}", List(facts.Marks.Where(wanted.Of.Contains))),
        { ServicesAtLeast: { } services } => ("services", $">= {Number(services)}", Number(facts.Services.Count)),
        { EveryTopicRareByDefault: { } rare } => ("topicsRareByDefault", rare ? "every topic, at least one" : "not every topic", List(facts.Topics.Where(topic => topic.RareByDefault).Select(topic => topic.Code))),
        { AnyTopicLevelIn: { } levels } => ("topicLevels", List(levels), List(facts.Topics.Select(topic => topic.Level).Distinct())),
        { AnyTopicClassIn: { } classes } => ("topicClasses", List(classes), List(facts.Topics.Select(topic => topic.Class).Distinct())),
        _ => null,
    };

    private static string List<T>(IEnumerable<T> values)
        where T : notnull => string.Join(", ", values.Select(Code));

    internal static string Code<T>(T value)
        where T : notnull => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()!);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
