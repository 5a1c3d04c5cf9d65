using System.Text.Json.Nodes;

namespace OtPlatform.Coordination.Console.Policies;

/// <summary>Policies and their settings in words.</summary>
public static class SettingWords
{
    /// <summary>The lists that the codes of a setting have their words in.</summary>
    private static readonly Dictionary<string, string> Lists = new()
    {
        ["triage.confirmation"] = "confirmation",
        ["triage.routesByDemand"] = "route",
        ["triage.highRiskAtLeast"] = "route",
        ["triage.rarityOnlyOutcome"] = "route",
        ["triage.neverClearRoutes"] = "route",
        ["triage.teamRoutes"] = "route",
        ["triage.neverClearTopicClasses"] = "topicClasses",
        ["triage.signalTopicClasses"] = "topicClasses",
        ["triage.overrideReasons"] = "overrideReason",
        ["triage.policyReasons"] = "policyReason",
        ["triage.returnReasons"] = "returnReason",
        ["team.declineReasons"] = "declineReason",
        ["team.outcomes"] = "outcome",
        ["needs.sectorWithoutTopic"] = "sector",
        ["access.route"] = "accessRoute",
        ["absence.topic"] = "topic",
    };

    /// <summary>The defaults, or the area.</summary>
    public static string OfPolicy(Words words, string code)
    {
        ArgumentNullException.ThrowIfNull(words);
        return code == ShowPolicies.Defaults ? words["policies.defaults"] : words.Code("area", code);
    }

    /// <summary>A setting by its path; what has no words of its own is named by what it is a part of.</summary>
    public static string Name(Words words, string path)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(path);
        if (words.Has($"setting.{path}"))
        {
            return words[$"setting.{path}"];
        }

        var cut = path.LastIndexOf('.');
        var last = path[(cut + 1)..];
        var word = words.Has($"urgency.{last}") ? words.Code("urgency", last) : words.Code("route", last);
        return cut < 0 ? word : $"{Name(words, path[..cut])}: {word}";
    }

    /// <summary>A value as people read it; JSON as it is.</summary>
    public static string Value(Words words, JsonObject document, Setting setting)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(setting);
        var written = PolicySettings.Written(document, setting);
        return setting.Kind switch
        {
            _ when written.Length == 0 => words["none"],
            SettingKind.Time => words.Format($"time.{PolicySettings.UnitOf(document, setting)}", written),
            SettingKind.Switch => words[written == "true" ? "yes" : "no"],
            SettingKind.Codes when written == PolicySettings.NoCodes => words["policies.noCodes"],
            SettingKind.Codes or SettingKind.Text when Lists.TryGetValue(setting.Path, out var list) => words.All(list, written.Split(", ")),
            _ => written,
        };
    }
}
