using OtPlatform.Platform.Hosting;

namespace OtPlatform.Platform.Security;

/// <summary>Keys that live in files, one base64 line each.</summary>
public static class Secrets
{
    private const int Length = 32;

    /// <summary>A key of 32 bytes.</summary>
    /// <exception cref="MissingSettingException">The file is missing or holds something else.</exception>
    public static byte[] Read(string file)
    {
        try
        {
            return Convert.FromBase64String(File.ReadAllText(file).Trim()) is { Length: Length } key
                ? key
                : throw new MissingSettingException(file, $"{Length} bytes in base64 are expected in this file");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new MissingSettingException(file, $"{Length} bytes in base64 are expected in this file");
        }
    }
}
