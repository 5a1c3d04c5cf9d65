using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>Who is wanted. What is null is not asked for.</summary>
/// <param name="County">The nearest come first; distance keeps nobody out.</param>
/// <param name="Weeks">In each of how many weeks from this one on the hours are wanted; at least one.</param>
public sealed record WantedExpert(string? Topic, string? Sector, string? County, string? Area, string? Language, string? Channel, decimal? WeeklyHours, int Weeks);

/// <summary>One rule of the search on one expert, with what was found.</summary>
public sealed record SearchReason(string Rule, bool Holds, string Found);

/// <summary>An expert with every rule that was asked for, and whether it holds.</summary>
public sealed record FoundExpert(ExpertDirectoryEntry Expert, IReadOnlyList<SearchReason> Reasons)
{
    public bool Fits => Reasons.All(reason => reason.Holds);
}

/// <summary>Searches the pool and explains each find: what fits, and what is missing in those who nearly do.</summary>
public static class SearchExperts
{
    public const int MostWeeks = 52;

    /// <summary>Longest list of those who fit, and of those who do not.</summary>
    public const int LongestList = 50;

    // More than anybody reads, and few enough to weigh one by one.
    private const int MostWeighed = 2000;

    /// <summary>Those who fit, the nearest and freest first; and those who do not, who lack least first.</summary>
    public static async Task<(IReadOnlyList<FoundExpert> Fits, IReadOnlyList<FoundExpert> DoesNotFit)> Search(
        WantedExpert wanted, StreamStore streams, DateOnly today, CancellationToken cancellation)
    {
        var (order, parameters) = MostLikelyFirst(wanted);
        var found = await streams.Query<ExpertDirectoryEntry>($"order by {order}id limit {MostWeighed}", cancellation, parameters);
        return Sort(found, wanted, today);
    }

    public static (IReadOnlyList<FoundExpert> Fits, IReadOnlyList<FoundExpert> DoesNotFit) Sort(IEnumerable<ExpertDirectoryEntry> experts, WantedExpert wanted, DateOnly today)
    {
        var weighed = experts.Select(expert => new FoundExpert(expert, Weigh(expert, wanted, today)))
            .OrderBy(found => found.Reasons.Count(reason => !reason.Holds))
            .ThenBy(found => Distance(found.Expert, wanted))
            .ThenByDescending(found => LeastFree(found.Expert, wanted, today))
            .ThenBy(found => found.Expert.Id)
            .ToList();
        return ([.. weighed.Where(found => found.Fits).Take(LongestList)], [.. weighed.Where(found => !found.Fits).Take(LongestList)]);
    }

    /// <summary>Every rule that was asked for, in order; agreement and suspension are always looked at.</summary>
    public static IReadOnlyList<SearchReason> Weigh(ExpertDirectoryEntry expert, WantedExpert wanted, DateOnly today)
    {
        var facts = expert.Facts;
        var lastDay = today.AddDays((7 * wanted.Weeks) - 1);
        var reasons = new List<SearchReason>();
        if (wanted.Topic is { } topic)
        {
            reasons.Add(new SearchReason("topic", facts.Topics.Contains(topic), List(facts.Topics)));
        }

        if (wanted.Sector is { } sector)
        {
            reasons.Add(new SearchReason("sector", facts.Sector == sector, facts.Sector));
        }

        if (wanted.Language is { } language)
        {
            reasons.Add(new SearchReason("language", facts.Languages.Contains(language), List(facts.Languages)));
        }

        if (wanted.Channel is { } channel)
        {
            reasons.Add(new SearchReason("channel", facts.Channels.Contains(channel), List(facts.Channels)));
        }

        if (wanted.WeeklyHours is { } hours)
        {
            var least = LeastFree(expert, wanted, today);
            reasons.Add(new SearchReason("hours", least >= hours, least.ToString("0.##", CultureInfo.InvariantCulture)));
        }

        reasons.Add(new SearchReason(
            "agreement",
            facts.Agreement is { } agreement && agreement.From <= today && (agreement.Until is not { } until || until >= lastDay),
            facts.Agreement is { } found ? $"{Date(found.From)}/{(found.Until is { } end ? Date(end) : "..")}" : "none"));
        reasons.Add(new SearchReason("suspended", !expert.Suspended, expert.Suspended ? "suspended" : "notSuspended"));
        return reasons;
    }

