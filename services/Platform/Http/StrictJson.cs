using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace OtPlatform.Platform.Http;

/// <summary>Bodies as this platform reads and writes them: camelCase, enums as strings, unknown fields refused.</summary>
public static partial class StrictJson
{
    /// <summary>256 KiB.</summary>
    public const int LargestBody = 256 * 1024;

    public static readonly JsonSerializerOptions Options = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNameCaseInsensitive = false;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.AllowDuplicateProperties = false;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        return options;
    }

    /// <summary>The raw body, within bounds.</summary>
    /// <exception cref="BadHttpRequestException">Not plain JSON (415), or larger than <see cref="LargestBody"/> (413).</exception>
    public static async Task<byte[]> ReadBody(HttpRequest request, CancellationToken cancellation)
    {
        RequireJson(request);
        return await ReadAll(request, cancellation);
    }

    /// <summary>As <see cref="ReadBody"/>; null when nothing was sent, however the request says so.</summary>
    /// <exception cref="BadHttpRequestException">Something that is not plain JSON (415), or larger than <see cref="LargestBody"/> (413).</exception>
    public static async Task<byte[]?> ReadOptionalBody(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength == 0 || request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return null;
        }

        var body = await ReadAll(request, cancellation);
        if (body.Length == 0)
        {
            return null;
        }

        RequireJson(request);
        return body;
    }

    private static void RequireJson(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (type.Charset.HasValue && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            || request.Headers.ContentEncoding.Count > 0)
        {
            throw new BadHttpRequestException("Plain JSON is expected.", StatusCodes.Status415UnsupportedMediaType);
        }
    }

    private static async Task<byte[]> ReadAll(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > LargestBody)
        {
            throw TooLarge();
        }

        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        while (await request.Body.ReadAsync(chunk, cancellation) is > 0 and var read)
        {
            if (buffer.Length + read > LargestBody)
            {
                throw TooLarge();
            }

            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }

    /// <summary>Reads a body into <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidInputException">Not JSON, an unknown field, a value of another type; names the path, not the value.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> body)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, Options) ?? throw new InvalidInputException("$", "A JSON object is expected.");
        }
        catch (JsonException exception)
        {
            throw JsonShape.Faults(body, typeof(T)) is { Count: > 0 } faults
                ? new InvalidInputException(faults)
                : new InvalidInputException(Known(exception.Path), "Unknown field, or a value of another type than expected here.");
        }
        catch (InvalidOperationException)
        {
            throw new InvalidInputException("$", "Not a JSON document in valid UTF-8.");
        }
    }

    /// <summary>The path up to a name that is not made like a field's: such a name is the caller's own words, and is not repeated.</summary>
    public static string Known(string? path) => path is null ? "$" : KnownPath().Match(path) is { Success: true } match ? match.Value : "$";

    [GeneratedRegex(@"^\$(\.[A-Za-z]{1,40}(?![^.\[])|\[[0-9]{1,9}\])*", RegexOptions.CultureInvariant)]
    private static partial Regex KnownPath();

    private static BadHttpRequestException TooLarge() => new("The body is too large.", StatusCodes.Status413PayloadTooLarge);
}
