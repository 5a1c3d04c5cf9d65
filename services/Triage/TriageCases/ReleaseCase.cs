using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Who works on the case gives it back: it is all the area's coordinators' again.</summary>
public static class ReleaseCase
{
    public const string Released = "released";
    public const string Quiet = "quiet";

    public sealed record Command(string ReleasedBy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Claim: null } => Decision<TriageEvent>.Nothing,
        { Claim: { } held } when held.By != command.ReleasedBy => ClaimCase.HeldBy(held),
        { Claim: { } own } => new CaseReleased(state.Id, state.Area, own.By, Released, command.Now),
    };
}

/// <summary>Who works on the case has decided nothing in time: it is all the area's coordinators' again (R2).</summary>
public static class ReleaseQuietClaim
{
    public sealed record Command(DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Claim: { } quiet } when quiet.EndsAt <= command.Now => new CaseReleased(state.Id, state.Area, quiet.By, ReleaseCase.Quiet, command.Now),
        _ => Decision<TriageEvent>.Nothing,
    };
}
