using System.Globalization;
using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Topics;

/// <summary>The topics as this process's catalogue has them: shipped, defined and retired.</summary>
internal static class TopicList
{
    private const int LargestPage = 100;
    private const int UsualPage = 50;

    /// <summary>A page by code, and the cursor of the next one; null on the last.</summary>
    /// <exception cref="InvalidInputException">Too large a page.</exception>
    public static (IReadOnlyList<Topic> Items, string? Next) Page(WantedPage wanted, Catalogue catalogue, DateOnly today)
    {
        var size = PageSize.Of(wanted.Size, UsualPage, LargestPage, wanted.SizeName);
        var found = catalogue.Topics
            .Where(topic => (wanted.AlsoEnded || !IsOver(topic, today)) && (wanted.Topic is null or "" || topic.Code == wanted.Topic) && string.CompareOrdinal(topic.Code, wanted.Cursor) > 0)
            .OrderBy(topic => topic.Code, StringComparer.Ordinal)
            .Take(size + 1)
            .ToList();
        return found.Count > size ? (found[..size], found[size - 1].Code) : (found, null);
    }

    public static Wire.Topic Of(Topic topic, DateOnly today) => new()
    {
        Code = topic.Code,
        Name = new Wire.Name { Fi = topic.Fi, Sv = topic.Sv, En = topic.En },
        Class = topic.Class,
        RareByDefault = topic.RareByDefault,
        Level = topic.Level,
        ImpliesMarks = { topic.ImpliesMarks },
        Sectors = { topic.Sectors },
        Urgency = JsonNamingPolicy.CamelCase.ConvertName(topic.Urgency.ToString()),
        ValidFrom = Day(topic.ValidFrom),
        LastDay = topic.ValidUntil is { } last ? Day(last) : string.Empty,
        Retired = IsOver(topic, today),
    };

    private static bool IsOver(Topic topic, DateOnly today) => topic.ValidUntil < today;

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
