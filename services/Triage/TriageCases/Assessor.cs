namespace OtPlatform.Triage.TriageCases;

/// <summary>A coordinator has asked an expert to look at the matter too (C-33).</summary>
/// <param name="InvitedBy">Subject of the coordinator's token.</param>
/// <param name="DueBy">Until when they may contribute, and know of the case.</param>
public sealed record AssessorInvited(
    Guid CaseId, string Area, Guid ExpertId, Guid InvitationId, string ReasonCode, string InvitedBy, DateTimeOffset InvitedAt, DateTimeOffset DueBy) : TriageEvent;

/// <summary>An invited expert has said what they find; it is weighed with the rest, in the one assessment of the matter (C-34).</summary>
/// <param name="Marks">Those that they add; empty for none.</param>
/// <param name="TextId">What they write, in the vault; null for nothing.</param>
public sealed record AssessmentContributed(
    Guid CaseId, string Area, Guid ExpertId, Guid InvitationId, IReadOnlyList<string> Marks, Guid? TextId, DateTimeOffset ContributedAt) : TriageEvent;

/// <param name="ReasonCode">One of those of <see cref="ReleaseAssessors"/>.</param>
public sealed record AssessorReleased(Guid CaseId, string Area, Guid ExpertId, Guid InvitationId, string ReasonCode, DateTimeOffset ReleasedAt) : TriageEvent;

/// <summary>An expert who is invited to the assessment of a case (arvioija), or was.</summary>
/// <param name="InvitedBy">Subject of the coordinator's token.</param>
/// <param name="Marks">What they have added.</param>
/// <param name="TextId">What they have written, in the vault.</param>
/// <param name="ContributedAt">Null until they have.</param>
/// <param name="ReleasedBecause">Null while they are invited.</param>
public sealed record Assessor(
    Guid ExpertId,
    Guid InvitationId,
    string ReasonCode,
    string InvitedBy,
    DateTimeOffset InvitedAt,
    DateTimeOffset DueBy,
    IReadOnlyList<string> Marks,
    Guid? TextId = null,
    DateTimeOffset? ContributedAt = null,
    string? ReleasedBecause = null)
{
    public bool IsInvited => ReleasedBecause is null;

    /// <summary>May know of the case, and contribute; an invitation whose time is over ends also before anybody has noted so.</summary>
    public bool MayAssess(DateTimeOffset now) => IsInvited && DueBy > now;

    internal Assessor With(AssessmentContributed contributed) => this with
    {
        Marks = [.. Marks.Union(contributed.Marks)],
        TextId = contributed.TextId ?? TextId,
        ContributedAt = contributed.ContributedAt,
    };
}
