using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OtPlatform.Platform.Hosting;

/// <summary>New ids, made at the edge and carried in the command: version-7 Guids, sortable by time; or derived from what they belong to.</summary>
public static class Ids
{
    private const int CounterBits = 12;
    private const long LongestStepBack = 10_000L << CounterBits;
    private static long _newest;

    /// <summary>
    /// Sorts after every id that this process has made before, also within a millisecond and when the clock was set back by up to ten seconds:
    /// the bits after the time count (RFC 9562, 6.2). A clock that is further behind is another clock, and is taken as it is.
    /// </summary>
    public static Guid New(DateTimeOffset now)
    {
        var wanted = now.ToUnixTimeMilliseconds() << CounterBits;
        long newest, next;
        do
        {
            newest = Interlocked.Read(ref _newest);
            next = newest >= wanted && newest - wanted < LongestStepBack ? newest + 1 : wanted;
        }
        while (Interlocked.CompareExchange(ref _newest, next, newest) != newest);
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes[8..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes, next >> CounterBits << 16);
        BinaryPrimitives.WriteInt16BigEndian(bytes[6..], (short)(0x7000 | (next & 0x0FFF)));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The same id for the same parts, always: a version-8 Guid (RFC 9562) from their SHA-256.</summary>
    public static Guid Derived(params object[] parts)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
