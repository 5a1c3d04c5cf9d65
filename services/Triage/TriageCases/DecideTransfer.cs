using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The coordinating team (koordinoiva johtamistiimi) of the area that has the case lets the other area be asked, or keeps the case where it is.</summary>
public static class DecideTransfer
{
    /// <summary>Why it stays; one of these is said.</summary>
    public static readonly IReadOnlyList<string> Reasons = ["belongsHere", "agreedOtherwise", "other"];

    public static readonly Rejection NotAwaited = new("triage.transfer-decision-not-awaited", "No transfer of this case waits for the coordinating team.");
    public static readonly Rejection UnknownReason = new("triage.transfer-refusal-reason-unknown", "The reason code is not one of those for keeping a case.");

    /// <param name="ReasonCode">Needed when it is not allowed.</param>
    public sealed record Command(bool Allowed, string? ReasonCode, string DecidedBy, AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Transfer.Status: TransferStatus.Proposed } when command.Allowed => Decision<TriageEvent>.Nothing,
        { Transfer.Status: TransferStatus.Refused } when !command.Allowed => Decision<TriageEvent>.Nothing,
        { Transfer: not { Status: TransferStatus.AwaitsTeam } } => NotAwaited,
        { Transfer: { } asked } when command.Allowed => new TransferAllowed(
            state.Id, state.Area, asked.ToArea, asked.ReasonCode, command.DecidedBy, command.Now, ProposeTransfer.AnswerDue(state, command.Policy, command.Now)),
        _ when command.ReasonCode is not { } reason || !Reasons.Contains(reason) => UnknownReason,
        { Transfer: { } asked } => new TransferRefused(
            state.Id, state.Area, asked.ToArea, command.ReasonCode, state.Transfers, command.Now, ProposeTransfer.AnswerDue(state, command.Policy, command.Now)),
    };
}
