using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The named receiver takes the matter and is accountable from now on (R3).</summary>
public static class AcceptReferral
{
    public static readonly Rejection NotReferred = new("triage.referral-unknown", "Nothing is referred to you under this id.", RejectionKind.NotFound);
    public static readonly Rejection AlreadyReturned = new("triage.referral-returned", "The referral has been sent back.");

    /// <param name="Receiver">The caller's own unit.</param>
    public sealed record Command(string Receiver, DateTimeOffset Now, DateTimeOffset DueBy);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Referral: null } => NotReferred,
        { Referral: { } referral } when referral.Receiver != command.Receiver => NotReferred,
        { Referral.Status: ReferralStatus.Accepted } => Decision<TriageEvent>.Nothing,
        { Referral.Status: ReferralStatus.Returned } => AlreadyReturned,
        _ => new ReferralAccepted(state.Id, state.Area, command.Receiver, command.Now, command.DueBy),
    };
}
