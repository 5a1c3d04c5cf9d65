using System.Globalization;
using System.Text.RegularExpressions;
using OtPlatform.Contracts;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <param name="Code">facts, decision, screening (only where something was filled in), assessors (only where they added something), rows, leftOut or otherwise.</param>
public sealed record ExplanationSection(string Code, string Title, IReadOnlyList<string> Sentences);

/// <summary>An assessment in sentences: only what was recorded with it, its codes in words of the catalogue.</summary>
public sealed partial class ExplanationText(Catalogue catalogue, string language)
{
    /// <summary>Languages that an explanation can be asked for in; the last one is shown in Finnish.</summary>
    public static readonly IReadOnlyList<string> Languages = ["fi", "sv", "en", "se"];

    private readonly ExplanationTexts _texts = catalogue.ExplanationTexts;

    public IReadOnlyList<ExplanationSection> Of(Assessment assessment)
    {
        ArgumentNullException.ThrowIfNull(assessment);
        return
        [
            Section("facts", FactsOf(assessment.Facts).Select(fact => Say("fact", Word("fact", fact.Fact), fact.Values.Count == 0 ? Say("none") : string.Join(", ", fact.Values.Select(value => Value(fact.Fact, value)))))),
            Section("decision", Decision(assessment)),
            .. assessment.Facts.Screenings is { Count: > 0 } ? [Section("screening", new ScreeningText(catalogue, language, (sentence, values) => Say(sentence, values), Word).Of(assessment))] : (ExplanationSection[])[],
            .. assessment.Facts.AssessorMarks is { Count: > 0 } added ? [Section("assessors", Assessors(assessment, added))] : (ExplanationSection[])[],
            Section("rows", assessment.Rows.Where(row => row.Row != assessment.DecidingRow).Select(row => Row(row.Holds ? "row.holdsToo" : "row.fails", row))),
            Section("leftOut", LeftOut(assessment)),
            Section("otherwise", Otherwise(assessment)),
        ];
    }

