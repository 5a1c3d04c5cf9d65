using System.Globalization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Topics;

/// <summary>No new request and no new competence gets the topic after its last day; what has it already goes on. Until it is defined anew.</summary>
public static class RetireTopic
{
    /// <param name="IsShipped">The product is shipped with it, so that it need not have been defined.</param>
    public sealed record Command(Guid TopicId, string Code, DateOnly LastDay, bool IsShipped, DateTimeOffset Now);

    public static Decision<TopicEvent> Decide(CatalogueTopic state, Command command) => state switch
    {
        { Topic: null } when !command.IsShipped => CatalogueTopic.Unknown,
        { LastDay: { } last } when last == command.LastDay || IsOverAnyway(last, command) => Decision<TopicEvent>.Nothing,
        _ => new TopicRetired(command.TopicId, command.Code, command.LastDay, command.Now),
    };

    private static bool IsOverAnyway(DateOnly last, Command command) => DateOnly.FromDateTime(command.Now.UtcDateTime) is var today && last < today && command.LastDay < today;

    /// <param name="lastDay">ISO 8601 date; yesterday when it is missing, so that it holds at once.</param>
    /// <exception cref="InvalidInputException">No code, or no date.</exception>
    internal static Command From(string? code, string? lastDay, Catalogue catalogue, DateTimeOffset now)
    {
        var known = TopicRules.CodeOf(code);
        var last = string.IsNullOrEmpty(lastDay) ? DateOnly.FromDateTime(now.UtcDateTime).AddDays(-1)
            : DateOnly.TryParseExact(lastDay, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
            : throw new InvalidInputException("$.lastDay", "A date as 2026-12-31.");
        return new Command(CatalogueTopic.IdOf(known), known, last, catalogue.Topics.Any(topic => topic.Code == known), now);
    }
}
