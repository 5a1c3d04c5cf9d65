extern alias teamassembly;

using OtPlatform.Contracts;
using teamassembly::OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.Bench.Composition;

/// <summary>
/// Fictional matters and experts, the same for the same seed. As in the demo's pool an expert is of one sector, knows one to four topics
/// that belong together, and has two to eight hours a week (one in ten more), of which teams have taken some already. Few topics and
/// counties have most of the experts. Somebody who could meet none of the needs is no candidate. They come by their ids, as from the pool.
/// </summary>
internal sealed class CompositionCases(Catalogue catalogue, int seed)
{
    private const int Weeks = 12;
    private const int TeamMinutes = 120;
    private const int MaxMembers = 6;
    private static readonly DateOnly FirstWeek = new(2027, 1, 4);
    private static readonly int[] WeeklyMinutes = [120, 150, 180, 240, 240, 300, 360, 450, 480, 480];
    private static readonly int[] OwnStaffMinutes = [900, 1200, 2250];
    private static readonly string[][] Languages = [["fi"], ["fi"], ["fi"], ["fi"], ["fi"], ["fi"], ["fi", "en"], ["fi", "en"], ["fi", "sv"], ["sv", "fi"], ["fi", "sv", "en"], ["sv"], ["fi", "se"]];
    private static readonly Exclusion[] Exclusions = Enum.GetValues<Exclusion>();

    private readonly string[][] _families = [.. catalogue.Topics
        .GroupBy(topic => topic.Code.Split('.')[0], StringComparer.Ordinal)
        .Select(family => family.Select(topic => topic.Code).ToArray())
        .OrderByDescending(family => family.Length)];

    /// <summary>A matter with so many needs, and so many experts who could each meet at least one of them.</summary>
    public CompositionProblem Case(int number, int needs, int candidates)
    {
        var random = new Random(HashOf(seed, number, needs, candidates));
        var asked = Needs(random, needs);
        var keyOf = asked.ToDictionary(need => need.Code, need => need.Key, StringComparer.Ordinal);
        var found = new List<Candidate>(candidates);
        while (found.Count < candidates)
        {
            if (Expert(random, found.Count, keyOf) is { } expert)
            {
                found.Add(expert);
            }
        }

        var county = Skewed(random, catalogue.Counties).Code;
        return new CompositionProblem(FirstWeek, county, catalogue.AreaOf(county)!.Code, MaxMembers, asked, found);
    }

    /// <summary>Three in four are topics, of few families; the others are sectors that none of these covers.</summary>
    private List<Need> Needs(Random random, int count)
    {
        var sectors = Math.Min(count / 4, catalogue.Codes.Sectors.Count - 1);
        var topics = new List<string>();
        while (topics.Count < count - sectors)
        {
            var family = Skewed(random, _families);
            topics.AddRange(Shuffled(random, family).Where(topic => !topics.Contains(topic)).Take(Math.Min(random.Next(1, 5), count - sectors - topics.Count)));
        }

        var language = random.Next(12) switch { 0 => "se", 1 => "sv", _ => "fi" };
        var channel = random.Next(3) == 0 ? Skewed(random, catalogue.Codes.Channels) : null;
        return
        [
            .. topics.Select(code => random.Next(6) == 0
                ? new Need($"topic:{code}", NeedKind.Topic, code, [TeamMinutes, TeamMinutes], Once: true, channel, language, LeadArea(random))
                : new Need($"topic:{code}", NeedKind.Topic, code, [.. Enumerable.Repeat(TeamMinutes, Weeks)], Once: false, channel, language, LeadArea(random))),
            .. catalogue.Codes.Sectors.Take(sectors).Select(code =>
                new Need($"sector:{code}", NeedKind.Sector, code, [.. Enumerable.Repeat(TeamMinutes, Weeks)], Once: false, channel, language, null)),
        ];
    }

    private string? LeadArea(Random random) => random.Next(3) == 0 ? catalogue.Areas[random.Next(catalogue.Areas.Count)].Code : null;

    private Candidate? Expert(Random random, int number, Dictionary<string, string> keyOf)
    {
        var known = Shuffled(random, Skewed(random, _families)).Take(1 + (int)(4 * Math.Pow(random.NextDouble(), 2))).ToList();
        known.AddRange(random.Next(4) == 0 ? [Skewed(random, Skewed(random, _families))] : []);
        var codes = known.Append(Skewed(random, catalogue.Codes.Sectors)).Distinct().Where(keyOf.ContainsKey).ToList();
        if (codes.Count == 0)
        {
            return null;
        }

        var county = Skewed(random, catalogue.Counties).Code;
        var weekly = random.Next(10) == 0 ? OwnStaffMinutes[random.Next(OwnStaffMinutes.Length)] : WeeklyMinutes[random.Next(WeeklyMinutes.Length)];
        var committed = Committed(random, weekly);
        return new Candidate(
            new Guid(number, 0, 0x7000, BitConverter.GetBytes(random.NextInt64())),
            [.. codes.Select(code => new Competence(keyOf[code], code))],
            county,
            catalogue.AreaOf(county)!.Code,
            External: random.Next(50) == 0,
            [.. committed.Select(given => weekly - given)],
            committed,
            weekly,
            Languages[random.Next(Languages.Length)],
            [.. Shuffled(random, catalogue.Codes.Channels).Take(random.Next(2, 5))],
            WorkedWithUnitBefore: random.Next(100) == 0,
            AgreementUntil: random.Next(4) == 0 ? FirstWeek.AddDays(random.Next(7, 52 * 7)) : null,
            Exclusion: random.Next(20) == 0 ? Exclusions[random.Next(Exclusions.Length)] : null);
    }

    /// <summary>What earlier teams have of the weeks: most experts are in none or one, some in as many as their hours allow.</summary>
    private static List<int> Committed(Random random, int weekly)
    {
        var committed = new int[Weeks];
        for (var teams = (int)(5 * Math.Pow(random.NextDouble(), 3)); teams > 0; teams--)
        {
            var (until, minutes) = (random.Next(1, Weeks + 1), random.Next(1, 5) * 30);
            for (var week = 0; week < until && committed[week] + minutes <= weekly; week++)
            {
                committed[week] += minutes;
            }
        }

        return [.. committed];
    }

    private static T Skewed<T>(Random random, IReadOnlyList<T> of) => of[(int)(of.Count * Math.Pow(random.NextDouble(), 2))];

    private static T[] Shuffled<T>(Random random, IReadOnlyList<T> of)
    {
        var all = of.ToArray();
        random.Shuffle(all);
        return all;
    }

    // HashCode differs from process to process.
    private static int HashOf(params ReadOnlySpan<int> numbers)
    {
        var hash = 17;
        foreach (var number in numbers)
        {
            hash = unchecked((hash * 1_000_003) ^ number);
        }

        return hash;
    }
}
