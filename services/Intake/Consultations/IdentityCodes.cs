using System.Text.Json;
using OtPlatform.Platform.Http;

namespace OtPlatform.Intake.Consultations;

/// <summary>The first look at every body: nothing that holds a personal identity code is stored, logged or repeated (R8).</summary>
public static class IdentityCodes
{
    /// <exception cref="InvalidInputException">Not JSON, or a code somewhere in it; names the paths.</exception>
    public static void Refuse(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var paths = PersonalIdentityCode.PathsIn(json.RootElement);
            if (paths.Count > 0)
            {
                throw new InvalidInputException(paths.Select(StrictJson.Known).Distinct().ToDictionary(path => path, _ => (Message)"A personal identity code. Use the case key of your own system instead; nothing of this request was kept."));
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidInputException("$", "Not a JSON document in valid UTF-8.");
        }
    }
}
