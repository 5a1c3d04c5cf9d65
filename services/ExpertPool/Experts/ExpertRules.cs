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
public sealed class ExpertRules(Catalogue catalogue, DateOnly today) : BodyRules(catalogue, today)
{
    public const decimal MostWeeklyHours = 40;
    private const int LongestLine = 200;

    /// <summary>The facts of a body.</summary>
    /// <param name="kept">Topics that the expert is competent in already: they may be retired since.</param>
    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    public static ExpertFacts Facts(ExpertBody body, Catalogue catalogue, Units units, DateOnly today, IReadOnlyList<string>? kept = null)
    {
        var rules = new ExpertRules(catalogue, today);
        var facts = rules.Check(body, units, kept ?? []);
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

    private ExpertFacts Check(ExpertBody body, Units units, IReadOnlyList<string> kept)
    {
        var codes = Catalogue.Codes;
        OneOf("$.sector", body.Sector, codes.Sectors);
        Code("$.profession", body.Profession);
        Code("$.organisation", body.Organisation);
        OneOf("$.engagement", body.Engagement, codes.EngagementTypes);
        if (body.County is not null)
        {
            OneOf("$.county", body.County, [.. Catalogue.Counties.Select(county => county.Code)]);
        }

        var unit = Unit(body.Unit);
        return new ExpertFacts(
            body.Sector ?? string.Empty,
            body.Profession ?? string.Empty,
            body.Organisation ?? string.Empty,
            body.Engagement ?? string.Empty,
            body.County,
            body.County is { } known ? Catalogue.AreaOf(known)?.Code : null,
            unit is null ? null : units.IdOf(unit),
            Codes("$.topics", body.Topics, [.. ValidTopics(), .. kept]),
            Languages(body.Languages),
            Codes("$.channels", body.Channels, codes.Channels),
            Hours(body.WeeklyHours),
            Agreement(body.AgreementFrom, body.AgreementUntil, "$.agreementFrom", "$.agreementUntil", required: false),
            body.EmployerConsents == true);
    }

    private decimal Hours(decimal? hours)
    {
        if (hours is not (>= 0 and <= MostWeeklyHours))
        {
            Errors["$.weeklyHours"] = $"Required: hours a week, 0 to {MostWeeklyHours}.";
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
            Errors["$.unit"] = $"The organisation's client id, a slash and the unit's name, {LongestLine} characters at most.";
            return null;
        }

        return unit;
    }

    private Agreement? Agreement(string? from, string? until, string fromPath, string untilPath, bool required)
    {
        var (first, last) = (Date(fromPath, from), Date(untilPath, until));
        if (first is null && (required || last is not null) && !Errors.ContainsKey(fromPath))
        {
            Errors[fromPath] = "Required: the first day of the agreement.";
        }

        if (last < first)
        {
            Errors[untilPath] = "Is before the first day of the agreement.";
        }

        return first is { } begins ? new Agreement(begins, last) : null;
    }
}
