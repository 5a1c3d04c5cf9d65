using System.Text.Json.Nodes;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.PolicyVersions;

namespace OtPlatform.Triage.InstrumentVersions;

/// <summary>A draft becomes the next version of the instrument. The earlier ones stay: answers that were given under them are read by them.</summary>
public static class PublishInstrument
{
    public static readonly Rejection NothingDrafted = new("triage.instrument-not-drafted", "There is no draft of this instrument.");
    public static readonly Rejection AnotherDraft = new("triage.instrument-draft-replaced", "Another draft has taken the place of the one that was to be published.");
    public static readonly Rejection Faulty = new("triage.instrument-faulty", "The draft has faults; Validate lists them.");

    /// <param name="Shipped">The highest version that the product is shipped with; 0 for none.</param>
    /// <param name="FaultsOf">What is wrong with a document.</param>
    public sealed record Command(Guid DraftId, int Shipped, Func<string, IReadOnlyList<PolicyFault>> FaultsOf, string PublishedBy, DateTimeOffset Now);

    public static Decision<InstrumentEvent> Decide(InstrumentHistory state, Command command) => state switch
    {
        { LastDraft: { } published } when published == command.DraftId => Decision<InstrumentEvent>.Nothing,
        { Draft: null } => NothingDrafted,
        { Draft.Id: var draft } when draft != command.DraftId => AnotherDraft,
        { Draft: { } draft } when command.FaultsOf(draft.Content).Count > 0 => Faulty,
        { Draft: { } draft } => Published(state, draft, Math.Max(state.LastVersion, command.Shipped) + 1, command),
    };

    /// <summary>What the editor wrote, with the code and version that it is published under.</summary>
    public static string Stamped(string content, string code, int version)
    {
        var document = (JsonObject)JsonNode.Parse(content)!;
        document["code"] = code;
        document["version"] = version;
        return document.ToJsonString();
    }

    private static InstrumentPublished Published(InstrumentHistory state, InstrumentDraft draft, int version, Command command) => new(
        InstrumentHistory.IdOf(state.Code), state.Code, version, Stamped(draft.Content, state.Code, version), command.PublishedBy, draft.ReasonCode, command.Now, draft.Id);
}
