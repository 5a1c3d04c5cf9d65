using System.Globalization;
using System.Text.RegularExpressions;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;

namespace OtPlatform.ExpertPool;

/// <summary>A name of an organisation, a unit or a team. A language that it has no name in may be missing; Finnish may not.</summary>
public sealed record NameBody(string? Fi, string? Sv, string? En);

/// <summary>What the rules of the pool's bodies have in common: they collect what is wrong by JSON path, and never repeat a value.</summary>
public abstract partial class BodyRules(Catalogue catalogue, DateOnly today)
{
    private const int LongestList = 50;
    private const int LongestName = 200;
    private const string DateFormat = "yyyy-MM-dd";
    private const string SlugForm = "Required: a code of lower-case letters, digits and hyphens that begins with a letter, 64 at most.";

    protected Catalogue Catalogue { get; } = catalogue;

    protected DateOnly Today { get; } = today;

    protected Dictionary<string, Message> Errors { get; } = [];

    /// <summary>Why somebody is suspended, or something is over.</summary>
    /// <exception cref="InvalidInputException">It is missing or no code.</exception>
    public static string ReasonCode(string? code) =>
        code is not null && Slug().IsMatch(code) ? code : throw new InvalidInputException("$.reasonCode", SlugForm);

    protected Label Name(NameBody? body)
    {
        var finnish = Line("$.name.fi", body?.Fi);
        if (finnish.Length == 0)
        {
            Errors["$.name.fi"] = "Required.";
        }

        return new Label(finnish, Line("$.name.sv", body?.Sv) is { Length: > 0 } sv ? sv : finnish, Line("$.name.en", body?.En) is { Length: > 0 } en ? en : finnish);
    }

    // A long number in a name is an identity code or somebody's phone.
    private string Line(string path, string? value)
    {
        var line = value?.Trim() ?? string.Empty;
        if (line.Length > 0 && (line.Length > LongestName || line.Any(char.IsControl) || !line.Any(char.IsLetter) || LongNumber().IsMatch(line)))
        {
            Errors[path] = $"The name of an organisation, a unit or a team: one line, {LongestName} characters at most, no long number.";
        }

        return line;
    }

    protected DateOnly? Date(string path, string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        if (DateOnly.TryParseExact(value, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return date;
        }

        Errors[path] = "A date as 2026-12-31.";
        return null;
    }

    protected IReadOnlyList<string> Languages(IReadOnlyList<string?>? given) => SomeOf("$.languages", given, Catalogue.Codes.Languages);

    /// <summary>At least one.</summary>
    protected IReadOnlyList<string> SomeOf(string path, IReadOnlyList<string?>? given, IReadOnlyList<string> known)
    {
        if (given is null or [])
        {
            Errors[path] = "Required: at least one.";
            return [];
        }

        return Codes(path, given, known);
    }

    /// <summary>The codes, sorted and each once, so that the same facts are the same.</summary>
    protected IReadOnlyList<string> Codes(string path, IReadOnlyList<string?>? given, IReadOnlyList<string> known)
    {
        if (given is { Count: > LongestList })
        {
            Errors[path] = $"At most {LongestList} entries.";
            return [];
        }

        for (var at = 0; at < given?.Count; at++)
        {
            OneOf($"{path}[{at}]", given[at], known);
        }

        return [.. (given ?? []).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
    }

    protected void OneOf(string path, string? value, IReadOnlyList<string> known)
    {
        if (string.IsNullOrEmpty(value))
        {
            Errors[path] = "Required.";
        }
        else if (!known.Contains(value))
        {
            Errors[path] = "Not a known code of this list.";
        }
    }

    protected void Code(string path, string? value)
    {
        if (value is null || !Slug().IsMatch(value))
        {
            Errors[path] = SlugForm;
        }
    }

    protected List<string> ValidTopics() =>
        [.. Catalogue.Topics.Where(topic => topic.ValidFrom <= Today && (topic.ValidUntil is null || topic.ValidUntil >= Today)).Select(topic => topic.Code)];

    protected void ThrowIfWrong()
    {
        if (Errors.Count > 0)
        {
            throw new InvalidInputException(Errors);
        }
    }

    [GeneratedRegex(@"[0-9]{6}", RegexOptions.CultureInvariant)]
    private static partial Regex LongNumber();

    [GeneratedRegex(@"^[a-z][a-z0-9\-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Slug();
}
