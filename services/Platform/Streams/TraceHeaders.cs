namespace OtPlatform.Platform.Streams;

internal static class TraceHeaders
{
    /// <summary>W3C traceparent of the span that appended an event, so that its publication continues the same trace.</summary>
    public const string Parent = "traceparent";
}
