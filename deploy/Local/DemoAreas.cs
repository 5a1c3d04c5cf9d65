using System.Text.Json;

namespace OtPlatform.Local;

/// <summary>Which area a county belongs to, from the reference data.</summary>
internal static class DemoAreas
{
    private static readonly Lazy<Dictionary<string, string>> Areas = new(() =>
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "contracts", "catalogue", "areas.json")));
        return json.RootElement.GetProperty("areas").EnumerateArray()
            .SelectMany(area => area.GetProperty("counties").EnumerateArray().Select(county => (County: county.GetString()!, Area: area.GetProperty("code").GetString()!)))
            .ToDictionary(pair => pair.County, pair => pair.Area);
    });

    public static string AreaOf(string county) => Areas.Value[county];
}
