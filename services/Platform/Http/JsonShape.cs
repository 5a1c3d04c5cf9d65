using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace OtPlatform.Platform.Http;

/// <summary>Says of every place of a body that is not made as expected what is expected there, so that its sender can mend them all at once.</summary>
public static partial class JsonShape
{
    private const int MostFaults = 50;
    private static readonly JsonDocumentOptions Reading = new() { AllowDuplicateProperties = false };

    /// <returns>JSON path to what is wrong there, 50 at most; empty when nothing is, or when it is no JSON document at all.</returns>
    public static IReadOnlyDictionary<string, Message> Faults(ReadOnlySpan<byte> body, Type type)
    {
        var faults = new Dictionary<string, Message>();
        try
        {
            using var document = JsonDocument.Parse(body.ToArray(), Reading);
            Look(document.RootElement, StrictJson.Options.GetTypeInfo(type), "$", faults);
        }
        catch (JsonException)
        {
            // The place where reading stopped is all that can be said.
        }

        return faults;
    }

    private static void Look(JsonElement element, JsonTypeInfo expected, string path, Dictionary<string, Message> faults)
    {
        if (faults.Count >= MostFaults)
        {
            return;
        }

        switch (expected.Kind, element.ValueKind)
        {
            case (JsonTypeInfoKind.Object, JsonValueKind.Object):
                foreach (var said in element.EnumerateObject())
                {
                    var place = Name().IsMatch(said.Name) ? $"{path}.{said.Name}" : path;
                    if (expected.Properties.FirstOrDefault(known => known.Name == said.Name) is { } property)
                    {
                        Look(said.Value, StrictJson.Options.GetTypeInfo(property.PropertyType), place, faults);
                    }
                    else
                    {
                        faults.TryAdd(place, "There is no such field here.");
                    }
                }

                break;
            case (JsonTypeInfoKind.Enumerable, JsonValueKind.Array):
                foreach (var (at, entry) in element.EnumerateArray().Index())
                {
                    Look(entry, StrictJson.Options.GetTypeInfo(expected.ElementType!), $"{path}[{at}]", faults);
                }

                break;
            case (_, JsonValueKind.Null) when path != "$" && IsNullable(expected.Type):
                break;
            default:
                if (!Reads(element, expected))
                {
                    faults.TryAdd(path, Expected(expected));
                }

                break;
        }
    }

    private static bool IsNullable(Type type) => !type.IsValueType || Nullable.GetUnderlyingType(type) is not null;

    private static bool Reads(JsonElement element, JsonTypeInfo expected)
    {
        try
        {
            return element.Deserialize(expected) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Message Expected(JsonTypeInfo expected) => (Nullable.GetUnderlyingType(expected.Type) ?? expected.Type) switch
    {
        _ when expected.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => (Message)"A JSON object is expected.",
        _ when expected.Kind is JsonTypeInfoKind.Enumerable => (Message)"A list is expected.",
        var type when type == typeof(string) => (Message)"Text is expected.",
        var type when type == typeof(bool) => (Message)"true or false is expected.",
        var type when type == typeof(DateOnly) => (Message)"A date as 2027-05-31 is expected.",
        var type when type == typeof(DateTimeOffset) => (Message)"A time as 2027-05-31T12:00:00Z is expected.",
        var type when type == typeof(Guid) => (Message)"A UUID is expected.",
        var type when type.IsEnum => (Message)"One of the listed codes is expected.",
        var type when type == typeof(int) || type == typeof(long) => (Message)"A whole number is expected.",
        var type when type.IsPrimitive || type == typeof(decimal) => (Message)"A number is expected.",
        _ => (Message)"A value of another type is expected.",
    };

    [GeneratedRegex("^[A-Za-z]{1,40}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
