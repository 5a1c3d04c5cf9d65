using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.TriageCases;

/// <summary>A receiver has let its time pass: the coordinator sees it in the queue and gets a date of their own, again and again (R2).</summary>
public static class NoteOverdueReferral
{
    public sealed record Command(DateTimeOffset Now, DateTimeOffset DueBy);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.RouteDecided, Referral: { Status: ReferralStatus.Proposed } referral } when referral.DueBy <= command.Now =>
            new ReferralOverdue(state.Id, referral.Receiver, command.Now, command.DueBy),
        _ => Decision<TriageEvent>.Nothing,
    };
}
