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

    /// <summary>True when the condition holds; every fact looked at is noted in <paramref name="findings"/>.</summary>
    public bool Holds(Facts facts, ICollection<Finding> findings)
    {
        bool Note(string fact, string wanted, string found, bool holds)
        {
            findings.Add(new Finding(fact, wanted, found, holds));
            return holds;
        }

        return this switch
        {
            { Always: { } always } => always,
            // No short cut: an explanation shows every fact of the row.
            { All: { } all } => all.Aggregate(true, (held, condition) => condition.Holds(facts, findings) && held),
            { Any: { } any } => any.Aggregate(false, (held, condition) => condition.Holds(facts, findings) || held),
            { Not: { } not } => !not.Holds(facts, findings),
            { KindIn: { } kinds } => Note("kind", List(kinds), Code(facts.Kind), kinds.Contains(facts.Kind)),
            { TriedAtMost: { } tried } => Note("tried", $"<= {Number(tried)}", Number(facts.TriedCount), facts.TriedCount <= tried),
            { InformationAskedAtMost: { } asked } => Note("informationAsked", $"<= {Number(asked)}", Number(facts.AskedFor.Count), facts.AskedFor.Count <= asked),
            { HighRisk: { } risk } => Note("highRisk", Code(risk), Code(facts.HighRisk), facts.HighRisk == risk),
            { ImmediateDanger: { } danger } => Note("immediateDanger", Code(danger), Code(facts.ImmediateDanger), facts.ImmediateDanger == danger),
            { UrgencyIn: { } urgencies } => Note("urgency", List(urgencies), Code(facts.Urgency), urgencies.Contains(facts.Urgency)),
            { MarksAtLeast: { } wanted } => Marks(wanted),
            { ServicesAtLeast: { } services } => Note("services", $">= {Number(services)}", Number(facts.Services.Count), facts.Services.Count >= services),
            { EveryTopicRareByDefault: { } rare } => Note(
                "topicsRareByDefault",
                rare ? "every topic, at least one" : "not every topic",
                List(facts.Topics.Where(topic => topic.RareByDefault).Select(topic => topic.Code)),
                (facts.Topics.Count > 0 && facts.Topics.All(topic => topic.RareByDefault)) == rare),
            { AnyTopicLevelIn: { } levels } => Note("topicLevels", List(levels), List(facts.Topics.Select(topic => topic.Level).Distinct()), facts.Topics.Any(topic => levels.Contains(topic.Level))),
            { AnyTopicClassIn: { } classes } => Note("topicClasses", List(classes), List(facts.Topics.Select(topic => topic.Class).Distinct()), facts.Topics.Any(topic => classes.Contains(topic.Class))),
            _ => throw new InvalidOperationException("A condition without a member decides nothing."),
        };

        bool Marks(MarkCount wanted)
        {
            var found = facts.Marks.Where(wanted.Of.Contains).ToList();
            return Note("marks", $">= {Number(wanted.Count)} of {List(wanted.Of)}", List(found), found.Count >= wanted.Count);
        }
    }

    private static string List<T>(IEnumerable<T> values)
        where T : notnull => string.Join(", ", values.Select(Code));

    private static string Code<T>(T value)
        where T : notnull => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()!);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
