namespace OtPlatform.Triage.TriageCases;

/// <summary>The coordinators of one area offer the case to those of another; until these accept, the sending area stays accountable (R3).</summary>
/// <param name="Area">Has the case.</param>
/// <param name="ToArea">Code of the other area (areas.json).</param>
/// <param name="ReasonCode">One of <see cref="ProposeTransfer.Reasons"/>.</param>
/// <param name="NeedsDecision">The sending area's coordinating team decides first; nobody else is asked until then (C-35, C-36).</param>
/// <param name="ProposedBy">Subject of the coordinator's token.</param>
public sealed record TransferProposed(
    Guid CaseId, string Area, string ToArea, string ReasonCode, bool NeedsDecision, string ProposedBy, DateTimeOffset ProposedAt, DateTimeOffset DueBy) : TriageEvent;

/// <summary>The coordinating team lets the other area be asked.</summary>
/// <param name="ReasonCode">Of the proposal.</param>
public sealed record TransferAllowed(Guid CaseId, string Area, string ToArea, string ReasonCode, string AllowedBy, DateTimeOffset AllowedAt, DateTimeOffset DueBy) : TriageEvent;

/// <summary>The case stays where it is, and it counts as no attempt: the coordinating team keeps it, or has not said anything in time, or it was linked to another.</summary>
/// <param name="Transfers">As in <see cref="TransferReturned"/>; it counts no more.</param>
public sealed record TransferRefused(Guid CaseId, string Area, string ToArea, string ReasonCode, int Transfers, DateTimeOffset RefusedAt, DateTimeOffset DueBy) : TriageEvent
{
    public const string Linked = "linked";
}

/// <summary>The other area does not take the case, or has not said anything in time.</summary>
/// <param name="Transfers">How many times another area has been asked by now, and has answered or let its time pass.</param>
public sealed record TransferReturned(Guid CaseId, string Area, string ToArea, string ReasonCode, int Transfers, DateTimeOffset ReturnedAt, DateTimeOffset DueBy) : TriageEvent;

/// <summary>The case is the other area's from now on, by the policy that it began with.</summary>
/// <param name="Area">Had the case until now.</param>
/// <param name="Transfers">As in <see cref="TransferReturned"/>.</param>
public sealed record TransferAccepted(Guid CaseId, string Area, string ToArea, string AcceptedBy, int Transfers, DateTimeOffset AcceptedAt, DateTimeOffset DueBy) : TriageEvent;

/// <summary>How far a transfer has come.</summary>
public enum TransferStatus
{
    AwaitsTeam,
    Refused,
    Proposed,
    Accepted,
    Returned,
}

/// <summary>A case offered to another area (siirto).</summary>
/// <param name="ToArea">Area code (areas.json).</param>
public sealed record CaseTransfer(string ToArea, TransferStatus Status, string ReasonCode, DateTimeOffset DueBy)
{
    /// <summary>Somebody still has to answer.</summary>
    public bool IsOpen => Status is TransferStatus.AwaitsTeam or TransferStatus.Proposed;
}
