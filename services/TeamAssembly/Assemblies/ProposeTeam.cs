using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>A need that somebody is sought for in a dry run.</summary>
/// <param name="Kind">topic or sector.</param>
/// <param name="WeeklyHours">More than 0, 168 at most.</param>
/// <param name="Weeks">1 to 104.</param>
/// <param name="Once">Met in one week of the period, not in each.</param>
public sealed record WantedNeed(string? Kind, string? Code, decimal WeeklyHours, int Weeks, bool Once);

/// <summary>What a team would be composed for.</summary>
/// <param name="County">Code of the requester's county.</param>
/// <param name="Language">Code of the language to be spoken.</param>
/// <param name="Channel">Code of a channel; null or empty for any.</param>
public sealed record Wanted(string? County, string? Language, string? Channel, IReadOnlyList<WantedNeed?>? Needs);

/// <summary>Names by which a problem tells what was wrong with the question.</summary>
public sealed record WantedFields(string Needs, string County);

/// <summary>A dry run: the team that would be composed now, with its explanation. Nobody's hours are asked for.</summary>
public sealed partial class TeamsDesk
{
    private const int MostNeeds = 50;
    private const int LongestPeriodInWeeks = 104;

    /// <returns>The team, and the version of the policy by which it was composed.</returns>
    /// <exception cref="InvalidInputException">Names what no team can be composed for.</exception>
    public async Task<(RecordedComposition Composed, string PolicyVersion)> Propose(Wanted wanted, WantedFields fields, Asking asking)
    {
        if (!SeesAll(asking.Caller) && !Caller.HasScope(asking.Caller.Principal, Scopes.QueuesAct))
        {
            throw new RejectedException(OnlyWhoComposes);
        }

        var needs = (wanted.Needs ?? []).OfType<WantedNeed>().ToList();
        if (needs.Count is 0 or > MostNeeds || needs.Count != wanted.Needs!.Count)
        {
            throw new InvalidInputException(fields.Needs, $"1 to {MostNeeds} needs.");
        }

        if (needs.Any(need => need.Weeks is < 1 or > LongestPeriodInWeeks || need.WeeklyHours is not (> 0 and <= 168) || need.Kind is not ("topic" or "sector") || need.Code is null))
        {
            throw new InvalidInputException(fields.Needs, $"Each is a topic or a sector with 1 to {LongestPeriodInWeeks} weeks and 0 to 168 weekly hours.");
        }

        if (needs.Select(need => (need.Kind, need.Code)).Distinct().Count() != needs.Count)
        {
            throw new InvalidInputException(fields.Needs, "Each need once.");
        }

        var area = wanted.County is { } county && catalogue.AreaOf(county) is { } known ? known.Code : throw new InvalidInputException(fields.County, "Not a county.");
        var policy = policies.Of(area);
        var now = clock.GetUtcNow();
        var language = wanted.Language ?? string.Empty;
        var matter = new MatterFacts(ConsultationKind.ClientWork, wanted.County, language, Urgency.Routine, Guid.Empty, "other", null, null, "statutory", null);
        var sought = Assembly.Initial with
        {
            Area = area,
            Route = Route.HybridTeam,
            Matter = matter,
            Needs = [.. needs.Select(need => new TeamNeed(need.Kind!, need.Code!, need.WeeklyHours, need.Weeks, need.Once, wanted.Channel is { Length: > 0 } channel ? channel : null, language))],
        };
        var experts = await streams.InOneTransaction(new Origin(asking.Caller.Subject), work => pool.Load(work, null, asking.Cancellation), asking.Cancellation);
        return (new RecordedComposition(0, Composing.Compose(sought, experts, policy, policy.NextMonday(now)), now), policy.Version);
    }
}
