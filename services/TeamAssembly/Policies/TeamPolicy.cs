using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.TeamAssembly.Policies;

/// <summary>How teams are composed and how long each step may take (policies/*.json, team).</summary>
/// <param name="MaxMembers">Greatest number of experts; the own worker and the network coordinator do not count.</param>
/// <param name="Rounds">Compositions before a coordinator composes by hand.</param>
/// <param name="LeadAreas">The area that leads a topic in the country, by topic (C-32); empty until the areas agree.</param>
/// <param name="EmployerConsentFor">Engagements that need the employer's consent (C-76).</param>
/// <param name="Invitation">Time to answer an invitation.</param>
/// <param name="LapseGrace">How much longer than the time to answer the hours are held.</param>
/// <param name="Answer">Time for a single consultation's answer.</param>
/// <param name="GapReview">When a service gap is looked at again.</param>
/// <param name="ByHand">Time for a coordinator to compose by hand.</param>
public sealed record TeamSettings(
    int MaxMembers,
    int Rounds,
    IReadOnlyDictionary<string, string> LeadAreas,
    IReadOnlyList<string> EmployerConsentFor,
    IReadOnlyDictionary<Urgency, Allowance> Invitation,
    Allowance LapseGrace,
    Allowance Answer,
    Allowance GapReview,
    Allowance ByHand,
    IReadOnlyList<string> DeclineReasons,
    IReadOnlyList<string> Outcomes);

/// <summary>The sections of the policy that team assembly reads.</summary>
public sealed record TeamRules(TeamSettings Team, WorkingHours WorkingHours);

/// <summary>One version of a policy, with its calendar.</summary>
/// <param name="version">For example <c>default.1+sisa.2</c>.</param>
public sealed class TeamPolicy(TeamRules rules, string version)
{
    private readonly WorkingCalendar _calendar = new(rules.WorkingHours);
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(rules.WorkingHours.TimeZone);

    public TeamSettings Team { get; } = rules.Team;

    /// <summary>For example <c>default.1+sisa.2</c>.</summary>
    public string Version { get; } = version;

    public DateTimeOffset Due(DateTimeOffset from, Allowance allowance) => _calendar.Due(from, allowance);

    /// <summary>The calendar day in the area.</summary>
    public DateOnly Today(DateTimeOffset now) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, _zone).Date);

    /// <summary>Monday of the first week that has not begun.</summary>
    public DateOnly WeekAfter(DateTimeOffset now) => NextMonday(now) is var monday && monday == Today(now) ? monday.AddDays(7) : NextMonday(now);

    /// <summary>Monday of the first whole week that is still ahead, today's when today is Monday.</summary>
    public DateOnly NextMonday(DateTimeOffset now)
    {
        var today = Today(now);
        return today.AddDays(((int)DayOfWeek.Monday - (int)today.DayOfWeek + 7) % 7);
    }
}

/// <summary>The policies in force.</summary>
public sealed class TeamPolicies(PolicyBook book, TimeProvider clock)
{
    public TeamPolicy Of(string area) => book.Made(book.VersionAt(area, clock.GetUtcNow()), version => Read(book, version));

    /// <summary>Reads the policy of that name.</summary>
    public static TeamPolicy Read(PolicyBook book, string version)
    {
        ArgumentNullException.ThrowIfNull(book);
        return new TeamPolicy(book.Policy<TeamRules>(version), version);
    }
}
