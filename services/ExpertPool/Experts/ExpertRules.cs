using System.Globalization;
using System.Text.RegularExpressions;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>An expert as an organisation describes one, over REST or gRPC. Everything may be missing here; <see cref="ExpertRules"/> says what may not.</summary>
public sealed record ExpertBody
{
    /// <summary>Chosen by the organisation, so that it can register again; a new one is made when it is missing.</summary>
    public string? ExpertId { get; init; }

    public string? Sector { get; init; }

    public string? Profession { get; init; }

    public string? Organisation { get; init; }

    public string? Engagement { get; init; }

    /// <summary>Missing for an external expert.</summary>
    public string? County { get; init; }

    /// <summary><c>organisation client id/unit name</c> as the unit gives it in its own requests; kept only as a keyed hash.</summary>
    public string? Unit { get; init; }

    public IReadOnlyList<string?>? Topics { get; init; }

    public IReadOnlyList<string?>? Languages { get; init; }

    public IReadOnlyList<string?>? Channels { get; init; }

    public decimal? WeeklyHours { get; init; }

    /// <summary>ISO 8601 date; missing when there is no agreement.</summary>
    public string? AgreementFrom { get; init; }

    /// <summary>ISO 8601 date; missing when the agreement is open-ended.</summary>
    public string? AgreementUntil { get; init; }

    public bool? EmployerConsents { get; init; }
}

/// <summary>Hours a week, languages and channels as the expert or the organisation gives them.</summary>
public sealed record AvailabilityBody(decimal? WeeklyHours, IReadOnlyList<string?>? Languages, IReadOnlyList<string?>? Channels);

/// <summary>Collects what is wrong with what an organisation says of an expert, by JSON path; never repeats a value.</summary>
public sealed partial class ExpertRules(Catalogue catalogue, DateOnly today)
{
    public const decimal MostWeeklyHours = 40;
    private const int LongestList = 50;
    private const int LongestLine = 200;
    private const string DateFormat = "yyyy-MM-dd";

    private readonly Dictionary<string, Message> _errors = [];

    /// <summary>The facts of a body.</summary>
    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    public static ExpertFacts Facts(ExpertBody body, Catalogue catalogue, Units units, DateOnly today)
    {
        var rules = new ExpertRules(catalogue, today);
        var facts = rules.Check(body, units);
        rules.ThrowIfWrong();
        return facts;
    }

    /// <summary>The same body with its lists sorted and without repeats.</summary>
    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    public static (decimal WeeklyHours, IReadOnlyList<string> Languages, IReadOnlyList<string> Channels) Availability(AvailabilityBody body, Catalogue catalogue, DateOnly today)
    {
        var rules = new ExpertRules(catalogue, today);
        var checkedBody = (rules.Hours(body.WeeklyHours), rules.Languages(body.Languages), rules.Codes("$.channels", body.Channels, catalogue.Codes.Channels));
        rules.ThrowIfWrong();
        return checkedBody;
    }

    /// <summary>An agreement from ISO 8601 dates; null when neither is given.</summary>
    /// <param name="required">Whether there has to be one.</param>
    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    public static Agreement? AgreementOf(string? from, string? until, string fromPath, string untilPath, bool required)
    {
        var rules = new ExpertRules(null!, default);
        var agreement = rules.Agreement(from, until, fromPath, untilPath, required);
        rules.ThrowIfWrong();
        return agreement;
    }

    /// <summary>A reason code of a suspension.</summary>
    /// <exception cref="InvalidInputException">It is missing or no code.</exception>
    public static string ReasonCode(string? code) =>
        code is not null && Slug().IsMatch(code) ? code : throw new InvalidInputException("$.reasonCode", SlugForm);

    private const string SlugForm = "Required: a code of lower-case letters, digits and hyphens that begins with a letter, 64 at most.";

