extern alias teamassembly;

using System.Globalization;
using teamassembly::OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.Bench.Composition;

/// <summary>
/// The composition as a whole-number programme in the CPLEX LP format: a variable for each column and one for each need that stays unmet,
/// each need met or unmet, each expert in at most one column, no more members than allowed, and the levels so far held at their optimum.
/// </summary>
internal sealed class ColumnModel(CompositionProblem problem, IReadOnlyList<Column> columns)
{
    private const int TermsInLine = 12;

    /// <param name="held">Levels that were solved before, with their optimum.</param>
    public void Write(string path, Level level, IReadOnlyList<(Level Level, long Optimum)> held)
    {
        using var file = new StreamWriter(path);
        file.WriteLine("Minimize");
        WriteTerms(file, "obj", Terms(level));
        file.WriteLine();
        file.WriteLine("Subject To");
        for (var need = 0; need < problem.Needs.Count; need++)
        {
            var bit = 1U << need;
            WriteTerms(file, $"need{need}", Covering(bit).Append((1L, $"u{need}")));
            file.WriteLine(" = 1");
        }

        foreach (var expert in columns.Index().GroupBy(column => column.Item.Candidate).Where(expert => expert.Skip(1).Any()))
        {
            WriteTerms(file, $"expert{expert.Key}", expert.Select(column => (1L, $"x{column.Index}")));
            file.WriteLine(" <= 1");
        }

        WriteTerms(file, "most", columns.Select((_, index) => (1L, $"x{index}")));
        file.WriteLine(Said($" <= {problem.MaxMembers}"));
        foreach (var (before, optimum) in held)
        {
            WriteTerms(file, $"level{Level.All.Index().Single(known => known.Item == before).Index}", Terms(before));
            file.WriteLine(Said($" = {optimum}"));
        }

        file.WriteLine("Binaries");
        WriteNames(file, Enumerable.Range(0, columns.Count).Select(index => $"x{index}").Concat(Enumerable.Range(0, problem.Needs.Count).Select(need => $"u{need}")));
        file.WriteLine("End");
    }

    private IEnumerable<(long, string)> Covering(uint bit)
    {
        for (var index = 0; index < columns.Count; index++)
        {
            if ((columns[index].Set & bit) != 0)
            {
                yield return (1, $"x{index}");
            }
        }
    }

    private IEnumerable<(long, string)> Terms(Level level)
    {
        for (var index = 0; index < columns.Count; index++)
        {
            if (level.OfColumn(columns[index]) is not 0 and var added)
            {
                yield return (added, $"x{index}");
            }
        }

        for (var need = 0; need < problem.Needs.Count && level.PerUnmetNeed > 0; need++)
        {
            yield return (level.PerUnmetNeed, $"u{need}");
        }
    }

    private static void WriteTerms(StreamWriter file, string row, IEnumerable<(long Times, string Name)> terms)
    {
        file.Write(Said($" {row}:"));
        var inLine = 0;
        foreach (var (times, name) in terms)
        {
            file.Write(inLine > 0 && inLine % TermsInLine == 0 ? "\n " : " ");
            file.Write(times == 1 ? $"+ {name}" : Said($"{(times < 0 ? '-' : '+')} {Math.Abs(times)} {name}"));
            inLine++;
        }
    }

    private static void WriteNames(StreamWriter file, IEnumerable<string> names)
    {
        foreach (var line in names.Chunk(TermsInLine))
        {
            file.WriteLine($" {string.Join(' ', line)}");
        }
    }

    private static string Said(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
