using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool;

/// <summary>Which page of a list of the catalogue is asked for.</summary>
/// <param name="Topic">Only what knows of it; null or empty for all.</param>
/// <param name="AlsoEnded">Also what is over.</param>
/// <param name="CursorName">What the caller calls the cursor.</param>
/// <param name="SizeName">What the caller calls the size.</param>
internal sealed record WantedPage(string? Topic, bool AlsoEnded, string? Cursor, int? Size, string CursorName = "cursor", string SizeName = "size")
{
    private const int LargestPage = 100;
    private const int UsualPage = 50;

    /// <summary>The page, by id, and the cursor of the next one; null on the last.</summary>
    /// <param name="present">Raw SQL condition of what is not over, with <c>?</c> placeholders.</param>
    /// <exception cref="InvalidInputException">An unknown topic or cursor, or too large a page.</exception>
    public async Task<(IReadOnlyList<T> Items, string? Next)> Of<T>(
        StreamStore streams, Catalogue catalogue, (string Condition, object[] Parameters) present, Func<T, Guid> idOf, CancellationToken cancellation)
        where T : class
    {
        var conditions = new List<string>();
        var parameters = new List<object>();
        void Only(string condition, params object[] values)
        {
            conditions.Add(condition);
            parameters.AddRange(values);
        }

        if (Topic is { Length: > 0 } topic)
        {
            Only("jsonb_exists(data -> 'facts' -> 'topics', ?)", catalogue.Topics.Any(known => known.Code == topic) ? topic : throw new InvalidInputException("topic", "Not a known code of this list."));
        }

        if (!AlsoEnded)
        {
            Only(present.Condition, present.Parameters);
        }

        if (Cursor is { Length: > 0 } cursor)
        {
            Only("id > ?", Guid.TryParseExact(cursor, "N", out var after) ? after : throw new InvalidInputException(CursorName, "Send the cursor exactly as the last page gave it."));
        }

        var take = PageSize.Of(Size, UsualPage, LargestPage, SizeName);
        var condition = conditions.Count == 0 ? string.Empty : $"where {string.Join(" and ", conditions)}";
        var found = await streams.Query<T>($"{condition} order by id limit ?", cancellation, [.. parameters, take + 1]);
        return ([.. found.Take(take)], found.Count > take ? idOf(found[take - 1]).ToString("N") : null);
    }
}
