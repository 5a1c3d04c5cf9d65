using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OtPlatform.Platform.Messaging;

internal static class Spans
{
    public const string Name = "OtPlatform.Platform";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> Published = Meter.CreateCounter<long>("otplatform.message.published", "{message}", "Messages that the broker confirmed");
}
