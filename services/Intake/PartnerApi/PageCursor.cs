using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using OtPlatform.Platform.Http;

namespace OtPlatform.Intake.PartnerApi;

/// <summary>
/// Where a page ended: the id of its last entry (16 bytes) and a mark (8 bytes) of the list that it was a page of, in base64url. On another
/// list, of another caller or by another status, it would leave entries out in silence; there it is refused.
/// </summary>
/// <param name="List">Which list it is, whose and about what.</param>
/// <param name="Statuses">The codes by which the list can be narrowed.</param>
public sealed record PageCursor(string List, IReadOnlyCollection<string> Statuses)
{
    private const int IdLength = 16;
    private const int MarkLength = 8;

    public string After(Guid last, string? status) => Base64Url.EncodeToString([.. last.ToByteArray(bigEndian: true), .. Mark(last, status)]);

    /// <summary>The last entry of the page before, and the status that the list goes on with: the same also where only the cursor was sent.</summary>
    /// <param name="field">What the caller calls the cursor.</param>
    /// <exception cref="InvalidInputException">Not a cursor of this list.</exception>
    public (Guid Last, string? Status) Read(string cursor, string? status, string field)
    {
        Span<byte> bytes = stackalloc byte[IdLength + MarkLength];
        if (cursor.Length == Base64Url.GetEncodedLength(bytes.Length) && Base64Url.IsValid(cursor) && Base64Url.TryDecodeFromChars(cursor, bytes, out var length) && length == bytes.Length)
        {
            var last = new Guid(bytes[..IdLength], bigEndian: true);
            foreach (var possible in Possible(status))
            {
                if (bytes[IdLength..].SequenceEqual(Mark(last, possible)))
                {
                    return (last, possible);
                }
            }
        }

        throw new InvalidInputException(field, "Send the cursor exactly as the last page of the same list gave it.");
    }

    /// <summary>The same for a list that is in the order of a position.</summary>
    public string AfterPosition(long last) => After(new Guid([0, 0, 0, 0, 0, 0, 0, 0, .. BigEndian(last)], bigEndian: true), null);

    /// <inheritdoc cref="Read"/>
    public long ReadPosition(string cursor, string field) => BinaryPrimitives.ReadInt64BigEndian(Read(cursor, null, field).Last.ToByteArray(bigEndian: true).AsSpan(IdLength - sizeof(long)));

    private static byte[] BigEndian(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    private IEnumerable<string?> Possible(string? status) => status is { Length: > 0 } ? [status] : Statuses.Prepend<string?>(null);

    private ReadOnlySpan<byte> Mark(Guid last, string? status) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', List, string.IsNullOrEmpty(status) ? string.Empty : status, last))).AsSpan(0, MarkLength);
}
