using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Policies;

/// <summary>A row that decides nothing, whatever the facts.</summary>
/// <param name="Example">Facts with which it holds, but another row decides; null when it never holds.</param>
/// <param name="DecidedBy">That other row.</param>
public sealed record IdleRow(string Row, Facts? Example, string? DecidedBy);

/// <summary>What a policy comes to, tried on every class of facts.</summary>
/// <param name="Classes">How many classes of facts it tells apart.</param>
/// <param name="RoutesNeverGiven">Routes that it recommends with no facts; a coordinator may still choose them.</param>
/// <param name="WithoutResult">Facts with which it comes to neither a route nor a question; null when there are none.</param>
public sealed record PolicyCheck(int Classes, IReadOnlyList<IdleRow> IdleRows, IReadOnlyList<Route> RoutesNeverGiven, Facts? WithoutResult)
{
    public static PolicyCheck Of(FactSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        var (rows, given) = (new HashSet<byte>(), new HashSet<byte>());
        Facts? without = null;
        foreach (var (outcome, row, example) in space.Results())
        {
            without ??= outcome is FactSpace.Nothing ? example() : null;
            rows.Add(row);
            given.Add(outcome);
        }

        return new PolicyCheck(
            space.Size,
            [.. space.Rules.Rows.Where((_, at) => !rows.Contains((byte)at)).Select(row => Idle(row, space))],
            [.. Enum.GetValues<Route>().Where(route => !given.Contains((byte)route))],
            without);
    }

    private static IdleRow Idle(PolicyRow row, FactSpace space)
    {
        var example = space.Examples().FirstOrDefault(row.When.Holds);
        return new IdleRow(row.Code, example, example is null ? null : space.Rules.Rows.First(other => other.When.Holds(example)).Code);
    }
}
