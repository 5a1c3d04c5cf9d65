using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OtPlatform.Triage.PolicyVersions;

/// <summary>What is wrong with a policy, and where.</summary>
/// <param name="Path">JSON path in the document, for example <c>$.team.maxMembers</c>; <c>$</c> for the whole.</param>
/// <param name="Message">In English, for the person who edits it.</param>
public sealed record PolicyFault(string Path, string Message);

/// <summary>
/// A schema of the catalogue (schemas/policy.schema.json and the one of instruments), checked with the part of JSON Schema 2020-12 that it is written in: the validators
/// that could be had know older drafts only, or ask for a fee. A keyword that is not known here is refused when the schema is read.
/// </summary>
public sealed class PolicySchema
{
    private static readonly HashSet<string> Words =
    [
        "$schema", "title", "$defs", "type", "minProperties", "maxProperties", "additionalProperties", "properties", "const", "minItems", "maxItems", "items", "$ref",
        "uniqueItems", "pattern", "minimum", "maximum", "exclusiveMinimum", "required", "format", "enum", "allOf", "oneOf", "if", "then", "else", "propertyNames", "minLength", "description",
    ];

    private readonly JsonObject _root;

    /// <exception cref="JsonException">It is not a schema that can be checked here.</exception>
    public PolicySchema(string schema)
    {
        _root = JsonNode.Parse(schema) as JsonObject ?? throw new JsonException("A schema is a JSON object.");
        Known(_root, "#");
    }

    /// <summary>Everything that is wrong with <paramref name="document"/>; empty for a policy.</summary>
    public IReadOnlyList<PolicyFault> Faults(JsonNode? document) => [.. Check(document, _root, "$")];

    private static void Known(JsonObject schema, string at)
    {
        if (schema.Select(word => word.Key).FirstOrDefault(word => !Words.Contains(word)) is { } unknown)
        {
            throw new JsonException($"{at}: {unknown} is not checked here.");
        }

        foreach (var (word, value) in schema)
        {
            switch (word, value)
            {
                case ("properties" or "$defs", JsonObject named):
                    foreach (var (name, inner) in named)
                    {
                        Known((JsonObject)inner!, $"{at}/{name}");
                    }

                    break;
                case ("allOf" or "oneOf", JsonArray several):
                    foreach (var inner in several)
                    {
                        Known((JsonObject)inner!, $"{at}/{word}");
                    }

                    break;
                case ("items" or "additionalProperties" or "propertyNames" or "if" or "then" or "else", JsonObject inner):
                    Known(inner, $"{at}/{word}");
                    break;
            }
        }
    }

    private IEnumerable<PolicyFault> Check(JsonNode? value, JsonObject schema, string path) => schema.SelectMany(word => Check(word.Key, word.Value!, value, schema, path));

