using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.PolicyVersions;

/// <summary>Somebody writes what the next version of a policy shall be. A draft takes the place of the one before it.</summary>
public static class DraftPolicy
{
    public static readonly Rejection UnknownReason = new("triage.policy-reason-unknown", "The reason code is not one of the policy's.");

    /// <param name="ReasonCodes">Those to choose from.</param>
    public sealed record Command(string Code, Guid DraftId, string Content, string ReasonCode, IReadOnlyList<string> ReasonCodes, string DraftedBy, DateTimeOffset Now);

    public static Decision<PolicyEvent> Decide(PolicyHistory state, Command command) => state switch
    {
        _ when !command.ReasonCodes.Contains(command.ReasonCode) => UnknownReason,
        { Draft: { } draft } when draft.Content == command.Content && draft.By == command.DraftedBy && draft.ReasonCode == command.ReasonCode => Decision<PolicyEvent>.Nothing,
        _ => new PolicyDrafted(PolicyHistory.IdOf(command.Code), command.Code, command.DraftId, command.Content, command.DraftedBy, command.ReasonCode, command.Now),
    };
}
