using OtPlatform.Platform.Streams;
using OtPlatform.Triage.PolicyVersions;

namespace OtPlatform.Triage.InstrumentVersions;

/// <summary>Somebody writes what the next version of an instrument shall be. A draft takes the place of the one before it.</summary>
public static class DraftInstrument
{
    /// <param name="ReasonCodes">Those to choose from.</param>
    public sealed record Command(string Code, Guid DraftId, string Content, string ReasonCode, IReadOnlyList<string> ReasonCodes, string DraftedBy, DateTimeOffset Now);

    public static Decision<InstrumentEvent> Decide(InstrumentHistory state, Command command) => state switch
    {
        _ when !command.ReasonCodes.Contains(command.ReasonCode) => DraftPolicy.UnknownReason,
        { Draft: { } draft } when draft.Content == command.Content && draft.By == command.DraftedBy && draft.ReasonCode == command.ReasonCode => Decision<InstrumentEvent>.Nothing,
        _ => new InstrumentDrafted(InstrumentHistory.IdOf(command.Code), command.Code, command.DraftId, command.Content, command.DraftedBy, command.ReasonCode, command.Now),
    };
}
