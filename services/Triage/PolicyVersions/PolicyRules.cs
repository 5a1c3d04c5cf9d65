using System.Text.Json;
using System.Text.Json.Nodes;
using OtPlatform.Contracts;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.PolicyVersions;

/// <summary>What a policy has to be before it may take effect: as its schema says, of known codes, and with a recommendation for every case.</summary>
public sealed class PolicyRules(PolicySchema schema, PolicyBook book, Catalogue catalogue)
{
    private const int Most = 50;

    /// <summary>True for the global defaults and for every area.</summary>
    public bool IsCode(string code) => code == PolicyBook.Defaults || catalogue.Areas.Any(area => area.Code == code);

    /// <summary>
    /// What is wrong with <paramref name="content"/> as the next version of <paramref name="code"/>, fifty faults at most. An area's values are
    /// checked over the defaults in force and over those that are planned; new defaults also under the values of each area.
    /// </summary>
    public IReadOnlyList<PolicyFault> Faults(string code, string content, DateTimeOffset now)
    {
        if (!PolicyBook.IsDocument(content))
        {
            return [new PolicyFault("$", "Is not a JSON object.")];
        }

        // What publishing gives it.
        var stamped = PublishPolicy.Stamped(content, code, 1, new DateOnly(2026, 1, 1));
        var faults = code == PolicyBook.Defaults
            ? Check(PolicyBook.Parse(stamped), null).Concat(catalogue.Areas.SelectMany(area => Coming(area.Code, now).SelectMany(own => Check(PolicyBook.Over(PolicyBook.Parse(stamped), own.Content), area.Code))))
            : Coming(PolicyBook.Defaults, now).SelectMany(defaults => Check(PolicyBook.Over(book.Whole(defaults), stamped), null));
        return [.. faults.Distinct().Take(Most)];
    }

    /// <summary>The page of a code that is in force, and those that will be.</summary>
    private IEnumerable<PolicyPage> Coming(string code, DateTimeOffset now)
    {
        var pages = book.Pages.Where(page => page.Code == code).ToList();
        var inForce = pages.Where(page => page.TakesEffectAt <= now).MaxBy(page => (page.TakesEffectAt, page.Version));
        return pages.Where(page => page == inForce || page.TakesEffectAt > now);
    }

    /// <param name="under">The area with whose values it was merged, said with each fault.</param>
    private IEnumerable<PolicyFault> Check(JsonObject document, string? under)
    {
        var faults = schema.Faults(document);
        return (faults.Count > 0 ? faults : Meaning(document)).Select(fault => under is null ? fault : fault with { Message = $"{fault.Message} (With the values of {under}.)" });
    }

    private IReadOnlyList<PolicyFault> Meaning(JsonObject document)
    {
        RoutingPolicy policy;
        try
        {
            policy = PolicyBook.Read<RoutingPolicy>(document);
        }
        catch (JsonException unreadable)
        {
            return [new PolicyFault(unreadable.Path ?? "$", "Is not a known code.")];
        }

        List<PolicyFault> faults = [.. UnknownCodes(policy), .. UnknownLeads(document), .. AreaPolicy.FaultOf(policy) is { } fault ? [new PolicyFault("$.rows", fault)] : (PolicyFault[])[]];
        return faults.Count > 0 ? faults : Incomplete(policy);
    }

    /// <summary>Every combination of facts is tried: each has to come to one route, or to a question that asks something.</summary>
    private PolicyFault[] Incomplete(RoutingPolicy policy)
    {
        try
        {
            return PolicyCheck.Of(new FactSpace(policy, catalogue)).WithoutResult is null ? [] : [new PolicyFault("$.rows", "With some facts they come to neither a route nor a question.")];
        }
        catch (InvalidOperationException tooLarge)
        {
            return [new PolicyFault("$.rows", tooLarge.Message)];
        }
    }

    /// <summary>Of an unknown topic, or by an unknown area, it would lead nothing. Team assembly reads these; here they can still be mended.</summary>
    private IEnumerable<PolicyFault> UnknownLeads(JsonObject document)
    {
        var leads = document["team"]!["leadAreas"]!.AsObject();
        return leads.Select(lead => lead.Key).Except(catalogue.Topics.Select(topic => topic.Code))
            .Concat(leads.Select(lead => lead.Value!.GetValue<string>()).Except(catalogue.Areas.Select(area => area.Code)))
            .Select(code => new PolicyFault("$.team.leadAreas", $"{code} is not a known code."));
    }

    /// <summary>A code that no request can have would make a rule that never holds.</summary>
    private IEnumerable<PolicyFault> UnknownCodes(RoutingPolicy policy)
    {
        var classes = catalogue.Topics.Select(topic => topic.Class).ToHashSet();
        var levels = catalogue.Topics.Select(topic => topic.Level).Append("any").Append("special").ToHashSet();
        IEnumerable<PolicyFault> In(IEnumerable<string>? codes, IEnumerable<string> known, string path) =>
            (codes ?? []).Except(known).Select(code => new PolicyFault(path, $"{code} is not a known code."));

        IEnumerable<PolicyFault> Of(Condition condition, string path) =>
        [
            .. In(condition.MarksAtLeast?.Of, catalogue.Codes.Marks, path),
            .. In(condition.AnyTopicClassIn, classes, path),
            .. In(condition.AnyTopicLevelIn, levels, path),
            .. (condition.All ?? condition.Any ?? (condition.Not is { } not ? [not] : [])).SelectMany(inner => Of(inner, path)),
        ];

        return
        [
            .. policy.Rows.SelectMany((row, index) => Of(row.When, $"$.rows[{index}].when")),
            .. policy.Rows.GroupBy(row => row.Code).Where(rows => rows.Count() > 1).Select(rows => new PolicyFault("$.rows", $"{rows.Key} is the code of more than one row.")),
            .. In(policy.Triage.NeverClearTopicClasses, classes, "$.triage.neverClearTopicClasses"),
            .. In(policy.Triage.SignalTopicClasses, classes, "$.triage.signalTopicClasses"),
            .. policy.Needs.RequiredSectors.SelectMany(sectors => In(sectors.Value, catalogue.Codes.Sectors, "$.needs.requiredSectors")),
            .. In([policy.Needs.SectorWithoutTopic], catalogue.Codes.Sectors, "$.needs.sectorWithoutTopic"),
            .. In(policy.Needs.EducationWhenAgeBandIn, catalogue.Codes.AgeBands, "$.needs.educationWhenAgeBandIn"),
            .. policy.Triage.RoutesByDemand.Contains(policy.Triage.HighRiskAtLeast) ? [] : (PolicyFault[])[new("$.triage.highRiskAtLeast", "Is not one of routesByDemand.")],
        ];
    }
}
