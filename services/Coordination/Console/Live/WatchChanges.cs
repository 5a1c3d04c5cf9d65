using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using OtPlatform.Contracts.Triage;
using OtPlatform.Coordination.Journal;

namespace OtPlatform.Coordination.Console.Live;

/// <summary>Server-sent events for an open page: that something of what it shows has changed. What has changed, the page asks for itself.</summary>
public static class WatchChanges
{
    public const string Path = "/live";

    /// <summary>Narrows what is watched to policies and instruments.</summary>
    public const string Rules = "rules";

    /// <summary>Narrows what is watched to what is counted.</summary>
    public const string Counted = "counted";

    /// <summary>Narrows what is watched to the pool of experts.</summary>
    public const string Pool = "pool";

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    // Many changes at once are one change to a reader.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(250);

    public static void MapLive(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Path, async (HttpContext http, JournalFeed feed, IHostApplicationLifetime lifetime, long? after, Guid? consultation, string? about) =>
        {
            var visitor = Visit.Of(http).Visitor!;
            var position = long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : after ?? await feed.Last(http.RequestAborted);
            var session = (await http.AuthenticateAsync(ConsoleSession.Scheme)).Properties?.ExpiresUtc ?? TimeProvider.System.GetUtcNow();
            http.Response.Headers.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
            try
            {
                await Send(http, ": open\n\n");
                while (TimeProvider.System.GetUtcNow() < session)
                {
                    var changed = await Next(feed, position, entry => Concerns(entry, visitor, consultation, about), ending.Token);
                    position = changed.Position;
                    await Send(http, changed.Found ? $"id: {position.ToString(CultureInfo.InvariantCulture)}\nevent: changed\ndata:\n\n" : ": still here\n\n");
                    if (changed.Found)
                    {
                        await Task.Delay(Rest, ending.Token);
                    }
                }

                await Send(http, "event: ended\ndata:\n\n");
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                // The reader has gone, or this process ends: the browser comes again with the last id it has seen.
            }
        });

    /// <summary>Whether an entry changes what the visitor sees.</summary>
    /// <param name="about"><see cref="Rules"/>, <see cref="Counted"/>, <see cref="Pool"/>, or null for the consultations.</param>
    public static bool Concerns(JournalEntry entry, Visitor visitor, Guid? consultation, string? about = null)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(visitor);
        return about switch
        {
            Rules => visitor.ReadsPolicies && (entry.What is nameof(PolicyPublished) or nameof(InstrumentPublished)),
            Pool => visitor.ReadsExperts && entry.Source == Experts.PoolOwner.Source,
            Counted => (entry.What is nameof(RouteDecided) or nameof(PhenomenonSignalled) or nameof(ServiceGapRecorded)) && ConcernsConsultation(entry, visitor, consultation),
            _ => ConcernsConsultation(entry, visitor, consultation),
        };
    }

    private static bool ConcernsConsultation(JournalEntry entry, Visitor visitor, Guid? consultation) => entry.After is { } after && visitor switch
    {
        { ReadsQueues: true } => after.Area == visitor.Area && (consultation is null || consultation == after.Id),
        { Expert: { } expert } => after.HasAsked(expert),
        { Receiver: { } receiver } => after.Receivers.Contains(receiver),
        _ => false,
    };

    /// <summary>How far the journal was read, and whether something on the way concerned the reader; comes back without after a while.</summary>
    private static async Task<(long Position, bool Found)> Next(JournalFeed feed, long position, Func<JournalEntry, bool> concerns, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Heartbeat);
        try
        {
            while (true)
            {
                var last = await feed.Beyond(position, patience.Token);
                while (position < last)
                {
                    var entries = await feed.Read(position, cancellation);
                    position = entries[^1].Position;
                    if (entries.Any(concerns))
                    {
                        return (Math.Max(position, last), true);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (position, false);
        }
    }

    private static async Task Send(HttpContext http, string text)
    {
        await http.Response.WriteAsync(text, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