    private ExpertFacts Check(ExpertBody body, Units units)
    {
        var codes = catalogue.Codes;
        OneOf("$.sector", body.Sector, codes.Sectors);
        Code("$.profession", body.Profession);
        Code("$.organisation", body.Organisation);
        OneOf("$.engagement", body.Engagement, codes.EngagementTypes);
        if (body.County is not null)
        {
            OneOf("$.county", body.County, [.. catalogue.Counties.Select(county => county.Code)]);
        }

        var unit = Unit(body.Unit);
        return new ExpertFacts(
            body.Sector ?? string.Empty,
            body.Profession ?? string.Empty,
            body.Organisation ?? string.Empty,
            body.Engagement ?? string.Empty,
            body.County,
            body.County is { } known ? catalogue.AreaOf(known)?.Code : null,
            unit is null ? null : units.IdOf(unit),
            Codes("$.topics", body.Topics, ValidTopics()),
            Languages(body.Languages),
            Codes("$.channels", body.Channels, codes.Channels),
            Hours(body.WeeklyHours),
            Agreement(body.AgreementFrom, body.AgreementUntil, "$.agreementFrom", "$.agreementUntil", required: false),
            body.EmployerConsents == true);
    }

    private IReadOnlyList<string> Languages(IReadOnlyList<string?>? given)
    {
        if (given is null or [])
        {
            _errors["$.languages"] = "Required: at least one.";
            return [];
        }

        return Codes("$.languages", given, catalogue.Codes.Languages);
    }

    private decimal Hours(decimal? hours)
    {
        if (hours is not (>= 0 and <= MostWeeklyHours))
        {
            _errors["$.weeklyHours"] = $"Required: hours a week, 0 to {MostWeeklyHours}.";
            return 0;
        }

        return decimal.Round(hours.Value, 2);
    }

    private string? Unit(string? unit)
    {
        if (string.IsNullOrWhiteSpace(unit))
        {
            return null;
        }

        if (unit.Length > LongestLine || unit.Split('/', 2) is not [var organisation, var name] || string.IsNullOrWhiteSpace(organisation) || string.IsNullOrWhiteSpace(name))
        {
            _errors["$.unit"] = $"The organisation's client id, a slash and the unit's name, {LongestLine} characters at most.";
            return null;
        }

        return unit;
    }

    private Agreement? Agreement(string? from, string? until, string fromPath, string untilPath, bool required)
    {
        var (first, last) = (Date(fromPath, from), Date(untilPath, until));
        if (first is null && (required || last is not null) && !_errors.ContainsKey(fromPath))
        {
            _errors[fromPath] = "Required: the first day of the agreement.";
        }

        if (last < first)
        {
            _errors[untilPath] = "Is before the first day of the agreement.";
        }

        return first is { } begins ? new Agreement(begins, last) : null;
    }

    private DateOnly? Date(string path, string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        if (DateOnly.TryParseExact(value, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return date;
        }

        _errors[path] = "A date as 2026-12-31.";
        return null;
    }

    /// <summary>The codes, sorted and each once, so that the same facts are the same.</summary>
    private IReadOnlyList<string> Codes(string path, IReadOnlyList<string?>? given, IReadOnlyList<string> known)
    {
        if (given is { Count: > LongestList })
        {
            _errors[path] = $"At most {LongestList} entries.";
            return [];
        }

        for (var at = 0; at < given?.Count; at++)
        {
            OneOf($"{path}[{at}]", given[at], known);
        }

        return [.. (given ?? []).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
    }

    private void OneOf(string path, string? value, IReadOnlyList<string> known)
    {
        if (string.IsNullOrEmpty(value))
        {
            _errors[path] = "Required.";
        }
        else if (!known.Contains(value))
        {
            _errors[path] = "Not a known code of this list.";
        }
    }

    private void Code(string path, string? value)
    {
        if (value is null || !Slug().IsMatch(value))
        {
            _errors[path] = SlugForm;
        }
    }

    private List<string> ValidTopics() =>
        [.. catalogue.Topics.Where(topic => topic.ValidFrom <= today && (topic.ValidUntil is null || topic.ValidUntil >= today)).Select(topic => topic.Code)];

    private void ThrowIfWrong()
    {
        if (_errors.Count > 0)
        {
            throw new InvalidInputException(_errors);
        }
    }

    [GeneratedRegex(@"^[a-z][a-z0-9\-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Slug();
}
