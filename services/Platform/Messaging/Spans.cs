using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OtPlatform.Platform.Messaging;

internal static class Spans
{
    public const string Name = "OtPlatform.Platform";

    public static readonly ActivitySource Source = new(Name);

    public static readonly Meter Meter = new(Name);

    public static readonly Counter<long> Published = Meter.CreateCounter<long>("otplatform.message.published", "{message}", "Messages that the broker confirmed");

    public static readonly Histogram<double> Lag = Meter.CreateHistogram<double>("otplatform.relay.lag", "s", "From an event's time to the broker's confirmation of its message");

    public static readonly Counter<long> Repeated = Meter.CreateCounter<long>("otplatform.message.repeated", "{message}", "Messages that had been done before and were passed over");

    public static readonly Counter<long> Parked = Meter.CreateCounter<long>("otplatform.message.parked", "{message}", "Messages set aside because an earlier one of their stream is missing, or because they came too early");

    public static readonly Counter<long> Replays = Meter.CreateCounter<long>("otplatform.message.replay_requested", "{request}", "Replays asked for to fill a gap");

    public static readonly Counter<long> SetAside = Meter.CreateCounter<long>("otplatform.subscription.set_aside", "{event}", "Events that a read model could not take and that stand among the dead letters");
}
