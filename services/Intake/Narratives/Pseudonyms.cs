using System.Security.Cryptography;
using System.Text;
using OtPlatform.Platform.Security;

namespace OtPlatform.Intake.Narratives;

/// <summary>The key of Intake's keyed hashes.</summary>
public sealed record PseudonymOptions
{
    /// <summary>File with the key (32 bytes, base64).</summary>
    public required string MatterKeyFile { get; init; }
}

/// <summary>Keyed hashes (HMAC-SHA256): the same input gives the same pseudonym, and without the key nobody can try inputs.</summary>
public sealed class Pseudonyms(PseudonymOptions options)
{
    private readonly byte[] _key = Secrets.Read(options.MatterKeyFile);

    /// <summary>The matter of a partner's client; the same for every request about the same client reference.</summary>
    public string Matter(string organisation, string clientRef) => Convert.ToHexStringLower(Hash("matter", organisation, clientRef.Trim()));

    /// <summary>Stable id of a unit of an organisation.</summary>
    public Guid Unit(string organisation, string unit) => new(Hash("unit", organisation, unit.Trim()).AsSpan(0, 16));

    /// <summary>Fingerprint of a request body.</summary>
    public string Body(byte[] body) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, (byte[])[.. "body\0"u8, .. body]));

    private byte[] Hash(params string[] parts) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(string.Join('\0', parts)));
}
