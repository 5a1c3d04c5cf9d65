namespace OtPlatform.TeamAssembly.Composition;

/// <summary>
/// The levels that add up over members, in one number that adds and compares like them: needs in the fallback language, distance,
/// squared load, and members who did not work with the unit before. Unmet needs and members are counted beside it, because
/// the fallback language goes before the members and the rest after.
/// </summary>
internal static class Weight
{
    public const ulong None = ulong.MaxValue;

    // 50 members at most: 50 needs in 6 bits, 200 steps in 8, 50 squares of 200,000 in 42, 50 members in 6.
    private const int LoadShift = 6;
    private const int DistanceShift = LoadShift + 42;
    private const int FallbackShift = DistanceShift + 8;

    public static ulong Of(int inFallbackLanguage, DistanceStep distance, int load, bool workedBefore) =>
        ((ulong)inFallbackLanguage << FallbackShift) | ((ulong)distance << DistanceShift) | ((ulong)((long)load * load) << LoadShift) | (workedBefore ? 0UL : 1UL);

    public static int InFallbackLanguage(ulong weight) => (int)(weight >> FallbackShift);

    /// <param name="together">Members of a standing team beyond its first.</param>
    public static CompositionCost Cost(int unmet, int members, ulong weight, int together = 0) => new(
        unmet,
        InFallbackLanguage(weight),
        members,
        (int)(weight >> DistanceShift) & 0xFF,
        (long)(weight >> LoadShift) & ((1L << (DistanceShift - LoadShift)) - 1),
        members - (int)(weight & ((1UL << LoadShift) - 1)),
        together);

    /// <summary>Orders (unmet, members, weight) as the objective does.</summary>
    public static int Compare(int unmet, int members, ulong weight, int otherUnmet, int otherMembers, ulong otherWeight)
    {
        var order = unmet.CompareTo(otherUnmet);
        order = order != 0 ? order : InFallbackLanguage(weight).CompareTo(InFallbackLanguage(otherWeight));
        order = order != 0 ? order : members.CompareTo(otherMembers);
        return order != 0 ? order : weight.CompareTo(otherWeight);
    }
}
