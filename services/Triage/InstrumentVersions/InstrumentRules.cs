using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OtPlatform.Contracts;
using OtPlatform.Triage.PolicyVersions;

namespace OtPlatform.Triage.InstrumentVersions;

/// <summary>What an instrument has to be before anybody fills it in: as its schema says, of known marks, with answers and levels that can be reached.</summary>
public sealed partial class InstrumentRules
{
    private const int Most = 50;

    private readonly PolicySchema _schema;
    private readonly Catalogue _catalogue;

    /// <param name="schema">Of the list of instruments.</param>
    public InstrumentRules(string schema, Catalogue catalogue)
    {
        var list = (JsonObject)JsonNode.Parse(schema)!;
        _schema = new PolicySchema(new JsonObject { ["$ref"] = "#/$defs/instrument", ["$defs"] = list["$defs"]!.DeepClone() }.ToJsonString());
        _catalogue = catalogue;
    }

    /// <summary>Letters, digits, points, hyphens and underscores, 64 at most.</summary>
    public static bool IsCode(string code) => Code().IsMatch(code);

    /// <summary>What is wrong with <paramref name="content"/> as the next version of <paramref name="code"/>, fifty faults at most.</summary>
    public IReadOnlyList<PolicyFault> Faults(string code, string content)
    {
        if (!PolicyBook.IsDocument(content))
        {
            return [new PolicyFault("$", "Is not a JSON object.")];
        }

        // What publishing gives it.
        var stamped = PublishInstrument.Stamped(content, code, 1);
        var faults = _schema.Faults(JsonNode.Parse(stamped));
        return [.. (faults.Count > 0 ? faults : Meaning(stamped)).Distinct().Take(Most)];
    }

    private IReadOnlyList<PolicyFault> Meaning(string document)
    {
        Instrument instrument;
        try
        {
            instrument = Instrument.Parse(document);
        }
        catch (JsonException unreadable)
        {
            return [new PolicyFault(unreadable.Path ?? "$", "Cannot be read.")];
        }

        return [.. instrument.Items.SelectMany(OfItem), .. Twice(instrument.Items.Select(item => item.Code), "$.items"), .. OfLevels(instrument)];
    }

    private IEnumerable<PolicyFault> OfItem(InstrumentItem item, int at)
    {
        if (item.Most <= item.Least)
        {
            yield return new PolicyFault($"$.items[{at}].most", "Has to be more than least.");
        }

        foreach (var (mark, index) in item.Marks.Select((mark, index) => (mark, index)))
        {
            if (!_catalogue.Codes.Marks.Contains(mark.Mark))
            {
                yield return new PolicyFault($"$.items[{at}].marks[{index}].mark", "Is not a known code.");
            }

            // From the least answer on it would be implied by every answer, also by "not at all".
            if (mark.From <= item.Least || mark.From > item.Most)
            {
                yield return new PolicyFault($"$.items[{at}].marks[{index}].from", "Has to be more than least and no more than most.");
            }
        }

        foreach (var twice in Twice(item.Marks.Select(mark => mark.Mark), $"$.items[{at}].marks"))
        {
            yield return twice;
        }
    }

    private static IEnumerable<PolicyFault> OfLevels(Instrument instrument)
    {
        foreach (var twice in Twice(instrument.Levels.Select(level => level.Code), "$.levels"))
        {
            yield return twice;
        }

        foreach (var (level, at) in instrument.Levels.Select((level, at) => (level, at)))
        {
            if (at > 0 && level.From <= instrument.Levels[at - 1].From)
            {
                yield return new PolicyFault($"$.levels[{at}].from", "Has to be more than that of the level before.");
            }

            if (level.From > instrument.Maximum)
            {
                yield return new PolicyFault($"$.levels[{at}].from", "Is more than all answers together can come to.");
            }
        }

        if (instrument.Levels[0].From > 0)
        {
            yield return new PolicyFault("$.levels[0].from", "Has to be 0: without an answer there are no points.");
        }
    }

    private static IEnumerable<PolicyFault> Twice(IEnumerable<string> codes, string path) =>
        codes.GroupBy(code => code).Where(same => same.Count() > 1).Select(same => new PolicyFault(path, $"{same.Key} is named more than once."));

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Code();
}
