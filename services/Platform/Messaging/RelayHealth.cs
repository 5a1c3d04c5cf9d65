using System.Collections.Frozen;

namespace OtPlatform.Platform.Messaging;

/// <summary>Which relays stand still, and since when; part of readiness.</summary>
public sealed class RelayHealth(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DateTimeOffset Since, string Reason)> _failing = [];

    public IReadOnlyDictionary<string, (DateTimeOffset Since, string Reason)> Failing
    {
        get
        {
            lock (_gate)
            {
                return _failing.ToFrozenDictionary();
            }
        }
    }

    internal void Failed(string relay, Exception exception)
    {
        lock (_gate)
        {
            _failing.TryAdd(relay, (clock.GetUtcNow(), exception.GetType().Name));
        }
    }

    internal void Passed(string relay)
    {
        lock (_gate)
        {
            _failing.Remove(relay);
        }
    }
}
