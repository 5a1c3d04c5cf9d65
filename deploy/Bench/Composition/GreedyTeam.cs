extern alias teamassembly;

using System.Numerics;
using teamassembly::OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.Bench.Composition;

/// <summary>
/// What exactness is measured against: whoever meets most of what is left comes next, the nearer and then the less loaded where that is
/// equal, until nothing can be met or the team is full.
/// </summary>
internal static class GreedyTeam
{
    public static CompositionCost Of(CompositionProblem problem, IReadOnlyList<Column> columns)
    {
        var (left, team) = ((1U << problem.Needs.Count) - 1, new List<Column>());
        while (team.Count < problem.MaxMembers)
        {
            Column? next = null;
            foreach (var column in columns)
            {
                if ((column.Set & ~left) == 0 && (next is not { } best || Precedes(column, best)) && team.TrueForAll(member => member.Candidate != column.Candidate))
                {
                    next = column;
                }
            }

            if (next is not { } found)
            {
                break;
            }

            team.Add(found);
            left &= ~found.Set;
        }

        return CostOf(problem, team);
    }

    /// <summary>What a team costs by the rules.</summary>
    public static CompositionCost CostOf(CompositionProblem problem, IReadOnlyList<Column> team) => new(
        problem.Needs.Count - team.Sum(member => BitOperations.PopCount(member.Set)),
        team.Sum(member => member.InFallbackLanguage),
        team.Count,
        team.Sum(member => member.Distance),
        team.Sum(member => member.SquaredLoad),
        team.Count(member => member.WorkedBefore));

    private static bool Precedes(Column one, Column other) =>
        (-BitOperations.PopCount(one.Set), one.InFallbackLanguage, one.Distance, one.LoadPerMille)
            .CompareTo((-BitOperations.PopCount(other.Set), other.InFallbackLanguage, other.Distance, other.LoadPerMille)) < 0;
}
