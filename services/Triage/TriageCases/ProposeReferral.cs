using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.TriageCases;

/// <summary>A coordinator offers the matter to a named receiver of the special level; until it accepts, the coordinator stays accountable (R3).</summary>
public static class ProposeReferral
{
    public static readonly Rejection NotSpecialLevel = new("triage.referral-not-decided", "A referral needs the decided route special level.");
    public static readonly Rejection AlreadyAccepted = new("triage.referral-accepted", "The receiver has accepted the referral.");

    /// <param name="Receiver">Code of the receiving unit.</param>
    public sealed record Command(string Receiver, string ProposedBy, DateTimeOffset Now, DateTimeOffset DueBy);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Status: not CaseStatus.RouteDecided } or { Route: not Route.SpecialLevel } => NotSpecialLevel,
        { Referral.Status: ReferralStatus.Accepted } => AlreadyAccepted,
        { Referral: { Status: ReferralStatus.Proposed } open } when open.Receiver == command.Receiver => Decision<TriageEvent>.Nothing,
        _ => new ReferralProposed(state.Id, state.Area, command.Receiver, command.ProposedBy, command.Now, command.DueBy),
    };
}
