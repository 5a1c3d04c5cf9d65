using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.TriageCases;

/// <summary>A coordinator finds that two requests, of one partner or of two, are about the same matter: one case carries it from now on (C-34).</summary>
public static class LinkCases
{
    /// <summary>Why; one of these is said.</summary>
    public static readonly IReadOnlyList<string> Reasons = [JointMatter.SameMatter, "sameFamily", "other"];

    public static readonly Rejection UnknownReason = new("triage.link-reason-unknown", "The reason code is not one of those for linking.");
    public static readonly Rejection CarriesOthers = new("triage.case-carries-others", "Other cases are linked to this one: link it the other way round, or unlink them first.");

    /// <param name="LeadId">The case that is to carry the matter.</param>
    public sealed record Command(Guid LeadId, string LinkedBy, string ReasonCode, DateTimeOffset Now);

    /// <summary>Only what is still to be decided can be linked, and nobody's words are shared without a legal basis.</summary>
    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Lead: { } lead } when lead == command.LeadId => Decision<TriageEvent>.Nothing,
        { Lead: not null } => TriageCase.AlreadyLinked,
        _ when !Reasons.Contains(command.ReasonCode) => UnknownReason,
        { Joined.Count: > 0 } => CarriesOthers,
        { Settled: true } or { MayBeDecided: false } => TriageCase.AlreadyDecided,
        { Request.LegalBasisType: "anonymous" or CaseRequest.ConsentEnded } => DecideRoute.LegalBasisNeeded,
        _ => (List<TriageEvent>)[.. ProposeTransfer.TakenBack(state, command.Now), new CaseLinked(state.Id, state.Area, command.LeadId, command.LinkedBy, command.ReasonCode, command.Now), .. ReleaseAssessors.All(state, ReleaseAssessors.Linked, command.Now)],
    };

    /// <summary>Why the other case can not carry the matter; null when it can. What comes of it is for both, so both need a legal basis.</summary>
    public static Rejection? Refused(TriageCase lead) => lead switch
    {
        { CarriesMatter: false } => TriageCase.AlreadyClosed,
        { Own.LegalBasisType: "anonymous" or CaseRequest.ConsentEnded } => DecideRoute.LegalBasisNeeded,
        _ => null,
    };
}

/// <summary>A coordinator finds that a linked request is about something else: it has a case of its own again, and is weighed by itself.</summary>
public static class UnlinkCase
{
    /// <summary>Why; one of these is said.</summary>
    public static readonly IReadOnlyList<string> Reasons = ["otherMatter", "byMistake", "other"];

    public static readonly Rejection UnknownReason = new("triage.unlink-reason-unknown", "The reason code is not one of those for unlinking.");

    public static Decision<TriageEvent> Decide(TriageCase state, LeaveMatter.Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Lead: not null } when !Reasons.Contains(command.ReasonCode) => UnknownReason,
        _ => LeaveMatter.Decide(state, command with { Forgets = [.. state.Others.Select(told => told.CaseId)] }),
    };
}
