using System.Globalization;
using MassTransit;

namespace OtPlatform.Platform.Messaging;

/// <summary>Where a message comes from; travels in headers beside the body.</summary>
/// <param name="Source">The publishing service.</param>
/// <param name="StreamId">The aggregate that the fact is about.</param>
/// <param name="StreamVersion">Version of the stream with this event.</param>
/// <param name="Relay">Which of the source's relays published it; each counts by itself.</param>
/// <param name="Position">Position in the source's store.</param>
/// <param name="PreviousPosition">Position of the message that the same relay published before this one; 0 for its first.</param>
/// <param name="PreviousVersions">By in-order queue: version of the message of this stream that went to the queue before this one; 0 for the first.</param>
public sealed record Envelope(
    string Source, string Relay, Guid StreamId, long StreamVersion, long Position, long PreviousPosition, IReadOnlyDictionary<string, long> PreviousVersions)
{
    public const string SourceHeader = "ot-source";
    public const string RelayHeader = "ot-relay";
    public const string StreamIdHeader = "ot-stream-id";
    public const string StreamVersionHeader = "ot-stream-version";
    public const string PositionHeader = "ot-position";
    public const string PreviousPositionHeader = "ot-previous-position";

    /// <summary><c>queue=version</c>, separated by commas.</summary>
    public const string PreviousVersionsHeader = "ot-previous-versions";

    /// <summary>Set on a message that its owner sent once more because an erasure has changed the event that it tells of: of when the erasure is.</summary>
    public const string RenewedHeader = "ot-renewed";

    /// <summary>W3C trace context of the change, also where nothing collects traces.</summary>
    public const string TraceparentHeader = "ot-traceparent";

    internal void Stamp(SendContext context)
    {
        context.Headers.Set(SourceHeader, Source);
        context.Headers.Set(RelayHeader, Relay);
        context.Headers.Set(StreamIdHeader, StreamId.ToString());
        context.Headers.Set(StreamVersionHeader, StreamVersion);
        context.Headers.Set(PositionHeader, Position);
        context.Headers.Set(PreviousPositionHeader, PreviousPosition);
        if (PreviousVersions.Count > 0)
        {
            context.Headers.Set(PreviousVersionsHeader, string.Join(',', PreviousVersions.Select(previous => string.Create(CultureInfo.InvariantCulture, $"{previous.Key}={previous.Value}"))));
        }
    }

    /// <summary>Version of the message of the same stream that <paramref name="queue"/> got before; null when the sender does not say.</summary>
    internal static long? PreviousVersion(string? header, string queue)
    {
        foreach (var part in (header ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('=') is [var name, var version] && name == queue && long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var previous))
            {
                return previous;
            }
        }

        return null;
    }
}
