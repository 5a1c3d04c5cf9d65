using System.Security.Cryptography;
using System.Text;

namespace OtPlatform.Platform.Hosting;

/// <summary>New ids, made at the edge and carried in the command: version-7 Guids, sortable by time; or derived from what they belong to.</summary>
public static class Ids
{
    public static Guid New(DateTimeOffset now) => Guid.CreateVersion7(now);

    /// <summary>The same id for the same parts, always: a version-8 Guid (RFC 9562) from their SHA-256.</summary>
    public static Guid Derived(params object[] parts)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
