using System.Text.RegularExpressions;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Topics;

/// <summary>A topic as somebody describes one. Everything may be missing here; <see cref="TopicRules"/> says what may not.</summary>
/// <param name="ValidFrom">ISO 8601 date; today when it is missing.</param>
public sealed record TopicBody(
    string? Code, NameBody? Name, string? Class, bool RareByDefault, string? Level, IReadOnlyList<string?>? ImpliesMarks, IReadOnlyList<string?>? Sectors, string? Urgency, string? ValidFrom);

/// <summary>Collects what is wrong with what is said of a topic, by JSON path; never repeats a value.</summary>
public sealed partial class TopicRules(Catalogue catalogue, DateOnly today) : BodyRules(catalogue, today)
{
    // As in contracts/catalogue/schemas/topics.schema.json: the policy's rows speak of these.
    public static readonly IReadOnlyList<string> Classes = ["mostDemanding", "multidisciplinary", "basic", "rareProblem", "systemProblem", "emerging"];
    public static readonly IReadOnlyList<string> Levels = ["any", "special"];

    /// <summary>The topic of a body.</summary>
    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    public static Topic Facts(TopicBody body, Catalogue catalogue, DateOnly today)
    {
        var rules = new TopicRules(catalogue, today);
        var topic = rules.Check(body);
        rules.ThrowIfWrong();
        return topic;
    }

    /// <exception cref="InvalidInputException">It is no code.</exception>
    internal static string CodeOf(string? code) =>
        code is not null && TopicCode().IsMatch(code) ? code : throw new InvalidInputException("$.code", CodeForm);

    private const string CodeForm = "Required: a code of letters, digits, dots and hyphens that begins with a letter, 64 at most.";

    private Topic Check(TopicBody body)
    {
        if (body.Code is null || !TopicCode().IsMatch(body.Code))
        {
            Errors["$.code"] = CodeForm;
        }

        OneOf("$.class", body.Class, Classes);
        OneOf("$.level", body.Level, Levels);
        OneOf("$.urgency", body.Urgency, Catalogue.Codes.Urgencies);
        var name = Name(body.Name);
        return new Topic(
            body.Code ?? string.Empty,
            body.Class ?? string.Empty,
            body.RareByDefault,
            body.Level ?? string.Empty,
            Codes("$.impliesMarks", body.ImpliesMarks, Catalogue.Codes.Marks),
            SomeOf("$.sectors", body.Sectors, Catalogue.Codes.Sectors),
            Enum.TryParse<Urgency>(body.Urgency, ignoreCase: true, out var urgency) ? urgency : default,
            name.Fi,
            name.Sv,
            name.En,
            Date("$.validFrom", body.ValidFrom) ?? Today);
    }

    [GeneratedRegex(@"^[a-zA-Z][a-zA-Z0-9.\-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TopicCode();
}

/// <summary>Something that requests are about gets a code, or is described anew; the newest description holds, and takes up again what was retired.</summary>
public static class DefineTopic
{
    /// <param name="Known">The topic as the catalogue has it, also as shipped; null for a new one.</param>
    public sealed record Command(Guid TopicId, Topic Topic, Topic? Known, DateTimeOffset Now);

    public static Decision<TopicEvent> Decide(CatalogueTopic state, Command command) => state switch
    {
        { LastDay: null, Topic: { } defined } when CatalogueTopic.AreSame(defined, command.Topic) => Decision<TopicEvent>.Nothing,
        { LastDay: null, Topic: null } when command.Known is { } shipped && CatalogueTopic.AreSame(shipped, command.Topic) => Decision<TopicEvent>.Nothing,
        _ => new TopicDefined(command.TopicId, command.Topic, command.Now),
    };

    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    internal static Command From(TopicBody body, Catalogue catalogue, DateTimeOffset now)
    {
        var known = catalogue.Topics.FirstOrDefault(topic => topic.Code == body.Code);

        // The first day of a topic that is known already stays where nobody says another.
        var topic = TopicRules.Facts(body with { ValidFrom = string.IsNullOrEmpty(body.ValidFrom) ? known?.ValidFrom.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) : body.ValidFrom }, catalogue, DateOnly.FromDateTime(now.UtcDateTime));
        return new Command(CatalogueTopic.IdOf(topic.Code), topic, known, now);
    }
}