    private static decimal LeastFree(ExpertDirectoryEntry expert, WantedExpert wanted, DateOnly today) => expert.FreeHours(today, wanted.Weeks).Min(week => week.Hours);

    // Own county, own area, elsewhere, outside the counties.
    private static int Distance(ExpertDirectoryEntry expert, WantedExpert wanted) => expert switch
    {
        { County: { } county } when county == wanted.County => 0,
        { Area: { } area } when area == wanted.Area => 1,
        { Area: not null } => 2,
        _ => 3,
    };

    private static (string Order, object[] Parameters) MostLikelyFirst(WantedExpert wanted)
    {
        (string Condition, string? Value)[] terms =
        [
            ("jsonb_exists(data -> 'facts' -> 'topics', ?)", wanted.Topic),
            ("sector = ?", wanted.Sector),
            ("jsonb_exists(data -> 'facts' -> 'languages', ?)", wanted.Language),
            ("jsonb_exists(data -> 'facts' -> 'channels', ?)", wanted.Channel),
            ("county is not distinct from ?", wanted.County),
            ("area is not distinct from ?", wanted.Area),
        ];
        var asked = terms.Where(term => term.Value is not null).ToList();
        return (string.Concat(asked.Select(term => $"{term.Condition} desc, ")), [.. asked.Select(term => (object)term.Value!)]);
    }

    private static string List(IEnumerable<string> codes) => string.Join(", ", codes);

    private static string Date(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The search as somebody asks for it; an empty word is not asked for.</summary>
    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    public static WantedExpert Wanted(string topic, string sector, string county, string area, string language, string channel, decimal weeklyHours, int weeks, Catalogue catalogue)
    {
        var errors = new Dictionary<string, Message>();
        string? Known(string path, string value, IEnumerable<string> codes)
        {
            if (value.Length > 0 && !codes.Contains(value))
            {
                errors[path] = "Not a known code of this list.";
            }

            return value.Length == 0 ? null : value;
        }

        var codes = catalogue.Codes;
        var home = Known("$.county", county, catalogue.Counties.Select(known => known.Code));
        var wanted = new WantedExpert(
            Known("$.topic", topic, catalogue.Topics.Select(known => known.Code)),
            Known("$.sector", sector, codes.Sectors),
            home,
            Known("$.area", area, catalogue.Areas.Select(known => known.Code)) ?? (home is null ? null : catalogue.AreaOf(home)?.Code),
            Known("$.language", language, codes.Languages),
            Known("$.channel", channel, codes.Channels),
            weeklyHours == 0 ? null : weeklyHours,
            weeks == 0 ? 1 : weeks);
        if (weeklyHours is < 0 or > ExpertRules.MostWeeklyHours)
        {
            errors["$.weeklyHours"] = $"Hours a week, 0 to {ExpertRules.MostWeeklyHours}.";
        }

        if (weeks is < 0 or > MostWeeks)
        {
            errors["$.weeks"] = $"Weeks, 0 to {MostWeeks}.";
        }

        return errors.Count == 0 ? wanted : throw new InvalidInputException(errors);
    }
}

public sealed partial class ExpertsService
{
    [Authorize(Scopes.ExpertsRead)]
    public override async Task<Wire.SearchResponse> Search(Wire.SearchRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        RefuseExperts(context);
        var wanted = SearchExperts.Wanted(
            request.Topic, request.Sector, request.County, request.Area, request.Language, request.Channel, ExpertMessages.Hours(request.WeeklyHours), request.Weeks, catalogue);
        var (fits, doesNotFit) = await SearchExperts.Search(wanted, streams, Today, context.CancellationToken);
        return new Wire.SearchResponse
        {
            Fits = { fits.Select(found => ExpertMessages.Of(found, Today)) },
            DoesNotFit = { doesNotFit.Select(found => ExpertMessages.Of(found, Today)) },
        };
    }
}
