using System.Globalization;
using System.Text;
using Grpc.Core;

namespace Grpc.Protocol;

/// <summary>Names and encodings of the gRPC protocol over HTTP/2.</summary>
internal static class Wire
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Identity = "identity";

    private const int LongestTimeout = 99_999_999;

    private static readonly (char Unit, long Ticks)[] Units =
    [
        ('n', 0),
        ('u', TimeSpan.TicksPerMicrosecond),
        ('m', TimeSpan.TicksPerMillisecond),
        ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute),
        ('H', TimeSpan.TicksPerHour),
    ];

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        Status, Message, Timeout, Encoding, AcceptEncoding, "content-type", "te", "host", "accept-encoding", "content-length", "transfer-encoding",
    };

    public static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';' or ' ');

    public static bool IsReserved(string header) => header.StartsWith(':') || Reserved.Contains(header);

    /// <summary>At most eight digits and a unit; what is left is rounded up, so that no call ends early.</summary>
    public static string FormatTimeout(TimeSpan left)
    {
        foreach (var (unit, ticks) in Units.AsSpan(2))
        {
            var value = (Math.Max(left.Ticks, 1) + ticks - 1) / ticks;
            if (value <= LongestTimeout)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
            }
        }

        return $"{LongestTimeout}H";
    }

    public static bool TryParseTimeout(string? text, out TimeSpan timeout)
    {
        timeout = default;
        if (text is not { Length: >= 2 and <= 9 } || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        if (text[^1] == 'n')
        {
            timeout = TimeSpan.FromTicks(value / TimeSpan.NanosecondsPerTick);
            return true;
        }

        foreach (var (unit, ticks) in Units)
        {
            if (unit == text[^1])
            {
                timeout = TimeSpan.FromTicks(value * ticks);
                return true;
            }
        }

        return false;
    }

    public static string EncodeMessage(string detail)
    {
        if (detail.All(letter => letter is >= ' ' and <= '~' and not '%'))
        {
            return detail;
        }

        var encoded = new StringBuilder();
        foreach (var octet in System.Text.Encoding.UTF8.GetBytes(detail))
        {
            if (octet is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                encoded.Append((char)octet);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
            }
        }

        return encoded.ToString();
    }

    /// <summary>Never fails: what is no escape stays as it is.</summary>
    public static string DecodeMessage(string encoded)
    {
        if (!encoded.Contains('%', StringComparison.Ordinal))
        {
            return encoded;
        }

        var octets = new List<byte>(encoded.Length);
        for (var index = 0; index < encoded.Length; index++)
        {
            if (encoded[index] == '%' && byte.TryParse(encoded.AsSpan(index + 1, Math.Min(2, encoded.Length - index - 1)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet) && index + 2 < encoded.Length)
            {
                octets.Add(octet);
                index += 2;
            }
            else
            {
                octets.AddRange(System.Text.Encoding.UTF8.GetBytes(encoded, index, 1));
            }
        }

        return System.Text.Encoding.UTF8.GetString([.. octets]);
    }

    public static string HeaderValue(Metadata.Entry entry) => entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes).TrimEnd('=') : entry.Value;

    /// <summary>Adds a header of the application; several binary values may have been joined by commas on their way.</summary>
    public static void Add(Metadata metadata, string name, string value)
    {
        if (!name.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            metadata.Add(name, value);
            return;
        }

        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            metadata.Add(name, Convert.FromBase64String(part.PadRight((part.Length + 3) / 4 * 4, '=')));
        }
    }
}
