using System.Globalization;

namespace OtPlatform.Bench;

/// <summary>Prints figures as a table.</summary>
internal static class Table
{
    private static readonly string[] Heads = ["case", "ours", "reference", "ratio", "target", "met", "unit", "noise"];

    public static string Of(IReadOnlyCollection<Figure> figures)
    {
        var rows = figures.Select(Cells).Prepend(Heads).ToList();
        var widths = Enumerable.Range(0, Heads.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        return string.Join(Environment.NewLine, rows.Select(row => string.Join("  ", row.Select((cell, column) => Aligned(cell, column, widths[column]))).TrimEnd()));
    }

    public static string Number(double value) => value.ToString(Math.Abs(value) switch { >= 100 => "#,##0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);

    private static string[] Cells(Figure figure) =>
    [
        figure.Case,
        Number(figure.Ours),
        figure.Reference is { } reference ? Number(reference) : "-",
        figure.Ratio is { } ratio ? Number(ratio) : "-",
        figure.Target?.Text ?? "-",
        figure.Met switch { true => "yes", false => "NO", null => "-" },
        figure.Unit,
        $"x{Number(figure.Noise)}",
    ];

    private static string Aligned(string cell, int column, int width) => column is 1 or 2 or 3 or 7 ? cell.PadLeft(width) : cell.PadRight(width);
}
