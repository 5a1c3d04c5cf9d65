using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OtPlatform.Platform.Messaging;

/// <summary>A stream that a relay cannot publish further: one of its events cannot be read, or no message can be made of it.</summary>
public sealed record ParkedStream
{
    /// <summary><c>relay:stream</c>.</summary>
    public required string Id { get; init; }

    public required string Relay { get; init; }

    public required Guid StreamId { get; init; }

    /// <summary>The event that could not be read or mapped; nothing of the stream from here on has been published.</summary>
    public required long FromVersion { get; init; }

    /// <summary>Position of the newest event that the relay has passed over; later ones it has not seen.</summary>
    public required long ThroughPosition { get; init; }

    /// <summary>Type of the exception, never its text; <c>UnreadEvent</c> when the store could not read the event.</summary>
    public required string Reason { get; init; }

    public required DateTimeOffset ParkedAt { get; init; }

    public int Attempts { get; init; }

    public required DateTimeOffset TryAt { get; init; }
}

/// <summary>The parked streams as one page of the relay sees and changes them.</summary>
internal sealed class ParkedInPage(string relay, IEnumerable<ParkedStream> known)
{
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(30);
    private readonly Dictionary<Guid, ParkedStream> _parked = known.ToDictionary(stream => stream.StreamId);
    private readonly HashSet<Guid> _added = [];
    private readonly HashSet<Guid> _extended = [];

    public bool IsEmpty => _parked.Count == 0;

    public bool Holds(Guid streamId, long position)
    {
        if (!_parked.TryGetValue(streamId, out var stream))
        {
            return false;
        }

        if (position > stream.ThroughPosition)
        {
            _parked[streamId] = stream with { ThroughPosition = position };
            _extended.Add(streamId);
        }

        return true;
    }

    public void Park(Guid streamId, long version, long position, string reason, DateTimeOffset now)
    {
        _added.Add(streamId);
        _parked[streamId] = new ParkedStream
        {
            Id = $"{relay}:{streamId}",
            Relay = relay,
            StreamId = streamId,
            FromVersion = version,
            ThroughPosition = position,
            Reason = reason,
            ParkedAt = now,
            TryAt = now + FirstRest,
        };
    }

    public void Write(IDocumentOperations operations)
    {
        foreach (var stream in _added)
        {
            operations.Store(_parked[stream]);
        }

        // Updated and not stored: should it have been published and removed meanwhile, this page has to be looked at anew.
        foreach (var stream in _extended.Except(_added))
        {
            operations.Update(_parked[stream]);
        }
    }
}

/// <summary>Tries parked streams again from time to time, and publishes what was held back as soon as it can be read and mapped.</summary>
public sealed partial class ParkedStreams(
    IDocumentStore store, ServiceIdentity service, IEnumerable<RelayDefinition> relays, Publisher publisher, TimeProvider clock, ILogger<ParkedStreams> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(10);

    // Should this process freeze in the middle, the relay can go on after that.
    private const string LongestLock = "30s";
    private static long _count;

    private readonly Dictionary<string, RelayDefinition> _relays = relays.ToDictionary(relay => relay.Name);

    static ParkedStreams() =>
        Spans.Meter.CreateObservableGauge("otplatform.relay.parked_streams", () => Interlocked.Read(ref _count), "{stream}", "Streams that a relay cannot publish further");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await TryOne(stoppingToken))
                {
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(logger, exception);
            }
        }
    }

    /// <summary>Tries the one that is due first; false when none is. The row is locked meanwhile, so the relay cannot pass over more of the stream.</summary>
    private async Task<bool> TryOne(CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        Interlocked.Exchange(ref _count, (await session.AdvancedSql.QueryAsync<long>($"select count(*) from {Hosting.StoreExtensions.Schema}.mt_doc_parkedstream", cancellation))[0]);
        await session.AdvancedSql.QueryAsync<string>("select set_config('idle_in_transaction_session_timeout', ?, true)", cancellation, LongestLock);
        var due = await session.QueryAsync<ParkedStream>(
            "where try_at <= ? and data ->> 'relay' = any(?) order by try_at limit 1 for update skip locked", cancellation, clock.GetUtcNow(), _relays.Keys.ToArray());
        if (due is not [var parked])
        {
            return false;
        }

        if (await Publish(parked, session, cancellation))
        {
            session.Delete<ParkedStream>(parked.Id);
        }
        else
        {
            var rest = Pause * Math.Pow(2, Math.Min(parked.Attempts + 1, 10));
            session.Update(parked with { Attempts = parked.Attempts + 1, TryAt = clock.GetUtcNow() + (rest < LongestRest ? rest : LongestRest) });
        }

        await session.SaveChangesAsync(cancellation);
        return true;
    }

    private async Task<bool> Publish(ParkedStream parked, IDocumentSession session, CancellationToken cancellation)
    {
        try
        {
            var held = await Held(parked, _relays[parked.Relay], session, cancellation);
            foreach (var item in held)
            {
                await item.Send((message, stamp) => publisher.Publish(message, stamp, cancellation));
            }

            Published(logger, parked.Relay, parked.StreamId, held.Count);
            return true;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && !IsOfTheStore(exception))
        {
            StillParked(logger, parked.Relay, parked.StreamId, parked.Attempts + 1, exception);
            return false;
        }
    }

    private async Task<List<Outgoing>> Held(ParkedStream parked, RelayDefinition relay, IDocumentSession session, CancellationToken cancellation)
    {
        var stream = await session.Events.FetchStreamAsync(parked.StreamId, fromVersion: parked.FromVersion, token: cancellation);
        if (stream.All(happened => happened.Version != parked.FromVersion))
        {
            throw new InvalidOperationException("The event that could not be read or mapped is not to be had, archived for example.");
        }

        var chains = new StreamChains(relay);
        var held = new List<Outgoing>();
        foreach (var happened in stream.Where(happened => happened.Sequence <= parked.ThroughPosition && (relay.Only.Length == 0 || relay.Only.Contains(happened.EventType))))
        {
            if (await Relay.MessageOf(service.Name, relay, chains, happened, 0, session, cancellation) is { } message)
            {
                held.Add(message);
            }
        }

        return held;
    }

    private static bool IsOfTheStore(Exception exception) => exception is NpgsqlException || (exception.InnerException is { } inner && IsOfTheStore(inner));

    [LoggerMessage(Level = LogLevel.Error, Message = "Relay {Relay} still cannot publish stream {StreamId} after {Attempts} more attempts")]
    private static partial void StillParked(ILogger logger, string relay, Guid streamId, int attempts, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Relay {Relay} has published stream {StreamId} again: {Count} messages that were held back")]
    private static partial void Published(ILogger logger, string relay, Guid streamId, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Parked streams could not be looked at; tried again")]
    private static partial void Failed(ILogger logger, Exception exception);
}
