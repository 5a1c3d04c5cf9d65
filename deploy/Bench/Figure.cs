using System.Globalization;
using System.Text.Json.Serialization;

namespace OtPlatform.Bench;

/// <summary>What a figure has to reach: a ratio to the reference, or a bound on our own value.</summary>
[JsonConverter(typeof(TargetAsText))]
internal sealed record Target(string Text, Func<double, double?, bool> IsMet)
{
    public static Target RatioAtLeast(double ratio) => new(Said($"ratio >= {ratio:0.##}"), (_, reached) => reached >= ratio);

    public static Target RatioAtMost(double ratio) => new(Said($"ratio <= {ratio:0.##}"), (_, reached) => reached <= ratio);

    public static Target AtLeast(double bound) => new(Said($">= {bound:#,##0.##}"), (ours, _) => ours >= bound);

    public static Target AtMost(double bound) => new(Said($"<= {bound:#,##0.##}"), (ours, _) => ours <= bound);

    private static string Said(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One row of the table.</summary>
/// <param name="Reference">What was measured beside it in the same call, or null.</param>
/// <param name="Target">What it has to reach, or null when it is only told.</param>
/// <param name="Noise">The machine's probe around this case: its slowest over its usual time.</param>
internal sealed record Figure(string Case, double Ours, double? Reference, Target? Target, string Unit, double Noise)
{
    /// <summary>Our value over the reference's.</summary>
    public double? Ratio => Reference is { } reference && reference != 0 ? Ours / reference : null;

    /// <summary>Whether the target was reached; null without one.</summary>
    public bool? Met => Target?.IsMet(Ours, Ratio);
}

internal sealed class TargetAsText : JsonConverter<Target>
{
    public override Target Read(ref System.Text.Json.Utf8JsonReader reader, Type typeToConvert, System.Text.Json.JsonSerializerOptions options) =>
        throw new NotSupportedException();

    public override void Write(System.Text.Json.Utf8JsonWriter writer, Target value, System.Text.Json.JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
}
