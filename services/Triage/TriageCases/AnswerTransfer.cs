using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The other area's coordinators take the case: it is theirs from now on, with a date of its own (R3).</summary>
public static class AcceptTransfer
{
    public static readonly Rejection NotProposed = new("triage.transfer-unknown", "No case is offered to your area under this id.", RejectionKind.NotFound);
    public static readonly Rejection AlreadyReturned = new("triage.transfer-returned", "The transfer is over: the case has stayed where it was.");

    /// <param name="Area">The caller's own.</param>
    public sealed record Command(string Area, string AcceptedBy, AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Transfer: null or { Status: TransferStatus.AwaitsTeam or TransferStatus.Refused } } => NotProposed,
        { Transfer: { } transfer } when transfer.ToArea != command.Area => NotProposed,
        { Transfer.Status: TransferStatus.Accepted } => Decision<TriageEvent>.Nothing,
        { Transfer.Status: TransferStatus.Returned } => AlreadyReturned,
        _ => new TransferAccepted(
            state.Id, state.Area, command.Area, command.AcceptedBy, state.Transfers + 1, command.Now, ProposeTransfer.AnswerDue(state, command.Policy, command.Now)),
    };
}

/// <summary>The other area's coordinators do not take the case: it stays where it is, and the attempt counts (C-35).</summary>
public static class ReturnTransfer
{
    public static readonly Rejection AlreadyAccepted = new("triage.transfer-accepted", "Your area has taken the case.");

    /// <param name="Area">The caller's own.</param>
    /// <param name="ReasonCode">One of the policy's returnReasons.</param>
    public sealed record Command(string Area, string ReasonCode, AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Transfer: null or { Status: TransferStatus.AwaitsTeam or TransferStatus.Refused } } => AcceptTransfer.NotProposed,
        { Transfer: { } transfer } when transfer.ToArea != command.Area => AcceptTransfer.NotProposed,
        { Transfer.Status: TransferStatus.Returned } => Decision<TriageEvent>.Nothing,
        { Transfer.Status: TransferStatus.Accepted } => AlreadyAccepted,
        _ when !command.Policy.Rules.Triage.ReturnReasons.Contains(command.ReasonCode) => ReturnReferral.UnknownReason,
        _ => new TransferReturned(
            state.Id, state.Area, command.Area, command.ReasonCode, state.Transfers + 1, command.Now, ProposeTransfer.AnswerDue(state, command.Policy, command.Now)),
    };
}

/// <summary>Nobody has answered in time: the case is its own area's alone again, with a new date (R2).</summary>
public static class EndSilentTransfer
{
    public const string NoAnswer = "noAnswer";

    public sealed record Command(AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Transfer: { IsOpen: true } open } when open.DueBy > command.Now => Decision<TriageEvent>.Nothing,
        { Transfer: { Status: TransferStatus.Proposed } open } => new TransferReturned(
            state.Id, state.Area, open.ToArea, NoAnswer, state.Transfers + 1, command.Now, ProposeTransfer.AnswerDue(state, command.Policy, command.Now)),
        { Transfer: { Status: TransferStatus.AwaitsTeam } open } => new TransferRefused(
            state.Id, state.Area, open.ToArea, NoAnswer, state.Transfers, command.Now, ProposeTransfer.AnswerDue(state, command.Policy, command.Now)),
        _ => Decision<TriageEvent>.Nothing,
    };
}
