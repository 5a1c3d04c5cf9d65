extern alias teamassembly;

using System.Numerics;
using OtPlatform.Local;
using teamassembly::OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.Bench.Composition;

/// <summary>What came of solving a case with the independent solver too.</summary>
/// <param name="Finished">It proved every level within its limit. Otherwise only the levels before were compared.</param>
internal readonly record struct Verified(bool Finished, TimeSpan Took);

/// <summary>Solves a case level by level, each with the former held at their optimum, and compares every optimum with ours.</summary>
internal static class Verification
{
    /// <summary>Throws <see cref="LocalFailureException"/> when the solver comes to another optimum.</summary>
    public static async Task<Verified> Of(string what, CompositionProblem problem, CompositionCost ours, IReadOnlyList<Column> columns, Cbc solver, CancellationToken cancellation)
    {
        var (held, took) = (new List<(Level, long)>(), TimeSpan.Zero);
        foreach (var level in Level.All.Where(level => level.PerUnmetNeed > 0 || columns.Any(column => level.OfColumn(column) != 0)))
        {
            var model = new ColumnModel(problem, columns, level, held);
            var theirs = 0L;
            if (model.IsOpen)
            {
                model.Write(solver.Programme);
                var (chosen, spent) = took < solver.Limit ? await solver.Solve(solver.Limit - took, cancellation) : (null, TimeSpan.Zero);
                took += spent;
                if (chosen is null)
                {
                    Console.Error.WriteLine($"  {what}: the solver did not finish the level of {level.Name}");
                    return new Verified(false, took);
                }

                var team = model.Team(chosen);
                Check(what, problem, team);
                theirs = level.OfCost(GreedyTeam.CostOf(problem, team));
            }

            if (theirs != level.OfCost(ours))
            {
                throw new LocalFailureException($"{what}: at the level of {level.Name} the independent solver comes to {theirs}, ours is {level.OfCost(ours)}.");
            }

            held.Add((level, theirs));
        }

        return new Verified(true, took);
    }

    /// <summary>That its rounded answer is a team at all.</summary>
    private static void Check(string what, CompositionProblem problem, IReadOnlyList<Column> team)
    {
        if (team.Count > problem.MaxMembers
            || team.DistinctBy(member => member.Candidate).Count() != team.Count
            || team.Sum(member => BitOperations.PopCount(member.Set)) != BitOperations.PopCount(team.Aggregate(0U, (met, member) => met | member.Set)))
        {
            throw new LocalFailureException($"{what}: what the independent solver calls optimal is no team.");
        }
    }
}
