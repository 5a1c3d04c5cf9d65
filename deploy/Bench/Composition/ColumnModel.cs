extern alias teamassembly;

using System.Globalization;
using OtPlatform.Local;
using teamassembly::OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.Bench.Composition;

/// <summary>
/// The composition at one level as a whole-number programme in the CPLEX LP format: how many experts of a kind take each set that they can
/// take, and which needs stay unmet; each need is met once or not, nobody takes two sets, no more members than allowed, and the levels
/// before stay at their optimum. Of a kind are experts whose columns are the same at all these levels: which of them it is makes no
/// difference there. A column that alone exceeds an optimum before is left out.
/// </summary>
internal sealed class ColumnModel
{
    private const int TermsInLine = 12;

    private readonly CompositionProblem _problem;
    private readonly Level _level;
    private readonly IReadOnlyList<(Level Level, long Optimum)> _held;
    private readonly IReadOnlyList<Column[][]> _kinds;
    private readonly List<(int Kind, int Place)> _variables = [];

    /// <param name="held">Levels that were solved before, with their optimum.</param>
    public ColumnModel(CompositionProblem problem, IReadOnlyList<Column> columns, Level level, IReadOnlyList<(Level Level, long Optimum)> held)
    {
        (_problem, _level, _held) = (problem, level, held);
        Level[] levels = [.. held.Select(before => before.Level), level];
        _kinds =
        [
            .. columns.Where(column => held.All(before => before.Level.OfColumn(column) <= before.Optimum))
                .GroupBy(column => column.Candidate, (_, all) => all.ToArray())
                .GroupBy(expert => string.Join(';', expert.Select(column => Said($"{column.Set}:{string.Join(',', levels.Select(one => one.OfColumn(column)))}"))), StringComparer.Ordinal)
                .Select(kind => kind.ToArray()),
        ];
        foreach (var (kind, experts) in _kinds.Index())
        {
            _variables.AddRange(Enumerable.Range(0, experts[0].Length).Select(place => (kind, place)));
        }
    }

    /// <summary>Whether anything is left to be decided at this level.</summary>
    public bool IsOpen => Terms(_level).Any();

    /// <summary>One of the teams that an answer of the solver stands for.</summary>
    /// <param name="chosen">Numbers of variables, and how many experts take each.</param>
    public IReadOnlyList<Column> Team(IReadOnlyList<(int Variable, int Experts)> chosen)
    {
        var (team, taken) = (new List<Column>(), new int[_kinds.Count]);
        foreach (var (variable, experts) in chosen)
        {
            var (kind, place) = _variables[variable];
            if (taken[kind] + experts > _kinds[kind].Length)
            {
                throw new LocalFailureException("The independent solver has taken more experts than there are.");
            }

            team.AddRange(_kinds[kind].Skip(taken[kind]).Take(experts).Select(expert => expert[place]));
            taken[kind] += experts;
        }

        return team;
    }

    public void Write(string path)
    {
        using var file = new StreamWriter(path);
        file.WriteLine("Minimize");
        WriteRow(file, "obj", Terms(_level), "");
        file.WriteLine("Subject To");
        for (var need = 0; need < _problem.Needs.Count; need++)
        {
            var bit = 1U << need;
            WriteRow(file, $"need{need}", Variables(column => (column.Set & bit) != 0 ? 1 : 0).Append((1L, $"u{need}")), "= 1");
        }

        foreach (var kind in _variables.Index().GroupBy(variable => variable.Item.Kind).Where(kind => kind.Skip(1).Any()))
        {
            WriteRow(file, $"kind{kind.Key}", kind.Select(variable => (1L, $"x{variable.Index}")), Said($"<= {_kinds[kind.Key].Length}"));
        }

        WriteRow(file, "most", Variables(_ => 1), Said($"<= {_problem.MaxMembers}"));
        foreach (var (number, (before, optimum)) in _held.Index())
        {
            WriteRow(file, $"level{number}", Terms(before), Said($"= {optimum}"));
        }

        file.WriteLine("Bounds");
        foreach (var (number, (kind, _)) in _variables.Index())
        {
            file.WriteLine(Said($" x{number} <= {Math.Min(_kinds[kind].Length, _problem.MaxMembers)}"));
        }

        file.WriteLine("Generals");
        WriteNames(file, Enumerable.Range(0, _variables.Count).Select(number => $"x{number}"));
        file.WriteLine("Binaries");
        WriteNames(file, Enumerable.Range(0, _problem.Needs.Count).Select(need => $"u{need}"));
        file.WriteLine("End");
    }

    private IEnumerable<(long, string)> Terms(Level level) =>
        Variables(level.OfColumn).Concat(Enumerable.Range(0, level.PerUnmetNeed > 0 ? _problem.Needs.Count : 0).Select(need => ((long)level.PerUnmetNeed, $"u{need}")));

    private IEnumerable<(long, string)> Variables(Func<Column, long> times) =>
        _variables.Index()
            .Select(variable => (Times: times(_kinds[variable.Item.Kind][0][variable.Item.Place]), Name: $"x{variable.Index}"))
            .Where(term => term.Times != 0);

    /// <summary>A row without terms would be no row: nothing, or 0, is as it says.</summary>
    private static void WriteRow(StreamWriter file, string row, IEnumerable<(long Times, string Name)> terms, string relation)
    {
        var inLine = 0;
        foreach (var (times, name) in terms)
        {
            file.Write(inLine == 0 ? $" {row}: " : inLine % TermsInLine == 0 ? "\n " : " ");
            file.Write(times == 1 ? $"+ {name}" : Said($"{(times < 0 ? '-' : '+')} {Math.Abs(times)} {name}"));
            inLine++;
        }

        if (inLine > 0)
        {
            file.WriteLine($" {relation}");
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
