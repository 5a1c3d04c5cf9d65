extern alias teamassembly;

using System.Diagnostics;
using teamassembly::OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.Bench.Composition;

/// <summary>What the cases of one size came to.</summary>
internal sealed class Outcome
{
    private const int Rounds = 5;
    private const double Megabyte = 1024 * 1024;

    private readonly List<double> _took = [];
    private readonly List<double> _allocated = [];
    private readonly List<(ComposedTeam Ours, CompositionCost Greedy)> _teams = [];
    private readonly List<Verified> _verified = [];

    /// <summary>Composes a few times: a service meets the same matter once, but its processor is warm.</summary>
    public ComposedTeam Compose(CompositionProblem problem)
    {
        // What making the case has left behind is not the composition's; what the composition leaves behind is.
        GC.Collect();
        ComposedTeam team;
        var round = 0;
        do
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            team = Composer.Compose(problem);
            _took.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            _allocated.Add((GC.GetAllocatedBytesForCurrentThread() - allocated) / Megabyte);
        }
        while (++round < Rounds);
        return team;
    }

    public void Add(ComposedTeam ours, CompositionCost greedy) => _teams.Add((ours, greedy));

    public void Add(Verified verified) => _verified.Add(verified);

    public void Tell(Workbench bench, Size size)
    {
        var solved = _verified.Where(verified => verified.Finished).Select(verified => verified.Took.TotalMilliseconds).ToList();
        double? Solver(double part) => solved.Count == 0 ? null : Statistics.Percentile(solved, part);
        bench.Add($"{size}: composition, p50 of {_took.Count}, beside the solver's", Statistics.Median(_took), Solver(0.5), null, "ms");
        bench.Add("  p99", Statistics.Percentile(_took, 0.99), Solver(0.99), size.Limit is { } limit ? Target.AtMost(limit) : null, "ms");
        bench.Add("  proven optimal, of the cases", _teams.Count(team => team.Ours.Optimal), _teams.Count, Target.RatioAtLeast(1), "cases");
        bench.Add("  same optimum at every level, of those solved too", solved.Count, _verified.Count, null, "cases");
        bench.Add("  needs unmet, beside the greedy team's", Ours(cost => cost.Unmet), Greedy(cost => cost.Unmet), null, "a team");
        bench.Add("  needs in the fallback language", Ours(cost => cost.InFallbackLanguage), Greedy(cost => cost.InFallbackLanguage), null, "a team");
        bench.Add("  members", Ours(cost => cost.Members), Greedy(cost => cost.Members), null, "a team");
        bench.Add("  distance", Ours(cost => cost.Distance), Greedy(cost => cost.Distance), null, "a team");
        bench.Add("  load", Ours(LoadOf), Greedy(LoadOf), null, "per mille");
        bench.Add("  greedy team worse, of the cases", _teams.Count(team => team.Ours.Cost.CompareTo(team.Greedy) < 0), _teams.Count, null, "cases");
        bench.Add("  allocated", Statistics.Median(_allocated), null, null, "MB");
    }

    private double Ours(Func<CompositionCost, double> what) => _teams.Average(team => what(team.Ours.Cost));

    private double Greedy(Func<CompositionCost, double> what) => _teams.Average(team => what(team.Greedy));

    /// <summary>The quadratic mean over the members.</summary>
    private static double LoadOf(CompositionCost cost) => cost.Members == 0 ? 0 : Math.Sqrt((double)cost.SquaredLoad / cost.Members);
}
