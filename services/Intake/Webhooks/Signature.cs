using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OtPlatform.Intake.Webhooks;

/// <summary>How a receiver knows that a delivery is ours, and not an old one sent again: HMAC-SHA256 over the time and the body.</summary>
public static class Signature
{
    public const string Header = "OT-Signature";
    public const string EventIdHeader = "OT-Event-Id";
    private const string Prefix = "otwh_";
    private const int SecretLength = 32;

    /// <summary>A new secret, 256 random bits as text; the text's bytes are the key.</summary>
    public static string NewSecret() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretLength));

    /// <summary><c>t=unix,v1=hex</c>, with a <c>v1</c> for each secret.</summary>
    public static string Of(IEnumerable<string> secrets, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        var time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{time}."), .. body];
        return string.Join(',', secrets.Select(secret => $"v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}").Prepend($"t={time}"));
    }
}
