using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace OtPlatform.Platform.Http;

/// <summary>Versions as entity tags: <c>ETag: "5"</c> out, <c>If-Match: "5"</c> in.</summary>
public static class Versions
{
    public static string Tag(long version) => $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";

    /// <summary>The version that the caller decided on.</summary>
    /// <exception cref="VersionRequiredException">No <c>If-Match</c> was sent (428).</exception>
    /// <exception cref="InvalidInputException">It is not one of our tags (400).</exception>
    public static long Expected(HttpRequest request)
    {
        var tag = request.Headers.IfMatch.ToString();
        if (tag.Length == 0)
        {
            throw new VersionRequiredException();
        }

        return tag is ['"', .. var inner, '"'] && long.TryParse(inner, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw new InvalidInputException("If-Match", "Send one tag exactly as ETag gave it, for example \"5\".");
    }
}

/// <summary>A write came without the version that it was decided on (HTTP 428).</summary>
public sealed class VersionRequiredException() : Exception("If-Match is required.");
