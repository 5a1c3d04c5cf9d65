using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The receiver can not take the matter: it is in triage again, and the return is counted (C-35).</summary>
public static class ReturnReferral
{
    public static readonly Rejection UnknownReason = new("triage.return-reason-unknown", "The reason code is not one of the policy's.");

    /// <param name="Receiver">The caller's own unit.</param>
    /// <param name="ReasonCode">One of the policy's returnReasons.</param>
    public sealed record Command(string Receiver, string ReasonCode, AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Referral: null } => AcceptReferral.NotReferred,
        { Referral: { } referral } when referral.Receiver != command.Receiver => AcceptReferral.NotReferred,
        { Referral.Status: ReferralStatus.Returned } => Decision<TriageEvent>.Nothing,
        { Referral.Status: ReferralStatus.Accepted } => ProposeReferral.AlreadyAccepted,
        _ when !command.Policy.Rules.Triage.ReturnReasons.Contains(command.ReasonCode) => UnknownReason,
        _ => new ReferralReturned(
            state.Id,
            state.Area,
            command.Receiver,
            command.ReasonCode,
            state.Bounces + 1,
            command.Now,
            command.Policy.ConfirmationDue(state.Assessment!.Facts.Urgency, command.Now)),
    };
}
