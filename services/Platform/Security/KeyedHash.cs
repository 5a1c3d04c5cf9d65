using System.Security.Cryptography;
using System.Text;

namespace OtPlatform.Platform.Security;

/// <summary>
/// Pseudonyms by HMAC-SHA256: the same parts give the same pseudonym wherever the key is the same, and without the key nobody
/// can try inputs. Spaces around a part do not count.
/// </summary>
public sealed class KeyedHash
{
    private const int IdLength = 16;

    private readonly byte[] _key;

    /// <param name="keyFile">File with the key, as <see cref="Secrets.Read"/> takes it.</param>
    public KeyedHash(string keyFile) => _key = Secrets.Read(keyFile);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public string Text(params string[] parts) => Convert.ToHexStringLower(Hash(parts));

    /// <summary>The beginning of the same hash, as an id.</summary>
    public Guid Id(params string[] parts) => new(Hash(parts).AsSpan(0, IdLength));

    /// <summary>Fingerprint of bytes; <paramref name="purpose"/> keeps it apart from other uses of the key.</summary>
    public string Of(string purpose, byte[] bytes) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, (byte[])[.. Encoding.UTF8.GetBytes(purpose), 0, .. bytes]));

    private byte[] Hash(string[] parts) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(string.Join('\0', parts.Select(part => part.Trim()))));
}
