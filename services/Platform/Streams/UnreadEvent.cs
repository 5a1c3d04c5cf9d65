using JasperFx.Events.Projections;
using Marten;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Platform.Streams;

/// <summary>An event that is stored but that the store could not read: its type is unknown or its body is broken. No subscription gets it.</summary>
internal sealed record UnreadEvent(long Sequence, Guid StreamId, long Version)
{
    /// <summary>
    /// What lies after <paramref name="floor"/> up to the end of the page and is not in it, in the order of the store. The numbers alone
    /// tell it, so it does not depend on what the daemon writes down about what it passes over.
    /// </summary>
    /// <param name="only">The types that the subscription asked for; empty for all.</param>
    public static async Task<IReadOnlyList<UnreadEvent>> In(
        EventRange page, long floor, IReadOnlyCollection<Type> only, bool withArchived, IQuerySession session, CancellationToken cancellation)
    {
        if (page.SequenceCeiling - floor == page.Events.Count)
        {
            return [];
        }

        // What the store writes for appends that failed is no event of ours.
        var found = await session.AdvancedSql.QueryAsync<long, Guid, long>(
            $"""
            select row(seq_id), row(stream_id), row(version) from {StoreExtensions.Schema}.mt_events
            where seq_id > ? and seq_id <= ? and seq_id <> all(?) and type <> 'tombstone' and (? or not is_archived) and (? or mt_dotnet_type = any(?))
            order by seq_id
            """,
            cancellation,
            floor,
            page.SequenceCeiling,
            page.Events.Select(happened => happened.Sequence).ToArray(),
            withArchived,
            only.Count == 0,
            only.Select(type => $"{type.FullName}, {type.Assembly.GetName().Name}").ToArray());
        return [.. found.Select(row => new UnreadEvent(row.Item1, row.Item2, row.Item3))];
    }
}
