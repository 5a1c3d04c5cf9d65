using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OtPlatform.Contracts;

namespace OtPlatform.Coordination.Console;

/// <summary>All words of the console, a file for each language (Console/Texts).</summary>
public sealed class ConsoleTexts(Catalogue catalogue)
{
    /// <summary>Finnish first: it is what a visitor gets who has not chosen.</summary>
    public static readonly IReadOnlyList<string> Languages = ["fi", "sv", "en"];

    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _words = Languages.ToDictionary(language => language, Read);

    public Words In(string? language) => Languages.Contains(language) ? new Words(language!, _words[language!], catalogue) : In(Languages[0]);

    internal static IReadOnlyDictionary<string, string> Read(string language)
    {
        using var stream = typeof(ConsoleTexts).Assembly.GetManifestResourceStream($"texts.{language}")!;
        return JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!;
    }
}

/// <summary>The console's words in one language.</summary>
public sealed partial class Words(string language, IReadOnlyDictionary<string, string> words, Catalogue catalogue)
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Helsinki");

    public string Language => language;

    public string this[string key] => words.TryGetValue(key, out var text) ? text : throw new KeyNotFoundException($"No text {key} in {language}.");

    public bool Has(string key) => words.ContainsKey(key);

    public string Format(string key, params object?[] values) => string.Format(CultureInfo.InvariantCulture, this[key], values);

    /// <summary>The word for a code; a code that no list knows yet stands for itself.</summary>
    public string Code(string list, string? code) => code switch
    {
        null or "" => this["none"],
        _ when list == "area" => catalogue.Areas.FirstOrDefault(area => area.Code == code) is { } area ? In(area.Fi, area.Sv, area.En) : code,
        _ when list == "county" => catalogue.Counties.FirstOrDefault(county => county.Code == code) is { } county ? In(county.Fi, county.Sv, county.Fi) : code,
        _ when list == "topic" => catalogue.Topics.FirstOrDefault(topic => topic.Code == code) is { } topic ? In(topic.Fi, topic.Sv, topic.En) : code,
        _ => words.GetValueOrDefault($"{list}.{code}", code),
    };

    public string Code<T>(string list, T? code)
        where T : struct, Enum => Code(list, code is { } value ? Journal.Codes.Of(value) : null);

    /// <summary>The words for <c>list:code</c>, or for <c>list:code,code</c>.</summary>
    public string Listed(string? detail) => detail?.Split(':', 2) is [var list, var codes] ? string.Join(", ", codes.Split(',').Select(code => Code(list, code))) : string.Empty;

    public string All(string list, IEnumerable<string> codes) => string.Join(", ", codes.Select(code => Code(list, code))) is { Length: > 0 } text ? text : this["none"];

    /// <summary>What a policy row wanted or found, its codes in words.</summary>
    public string Finding(string fact, string text) => CodeInText().Replace(text, match => fact switch
    {
        _ when match.Value is "true" => this["yes"],
        _ when match.Value is "false" => this["no"],
        _ when match.Value is "of" => this["finding.of"],
        "topicsRareByDefault" => Code("topic", match.Value),
        _ => Code(fact, match.Value),
    });

    /// <summary>A moment by the clocks in Finland.</summary>
    public static DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone);

    public string Time(DateTimeOffset at) => Local(at).ToString(this["format.time"], CultureInfo.InvariantCulture);

    public string Date(string? isoDate) => DateOnly.TryParseExact(isoDate, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
        ? date.ToString(this["format.date"], CultureInfo.InvariantCulture)
        : this["none"];

    /// <summary>A length of time in its largest unit.</summary>
    public string Span(TimeSpan span) => span.Duration() switch
    {
        { TotalDays: >= 1 } long_ => Format("span.days", (int)long_.TotalDays),
        { TotalHours: >= 1 } some => Format("span.hours", (int)some.TotalHours),
        var little => Format("span.minutes", (int)little.TotalMinutes),
    };

    [GeneratedRegex("[A-Za-z][A-Za-z.-]*")]
    private static partial Regex CodeInText();

    private string In(string fi, string sv, string en) => language switch { "sv" => sv, "en" => en, _ => fi };
}
