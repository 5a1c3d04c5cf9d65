extern alias teamassembly;

using teamassembly::OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.Bench.Composition;

/// <summary>What is in use after a tenth of many compositions, and after all of them.</summary>
internal static class SteadyMemory
{
    private const int Compositions = 2_000;
    private const double Megabyte = 1024 * 1024;

    public static void Measure(Workbench bench, CompositionCases cases, CancellationToken cancellation)
    {
        var problems = Enumerable.Range(0, 4).Select(number => cases.Case(number, 12, 10_000)).ToArray();
        var done = 0;
        (double Heap, double WorkingSet) After(int count)
        {
            for (; done < count; done++)
            {
                cancellation.ThrowIfCancellationRequested();
                Composer.Compose(problems[done % problems.Length]);
            }

            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return (GC.GetTotalMemory(forceFullCollection: true) / Megabyte, Environment.WorkingSet / Megabyte);
        }

        var (tenth, all) = (After(Compositions / 10), After(Compositions));
        bench.Add($"managed heap after {Compositions:#,##0} compositions, beside that after a tenth", all.Heap, tenth.Heap, Target.RatioAtMost(1.2), "MB");
        bench.Add($"working set after {Compositions:#,##0} compositions", all.WorkingSet, tenth.WorkingSet, Target.RatioAtMost(1.2), "MB");
    }
}