    private IEnumerable<PolicyFault> Check(string word, JsonNode wanted, JsonNode? value, JsonObject schema, string path)
    {
        PolicyFault[] Unless(bool holds, string message) => holds ? [] : [new PolicyFault(path, message)];
        return (word, value) switch
        {
            ("$ref", _) => Check(value, Definition(wanted.GetValue<string>()), path),
            ("type", _) => Unless(Types(wanted).Any(type => Is(type, value)), $"Has to be {string.Join(" or ", Types(wanted))}."),
            ("const", _) => Unless(JsonNode.DeepEquals(wanted, value), $"Has to be {wanted.ToJsonString()}."),
            ("enum", _) => Unless(((JsonArray)wanted).Any(one => JsonNode.DeepEquals(one, value)), $"Has to be one of {wanted.ToJsonString()}."),
            ("allOf", _) => ((JsonArray)wanted).SelectMany(one => Check(value, (JsonObject)one!, path)),
            ("oneOf", _) => Unless(((JsonArray)wanted).Count(one => !Check(value, (JsonObject)one!, path).Any()) == 1, "Has to be exactly one of the shapes that the schema names."),
            ("if", _) => schema[Check(value, (JsonObject)wanted, path).Any() ? "else" : "then"] is JsonObject branch ? Check(value, branch, path) : [],
            ("minProperties", JsonObject held) => Unless(held.Count >= wanted.GetValue<int>(), $"Needs at least {wanted} of its settings."),
            ("maxProperties", JsonObject held) => Unless(held.Count <= wanted.GetValue<int>(), $"May have at most {wanted} of its settings."),
            ("required", JsonObject held) => ((JsonArray)wanted).Select(name => name!.GetValue<string>()).Where(name => !held.ContainsKey(name)).Select(name => new PolicyFault($"{path}.{name}", "Is missing.")),
            ("properties", JsonObject held) => ((JsonObject)wanted).Where(named => held.ContainsKey(named.Key)).SelectMany(named => Check(held[named.Key], (JsonObject)named.Value!, $"{path}.{named.Key}")),
            ("additionalProperties", JsonObject held) => Further(held, schema).SelectMany(name => wanted is JsonObject inner ? Check(held[name], inner, $"{path}.{name}") : Unknown(wanted, $"{path}.{name}")),
            ("propertyNames", JsonObject held) => held.SelectMany(named => Check(JsonValue.Create(named.Key), (JsonObject)wanted, $"{path}.{named.Key}")),
            ("minItems", JsonArray list) => Unless(list.Count >= wanted.GetValue<int>(), $"Needs at least {wanted}."),
            ("maxItems", JsonArray list) => Unless(list.Count <= wanted.GetValue<int>(), $"May have at most {wanted}."),
            ("items", JsonArray list) => list.SelectMany((item, index) => Check(item, (JsonObject)wanted, $"{path}[{index.ToString(CultureInfo.InvariantCulture)}]")),
            ("uniqueItems", JsonArray list) => Unless(!wanted.GetValue<bool>() || list.Select(item => item?.ToJsonString()).Distinct().Count() == list.Count, "Names something twice."),
            ("minimum", JsonValue number) => Unless(Number(number) is not { } least || least >= Number(wanted), $"Has to be {wanted} or more."),
            ("maximum", JsonValue number) => Unless(Number(number) is not { } highest || highest <= Number(wanted), $"Has to be {wanted} or less."),
            ("exclusiveMinimum", JsonValue number) => Unless(Number(number) is not { } more || more > Number(wanted), $"Has to be more than {wanted}."),
            ("minLength", JsonValue text) => Unless(Text(text) is not { } written || written.Length >= wanted.GetValue<int>(), "May not be empty."),
            ("pattern", JsonValue text) => Unless(Text(text) is not { } code || Regex.IsMatch(code, wanted.GetValue<string>(), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)), "Is not written as it has to be."),
            ("format", JsonValue text) => Unless(Text(text) is not { } day || DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _), "Has to be a day, for example 2027-01-01."),
            _ => [],
        };
    }

    private JsonObject Definition(string reference) => (JsonObject)_root["$defs"]![reference["#/$defs/".Length..]]!;

    private static IEnumerable<string> Further(JsonObject held, JsonObject schema) =>
        held.Select(named => named.Key).Where(name => schema["properties"] is not JsonObject known || !known.ContainsKey(name));

    private static PolicyFault[] Unknown(JsonNode allowed, string path) => allowed.GetValue<bool>() ? [] : [new PolicyFault(path, "Is not known here.")];

    private static IEnumerable<string> Types(JsonNode wanted) => wanted is JsonArray several ? several.Select(type => type!.GetValue<string>()) : [wanted.GetValue<string>()];

    private static bool Is(string type, JsonNode? value) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("null", JsonValueKind.Null) or ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => Number(value!) is { } number && decimal.IsInteger(number),
        _ => false,
    };

    private static decimal? Number(JsonNode value) => value.GetValueKind() is JsonValueKind.Number && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Text(JsonNode value) => value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : null;
}
