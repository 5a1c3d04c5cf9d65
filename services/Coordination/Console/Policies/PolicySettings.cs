using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OtPlatform.Coordination.Console.Policies;

/// <summary>How a setting is shown and written.</summary>
public enum SettingKind
{
    Text,
    Number,
    Switch,

    /// <summary>A list of codes.</summary>
    Codes,

    /// <summary>So many working days, working hours or minutes.</summary>
    Time,

    /// <summary>What has parts of its own, as JSON.</summary>
    Json,
}

/// <summary>One setting of a policy.</summary>
/// <param name="Path">Names of the document, with points between them, for example <c>team.maxMembers</c>.</param>
public sealed record Setting(string Path, SettingKind Kind)
{
    /// <summary>The first name of the path.</summary>
    public string Section => Path.Split('.')[0];

    /// <summary>Names of its fields in a form; a time has a second one for its unit.</summary>
    public string Field => $"{Journal.Codes.Of(Kind)}:{Path}";

    public string UnitField => $"unit:{Path}";

    /// <summary>As an id of an element.</summary>
    public string Id => $"setting-{Path.Replace('.', '-')}";
}

/// <summary>A policy's document (contracts/catalogue/schemas/policy.schema.json) as single settings, and back from the fields of a form.</summary>
public static class PolicySettings
{
    /// <summary>Units of a time, longest first.</summary>
    public static readonly IReadOnlyList<string> Units = ["workingDays", "workingHours", "minutes"];

    /// <summary>How a field says that a list is there and has no code; an empty field says that there is no list.</summary>
    public const string NoCodes = "[]";

