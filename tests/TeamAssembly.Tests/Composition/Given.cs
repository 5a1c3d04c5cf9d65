using OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.TeamAssembly.Tests.Composition;

/// <summary>A request from Uusimaa in the southern area, for two weeks from 4 January 2027.</summary>
internal static class Given
{
    public const string County = "lansi-uusimaa";
    public const string Area = "etela";
    public const string LeadArea = "ita";
    public static readonly DateOnly FirstWeek = new(2027, 1, 4);

    public static Guid Id(int number) => new($"00000000-0000-7000-8000-{number:x12}");

    /// <summary>Two hours a week.</summary>
    public static Need Weekly(string key, int hours = 2) => new(key, NeedKind.Topic, key, [hours * 60, hours * 60], false, null, "fi", LeadArea);

    public static Need Once(string key, int hours = 2) => Weekly(key, hours) with { Once = true };

    /// <summary>An expert of the requester's county with a week of 20 hours, all of them free.</summary>
    public static Candidate Expert(int number, params string[] needs) => new(
        Id(number),
        [.. needs.Select(need => new Competence(need, need))],
        County,
        Area,
        External: false,
        [1200, 1200],
        [0, 0],
        1200,
        ["fi"],
        ["remote"],
        WorkedWithUnitBefore: false);

    public static Candidate Free(this Candidate expert, params int[] minutes) => expert with { FreeMinutes = minutes };

    /// <summary>The load before joining.</summary>
    public static Candidate LoadedTo(this Candidate expert, int perMille) =>
        expert with { CommittedMinutes = [.. expert.CommittedMinutes.Select(_ => perMille * expert.WeeklyMinutes / 1000)] };

    public static Candidate At(this Candidate expert, DistanceStep step) => step switch
    {
        DistanceStep.OwnCounty => expert,
        DistanceStep.OwnArea => expert with { County = "paijat-hame" },
        DistanceStep.LeadArea => expert with { County = "pohjois-savo", Area = LeadArea },
        DistanceStep.OtherArea => expert with { County = "lappi", Area = "pohjoinen" },
        _ => expert with { External = true },
    };

    public static CompositionProblem Problem(Need[] needs, params Candidate[] candidates) => new(FirstWeek, County, Area, 6, needs, candidates);

    public static ComposedTeam Composed(Need[] needs, params Candidate[] candidates) => Composer.Compose(Problem(needs, candidates));

    public static int[] Numbers(this ComposedTeam team) => [.. team.Members.Select(member => Number(member.ExpertId))];

    public static int Number(Guid id) => Convert.ToInt32(id.ToString()[^12..], 16);

    public static Loss WhyNot(this ComposedTeam team, int expert) => team.Alternatives.Single(alternative => alternative.ExpertId == Id(expert)).Lost.Single();

    public static string[] NeedsOf(this ComposedTeam team, int expert) =>
        [.. team.Members.Where(member => member.ExpertId == Id(expert)).SelectMany(member => member.Needs).Select(met => met.Need)];
}
