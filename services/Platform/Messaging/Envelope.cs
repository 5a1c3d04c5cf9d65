namespace OtPlatform.Platform.Messaging;

/// <summary>Where a message comes from; travels in headers beside the body.</summary>
/// <param name="Source">The publishing service.</param>
/// <param name="StreamId">The aggregate that the fact is about.</param>
/// <param name="StreamVersion">Version of the stream with this event.</param>
/// <param name="Relay">Which of the source's relays published it; each counts by itself.</param>
/// <param name="Position">Position in the source's store.</param>
/// <param name="PreviousPosition">Position of the message that the same relay published before this one; 0 for its first.</param>
public sealed record Envelope(string Source, string Relay, Guid StreamId, long StreamVersion, long Position, long PreviousPosition)
{
    public const string SourceHeader = "ot-source";
    public const string RelayHeader = "ot-relay";
    public const string StreamIdHeader = "ot-stream-id";
    public const string StreamVersionHeader = "ot-stream-version";
    public const string PositionHeader = "ot-position";
    public const string PreviousPositionHeader = "ot-previous-position";

    /// <summary>W3C trace context of the change, also where nothing collects traces.</summary>
    public const string TraceparentHeader = "ot-traceparent";
}
