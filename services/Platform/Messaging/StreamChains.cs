using System.Collections.Frozen;
using JasperFx.Events;
using Marten;
using OtPlatform.Contracts;

namespace OtPlatform.Platform.Messaging;

/// <summary>
/// Which message of a stream went to a queue before the one at hand. It follows from the stream alone, so it is the same whoever
/// works it out and whenever; what was worked out last is remembered per stream, to spare the reading.
/// </summary>
internal sealed class StreamChains(RelayDefinition definition)
{
    private const int MostRemembered = 20_000;

    private static readonly FrozenDictionary<Type, string[]> InOrder = Topology.Subscriptions
        .Where(subscription => subscription.InOrder)
        .SelectMany(subscription => subscription.Messages.Select(message => (message, subscription.Queue)))
        .GroupBy(pair => pair.message, pair => pair.Queue)
        .ToFrozenDictionary(group => group.Key, group => group.ToArray());

    private readonly Dictionary<Guid, Tail> _tails = [];

    /// <summary>The in-order queues that take a message.</summary>
    public static IReadOnlyList<string> QueuesOf(object? message) => message is not null && InOrder.TryGetValue(message.GetType(), out var queues) ? queues : [];

    /// <summary>By queue that takes <paramref name="message"/>: the version before; then <paramref name="happened"/> is the last one.</summary>
    public async Task<IReadOnlyDictionary<string, long>> Before(IEvent happened, object? message, IQuerySession session, CancellationToken cancellation)
    {
        if (!_tails.TryGetValue(happened.StreamId, out var tail) || tail.Version != happened.Version - 1)
        {
            tail = happened.Version == 1 ? new Tail() : await ReadTail(happened, session, cancellation);
            if (_tails.Count >= MostRemembered)
            {
                _tails.Clear();
            }

            _tails[happened.StreamId] = tail;
        }

        return tail.Take(happened.Version, QueuesOf(message));
    }

    public void Forget(Guid stream) => _tails.Remove(stream);

    private async Task<Tail> ReadTail(IEvent happened, IQuerySession session, CancellationToken cancellation)
    {
        var tail = new Tail();
        foreach (var earlier in await session.Events.FetchStreamAsync(happened.StreamId, version: happened.Version - 1, token: cancellation))
        {
            tail.Take(earlier.Version, QueuesOf(definition.Map(earlier.Data)));
        }

        tail.Take(happened.Version - 1, []);
        return tail;
    }

    private sealed class Tail
    {
        private static readonly FrozenDictionary<string, long> None = FrozenDictionary<string, long>.Empty;
        private readonly Dictionary<string, long> _last = [];

        public long Version { get; private set; }

        public IReadOnlyDictionary<string, long> Take(long version, IReadOnlyList<string> queues)
        {
            Version = version;
            if (queues.Count == 0)
            {
                return None;
            }

            var before = queues.ToDictionary(queue => queue, queue => _last.GetValueOrDefault(queue));
            foreach (var queue in queues)
            {
                _last[queue] = version;
            }

            return before;
        }
    }
}
