using OtPlatform.Platform.Http;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>Bounds of what a caller may send; each refusal names the field and never repeats its value.</summary>
internal static class Inputs
{
    private const int LongestCode = 200;

    public static Guid Id(string value, string field) => Guid.TryParse(value, out var id) ? id : throw new InvalidInputException(field, "A UUID is required.");

    public static void Text(string value, string field, int longest)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new InvalidInputException(field, "Required.");
        }

        if (value.Length > longest || value.Contains('\0', StringComparison.Ordinal))
        {
            throw new InvalidInputException(field, $"At most {longest} characters, none of them NUL.");
        }
    }

    public static void Codes(IReadOnlyCollection<string> values, string field, int most)
    {
        if (values.Count > most || values.Any(value => value.Length is 0 or > LongestCode))
        {
            throw new InvalidInputException(field, $"At most {most} entries of 1 to {LongestCode} characters.");
        }
    }
}