    // What publishing gives a document is no setting, nor is what the product's own says about itself.
    private static readonly HashSet<string> Stamped = ["code", "version", "effectiveFrom", "note"];

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An empty object for what is no document.</summary>
    public static JsonObject Document(string json)
    {
        try
        {
            return json.Length > 0 && JsonNode.Parse(json) is JsonObject document ? document : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>Every setting of these documents, in the order of the first. Where they do not agree on what a setting is, it is shown as JSON.</summary>
    public static IReadOnlyList<Setting> Of(params IEnumerable<JsonObject> documents)
    {
        var all = new List<Setting>();
        foreach (var setting in documents.SelectMany(document => Leaves(document, string.Empty)))
        {
            var known = all.FindIndex(one => one.Path == setting.Path || Holds(one.Path, setting.Path) || Holds(setting.Path, one.Path));
            if (known < 0)
            {
                all.Add(setting);
            }
            else if (all[known] != setting)
            {
                var whole = new Setting(Holds(setting.Path, all[known].Path) ? setting.Path : all[known].Path, SettingKind.Json);
                all[known] = whole;
                all.RemoveAll(one => Holds(whole.Path, one.Path));
            }
        }

        return all;
    }

    /// <summary>Null when the document says nothing of it, or says <c>null</c>.</summary>
    public static JsonNode? ValueOf(JsonObject document, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Split('.').Aggregate((JsonNode?)document, (node, name) => node is JsonObject held && held.TryGetPropertyValue(name, out var value) ? value : null);
    }

    /// <summary>True when the document says something of it, be it <c>null</c>.</summary>
    public static bool Says(JsonObject document, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var cut = path.LastIndexOf('.');
        return (cut < 0 ? document : ValueOf(document, path[..cut])) is JsonObject held && held.ContainsKey(path[(cut + 1)..]);
    }

    /// <summary>A value as a field of a form has it; of a time, the amount.</summary>
    public static string Written(JsonObject document, Setting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        var value = ValueOf(document, setting.Path);
        return setting.Kind switch
        {
            _ when !Says(document, setting.Path) => string.Empty,
            SettingKind.Json => value?.ToJsonString(Readable) ?? "null",
            SettingKind.Codes => value is JsonArray { Count: > 0 } codes ? string.Join(", ", codes.Select(code => code!.GetValue<string>())) : NoCodes,
            SettingKind.Time => ((JsonObject)value!).Single().Value!.ToJsonString(),
            SettingKind.Text => value!.GetValue<string>(),
            _ => value!.ToJsonString(),
        };
    }

    /// <summary>The unit of a time; null when the document has none.</summary>
    public static string? UnitOf(JsonObject document, Setting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        return setting.Kind == SettingKind.Time && ValueOf(document, setting.Path) is JsonObject time ? time.Single().Key : null;
    }

    /// <summary>A document with what was filled in. An empty field takes the setting out; what no field is there for stays as it was.</summary>
    /// <param name="wrong">Paths of settings whose JSON cannot be read; they stay as they were.</param>
    public static JsonObject Filled(JsonObject document, Typed typed, out IReadOnlyList<string> wrong)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(typed);
        var filled = (JsonObject)document.DeepClone();
        var unreadable = new List<string>();
        foreach (var field in typed.Values.Keys)
        {
            if (field.Split(':', 2) is not [var name, { Length: > 0 } path] || Enum.GetValues<SettingKind>().Where(kind => Journal.Codes.Of(kind) == name).Select(kind => (SettingKind?)kind).FirstOrDefault() is not { } kind)
            {
                continue;
            }

            if (typed.Value(field) is not { } text)
            {
                Take(filled, path.Split('.'));
            }
            else if (TryRead(kind, text, typed.Value($"unit:{path}"), out var value))
            {
                Put(filled, path.Split('.'), value);
            }
            else
            {
                unreadable.Add(path);
            }
        }

        wrong = unreadable;
        return filled;
    }

    /// <summary>The setting that a fault's JSON path is about; null when it is about more than one.</summary>
    public static Setting? At(IReadOnlyList<Setting> settings, string faultPath)
    {
        ArgumentNullException.ThrowIfNull(faultPath);
        var path = faultPath.StartsWith("$.", StringComparison.Ordinal) ? faultPath[2..] : string.Empty;
        return settings.FirstOrDefault(setting => path == setting.Path || Holds(setting.Path, path) || path.StartsWith($"{setting.Path}[", StringComparison.Ordinal));
    }

    /// <summary>Settings that two documents have otherwise.</summary>
    public static IReadOnlyList<Setting> Changed(IReadOnlyList<Setting> settings, JsonObject before, JsonObject after) =>
        [.. settings.Where(setting => Says(before, setting.Path) != Says(after, setting.Path) || !JsonNode.DeepEquals(ValueOf(before, setting.Path), ValueOf(after, setting.Path)))];

    private static bool Holds(string outer, string inner) => inner.StartsWith($"{outer}.", StringComparison.Ordinal);

    private static IEnumerable<Setting> Leaves(JsonObject document, string under) => document
        .Where(named => under.Length > 0 || !Stamped.Contains(named.Key))
        .SelectMany(named => Leaf($"{under}{named.Key}", named.Value));

    private static IEnumerable<Setting> Leaf(string path, JsonNode? value) => value switch
    {
        JsonObject held when IsTime(held) => [new Setting(path, SettingKind.Time)],
        JsonObject held when IsWhole(held, path) => [new Setting(path, SettingKind.Json)],
        JsonObject held => Leaves(held, $"{path}."),
        JsonArray list when list.All(item => item?.GetValueKind() is JsonValueKind.String) => [new Setting(path, SettingKind.Codes)],
        _ => [new Setting(path, value?.GetValueKind() switch
        {
            JsonValueKind.String => SettingKind.Text,
            JsonValueKind.Number => SettingKind.Number,
            JsonValueKind.True or JsonValueKind.False => SettingKind.Switch,
            _ => SettingKind.Json,
        })],
    };

    private static bool IsTime(JsonObject held) => held.Count == 1 && Units.Contains(held.First().Key) && held.First().Value?.GetValueKind() is JsonValueKind.Number;

    /// <summary>An object whose names are codes, or whose parts are lists, is one setting.</summary>
    private static bool IsWhole(JsonObject held, string path) =>
        path.Contains('.', StringComparison.Ordinal) && (held.Count == 0 || held.Any(named => named.Value is JsonArray || named.Key.Contains('.', StringComparison.Ordinal)));

    /// <summary>What cannot be what it should is kept as text, so that the owner says what is wrong with it.</summary>
    private static bool TryRead(SettingKind kind, string text, string? unit, out JsonNode? value)
    {
        value = kind switch
        {
            SettingKind.Number => Number(text),
            SettingKind.Switch => text switch { "true" => true, "false" => false, _ => text },
            SettingKind.Codes when text == NoCodes => new JsonArray(),
            SettingKind.Codes => new JsonArray([.. text.Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(code => (JsonNode)code)]),
            SettingKind.Time => new JsonObject { [unit ?? Units[0]] = Number(text) },
            _ => text,
        };
        if (kind is not SettingKind.Json)
        {
            return true;
        }

        try
        {
            value = JsonNode.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonNode Number(string text) =>
        decimal.TryParse(text.Replace(',', '.'), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : text;

    private static void Put(JsonObject document, ReadOnlySpan<string> path, JsonNode? value)
    {
        if (path.Length == 1)
        {
            document[path[0]] = value;
            return;
        }

        if (document[path[0]] is not JsonObject inner)
        {
            document[path[0]] = inner = [];
        }

        Put(inner, path[1..], value);
    }

    /// <summary>Objects that are left empty by it go too: an area's document holds only what differs.</summary>
    private static void Take(JsonObject document, ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
        {
            document.Remove(path[0]);
        }
        else if (document[path[0]] is JsonObject inner)
        {
            Take(inner, path[1..]);
            if (inner.Count == 0)
            {
                document.Remove(path[0]);
            }
        }
    }
}
