using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>
/// A coordinator offers a case that is still to be decided to another area. Past the policy's free transfers, and to an area that has had the
/// case or has not taken it before, the coordinating team decides first: nobody pushes a request back and forth (C-35, C-36).
/// </summary>
public static class ProposeTransfer
{
    /// <summary>Why; one of these is said.</summary>
    public static readonly IReadOnlyList<string> Reasons = ["otherArea", "clientMoves", "knowledgeThere", "other"];

    public static readonly Rejection InDanger = new("triage.transfer-in-danger", "Danger does not wait for another area: whoever has the case sees to it first.");
    public static readonly Rejection NotUndecided = new("triage.transfer-not-undecided", "Only a case that waits for a coordinator's decision is transferred.");
    public static readonly Rejection Linked = new("triage.transfer-linked", "Other cases are linked to this one: unlink them first.");
    public static readonly Rejection OwnArea = new("triage.transfer-own-area", "The case is in that area already.");
    public static readonly Rejection UnknownReason = new("triage.transfer-reason-unknown", "The reason code is not one of those for a transfer.");

    /// <param name="ToArea">Code of another area.</param>
    public sealed record Command(string ToArea, string ReasonCode, string ProposedBy, AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Lead: not null } => TriageCase.AlreadyLinked,
        { IsDanger: true } => InDanger,
        { Status: not CaseStatus.AwaitingConfirmation } or { Settled: true } => NotUndecided,
        { Joined.Count: > 0 } => Linked,
        { Request.LegalBasisType: CaseRequest.ConsentEnded } => DecideRoute.LegalBasisNeeded,
        _ when state.Area == command.ToArea => OwnArea,
        { Transfer: { IsOpen: true } open } when open.ToArea == command.ToArea => Decision<TriageEvent>.Nothing,
        { Claim: { } claim } when claim.KeepsOut(command.ProposedBy, command.Now) => ClaimCase.HeldBy(claim),
        _ when !Reasons.Contains(command.ReasonCode) => UnknownReason,
        _ => new TransferProposed(
            state.Id,
            state.Area,
            command.ToArea,
            command.ReasonCode,
            state.Transfers >= command.Policy.Rules.Triage.FreeTransfers || state.AskedAreas.Contains(command.ToArea),
            command.ProposedBy,
            command.Now,
            AnswerDue(state, command.Policy, command.Now)),
    };

    /// <summary>Linked cases are not transferred: whoever has been asked is told so. Nothing when nobody has.</summary>
    internal static IReadOnlyList<TriageEvent> TakenBack(TriageCase state, DateTimeOffset now) =>
        state.Transfer is { IsOpen: true } open ? [new TransferRefused(state.Id, state.Area, open.ToArea, TransferRefused.Linked, state.Transfers, now, open.DueBy)] : [];

    /// <summary>Whoever is asked has as long as a coordinator has for a decision.</summary>
    internal static DateTimeOffset AnswerDue(TriageCase state, AreaPolicy policy, DateTimeOffset now) => policy.ConfirmationDue(state.Assessment!.Facts.Urgency, now);
}