    /// <summary>What stands in the case beside the assessments and was not weighed.</summary>
    public IEnumerable<ExplanationSection> Information(RoutingQueueEntry entry, NetworkCoordinatorAdvice advice)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Profiles.Count > 0)
        {
            yield return Section("profiles", entry.Profiles.Select(profile => Say(
                "profile.says", profile.Tool, profile.Source, profile.MadeOn.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), profile.Result, Word("profile", profile.NetworkCoordinator is { } says ? Condition.Code(says) : "notSaid"))));
        }

        IEnumerable<string> said = entry.NetworkCoordinator is { } need ? [Say("networkCoordinator.said", Word("networkCoordinator", Condition.Code(need.Needed)), need.DecidedBy, Word("networkCoordinatorReason", need.ReasonCode))] : [];
        IEnumerable<string> ofRoute = entry.RouteNetworkCoordinator is { } has ? [Say("networkCoordinator.ofRoute", Word("networkCoordinator", Condition.Code(has)))] : [];
        yield return Section("networkCoordinator", [Say("networkCoordinator.rule", Word("networkCoordinator", Condition.Code(advice))), .. said, .. ofRoute]);
    }

    /// <summary>The facts that were weighed, by the name that a finding gives them.</summary>
    public static IEnumerable<(string Fact, IReadOnlyList<string> Values)> FactsOf(Facts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        yield return ("kind", [Condition.Code(facts.Kind)]);
        yield return ("topics", [.. facts.Topics.Select(topic => topic.Code)]);
        yield return ("marks", facts.Marks);
        yield return ("services", facts.Services);
        yield return ("tried", [Number(facts.TriedCount)]);
        yield return ("urgency", [Condition.Code(facts.Urgency)]);
        yield return ("highRisk", [Condition.Code(facts.HighRisk)]);
        yield return ("immediateDanger", [Condition.Code(facts.ImmediateDanger)]);
        yield return ("legalBasis", [facts.ConsentEnded ? CaseRequest.ConsentEnded : facts.Anonymous ? "anonymous" : "given"]);
        yield return ("informationAsked", facts.AskedFor);
    }

    private IEnumerable<string> Decision(Assessment assessment)
    {
        yield return Row("row.decides", assessment.Rows.First(row => row.Row == assessment.DecidingRow));
        foreach (var adjustment in assessment.Adjustments)
        {
            yield return Say("adjusted", Word("adjustment", adjustment.Rule), Word("outcome", adjustment.From), Word("outcome", adjustment.To));
        }

        yield return assessment.Route is { } route ? Say("result", Word("outcome", Assessment.CodeOf(route))) : Say("asks", All("asked", assessment.Asks));
        if (assessment.Grounds.Count > 0)
        {
            yield return Say("grounds", All("ground", assessment.Grounds.Select(Condition.Code)));
        }

        if (assessment.Facts.ImmediateDanger)
        {
            yield return Say("held");
        }

        yield return Say("policy", assessment.PolicyVersion);
    }

    private IEnumerable<string> Assessors(Assessment assessment, IReadOnlyList<string> added)
    {
        yield return Say("assessors.added", All("marks", added));
        if (assessment is { WithoutScreening: { } without, Facts.Screenings: not { Count: > 0 } })
        {
            yield return Say("assessors.without", Word("outcome", without));
        }
    }

    private IEnumerable<string> LeftOut(Assessment assessment) =>
    [
        assessment.LeftOut.Count > 0 ? Say("leftOut", All("leftOut", assessment.LeftOut)) : Say("allWeighed"),
        assessment.Clear ? Say("clear") : Say("unclear", All("unclear", assessment.UnclearBecause)),
    ];

    private IEnumerable<string> Otherwise(Assessment assessment)
    {
        if (assessment.Counterfactuals is not { } others)
        {
            return [Say("otherwise.notKept")];
        }

        var led = others.Select(other => other.Outcome).Append(assessment.Route is { } route ? Assessment.CodeOf(route) : Outcomes.NeedsInformation).ToHashSet();
        var never = Enum.GetValues<Route>().Select(Assessment.CodeOf).Where(code => !led.Contains(code)).ToList();
        return others.Select(Otherwise).Concat(never.Count == 0 ? [] : [Say("otherwise.never", All("outcome", never))]);
    }

    private string Otherwise(Counterfactual other)
    {
        var ways = other.Sets
            .Select(set => set.Select(Change).Aggregate((one, next) => Say("and", one, next)))
            .Aggregate((one, next) => Say("or", one, next));
        var sentence = Say(
            other.Changes == 1 ? "otherwise.one" : "otherwise.many",
            Capital(Word("outcome", other.Outcome)),
            other.More > 0 ? Say("otherwise.more", ways, Number(other.More)) : ways,
            Number(other.Changes));
        return other.Fixed > 0 ? Say("otherwise.fixed", sentence) : sentence;
    }

    private string Change(FactChange change)
    {
        var listed = string.Join(", ", change.Of.Select(code => Value(change.Field, code)));
        var codes = change.Choices > change.Of.Count ? Say("others", listed, Number(change.Choices - change.Of.Count)) : listed;
        var number = change.Of.Count == 0 ? Number(change.Count) : codes;
        return Say(
            $"change.{change.Field}.{Condition.Code(change.Change)}",
            change.Choices > change.Count ? Say("any", Number(change.Count), codes) : codes,
            number);
    }

    private string Row(string sentence, RowTried row) => Say(
        sentence,
        Word("row", row.Row),
        row.Findings.Count == 0
            ? Say("row.always")
            : string.Join("; ", row.Findings.Select(finding => Say(
                finding.Holds ? "finding.holds" : "finding.fails",
                Word("fact", finding.Fact),
                Wanted(finding),
                finding.Found.Length == 0 ? Say("none") : Listed(finding.Fact, finding.Found)))));

    private string Wanted(Finding finding) => finding switch
    {
        { Fact: "topicsRareByDefault" } => Word("wanted", finding.Wanted),
        _ when MarkCondition().Match(finding.Wanted) is { Success: true } marks => Say("of", Say("atLeast", marks.Groups[1].Value), Listed(finding.Fact, marks.Groups[2].Value)),
        { Wanted: ['>', '=', ' ', .. var least] } => Say("atLeast", least),
        { Wanted: ['<', '=', ' ', .. var most] } => Say("atMost", most),
        _ => Listed(finding.Fact, finding.Wanted),
    };

    private string Listed(string fact, string codes) => string.Join(", ", codes.Split(", ").Select(code => Value(fact, code)));

    /// <summary>A fact's value in words.</summary>
    private string Value(string fact, string code) => fact switch
    {
        "topics" or "topicsRareByDefault" => catalogue.Topics.FirstOrDefault(topic => topic.Code == code) is { } topic ? new Label(topic.Fi, topic.Sv, topic.En).In(language) : code,
        "highRisk" or "immediateDanger" => Word("answer", code),
        "informationAsked" => Word("asked", code),
        _ => Word(fact, code),
    };

    private string All(string list, IEnumerable<string> codes) => string.Join(", ", codes.Select(code => Word(list, code)));

    private string Word(string list, string code) => _texts.Words.GetValueOrDefault(list)?.GetValueOrDefault(code)?.In(language) ?? code;

    private ExplanationSection Section(string code, IEnumerable<string> sentences) => new(code, Word("section", code), [.. sentences]);

    private string Say(string sentence, params object[] values) => string.Format(CultureInfo.InvariantCulture, _texts.Sentences[sentence].In(language), values);

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^>= (\d+) of (.+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex MarkCondition();
}
