using System.Text.Json.Nodes;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.PolicyVersions;

/// <summary>A draft becomes the next version, in force from a day on, for cases that begin then.</summary>
public static class PublishPolicy
{
    public static readonly Rejection NothingDrafted = new("triage.policy-not-drafted", "There is no draft to publish.");
    public static readonly Rejection AnotherDraft = new("triage.policy-draft-replaced", "Another draft has taken the place of the one that was to be published.");
    public static readonly Rejection Faulty = new("triage.policy-faulty", "The draft has faults; Validate lists them.");
    public static readonly Rejection InThePast = new("triage.policy-in-past", "A policy is in force from today at the earliest: what has been decided is not changed.");

    /// <param name="Today">The day in the policy's time zone.</param>
    /// <param name="DayBegins">When <paramref name="EffectiveFrom"/> begins, UTC.</param>
    /// <param name="FaultsOf">What is wrong with a document.</param>
    public sealed record Command(
        Guid DraftId, DateOnly EffectiveFrom, DateOnly Today, DateTimeOffset DayBegins, Func<string, IReadOnlyList<PolicyFault>> FaultsOf, string PublishedBy, DateTimeOffset Now);

    public static Decision<PolicyEvent> Decide(PolicyHistory state, Command command) => state switch
    {
        { LastDraft: { } published } when published == command.DraftId => Decision<PolicyEvent>.Nothing,
        { Draft: null } => NothingDrafted,
        { Draft.Id: var draft } when draft != command.DraftId => AnotherDraft,
        _ when command.EffectiveFrom < command.Today => InThePast,
        { Draft: { } draft } when command.FaultsOf(draft.Content).Count > 0 => Faulty,
        { Draft: { } draft } => new PolicyPublished(
            PolicyHistory.IdOf(state.Code),
            state.Code,
            state.LastVersion + 1,
            Stamped(draft.Content, state.Code, state.LastVersion + 1, command.EffectiveFrom),
            command.EffectiveFrom,
            command.DayBegins > command.Now ? command.DayBegins : command.Now,
            command.PublishedBy,
            draft.ReasonCode,
            command.Now,
            draft.Id),
    };

    /// <summary>What the editor wrote, with the code, version and day that it is published under.</summary>
    public static string Stamped(string content, string code, int version, DateOnly effectiveFrom)
    {
        var document = (JsonObject)JsonNode.Parse(content)!;
        document["code"] = code;
        document["version"] = version;
        document["effectiveFrom"] = effectiveFrom.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        return document.ToJsonString();
    }
}
