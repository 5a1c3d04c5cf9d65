extern alias teamassembly;

using teamassembly::OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.Bench.Composition;

/// <summary>One level of the objective, less is better.</summary>
/// <param name="OfColumn">What a member with a set adds.</param>
/// <param name="OfCost">What our team has at it.</param>
/// <param name="PerUnmetNeed">What a need that nobody meets adds.</param>
internal sealed record Level(string Name, Func<Column, long> OfColumn, Func<CompositionCost, long> OfCost, int PerUnmetNeed = 0)
{
    /// <summary>As ARCHITECTURE and ADR 0009 order them. The sorted ids, which decide last, are compared by brute force in the tests.</summary>
    public static IReadOnlyList<Level> All { get; } =
    [
        new("unmet needs", _ => 0, cost => cost.Unmet, PerUnmetNeed: 1),
        new("fallback language", column => column.InFallbackLanguage, cost => cost.InFallbackLanguage),
        new("members", _ => 1, cost => cost.Members),
        new("distance", column => column.Distance, cost => cost.Distance),
        new("squared load", column => column.SquaredLoad, cost => cost.SquaredLoad),
        new("worked together", column => column.WorkedBefore ? -1 : 0, cost => -cost.WorkedWithUnitBefore),
    ];
}
