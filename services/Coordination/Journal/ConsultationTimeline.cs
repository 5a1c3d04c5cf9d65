namespace OtPlatform.Coordination.Journal;

/// <summary>One consultation across the services (aikajana): its steps, its team and those who were asked.</summary>
public sealed record ConsultationTimeline
{
    /// <summary>Id of the consultation.</summary>
    public required Guid Id { get; init; }

    /// <summary>By time; what happened at the same time by source and version.</summary>
    public required IReadOnlyList<TimelineStep> Steps { get; init; }

    public required TeamRecord Team { get; init; }
}

/// <summary>One step of a consultation: codes, put into words when it is read.</summary>
/// <param name="What">Name of the contract event.</param>
/// <param name="Source">The service that published it.</param>
/// <param name="Detail">What it says in short, as <c>list:code</c>, for example <c>route:hybridTeam</c>.</param>
public sealed record TimelineStep(DateTimeOffset At, string What, string Source, string? Detail, Guid? ExpertId);

/// <summary>Who is sought for a consultation, who was asked, and who works.</summary>
/// <param name="Round">Of the newest proposal; 0 before the first.</param>
/// <param name="UnmetNeeds">As <c>kind:code</c>.</param>
public sealed record TeamRecord(
    int Round, IReadOnlyList<MemberRecord> Members, IReadOnlyList<InvitationRecord> Invitations, IReadOnlyList<string> UnmetNeeds, bool NetworkCoordinator)
{
    public static readonly TeamRecord None = new(0, [], [], [], false);
}

/// <param name="ExpertId">Null for the requesting side's own worker.</param>
/// <param name="Role">Role in the team (codes.json, teamRoles).</param>
/// <param name="Needs">Why this member, as <c>kind:code</c>.</param>
public sealed record MemberRecord(Guid? ExpertId, string Role, string? Sector, string? Organisation, string? Profession, string? Channel, IReadOnlyList<string> Needs, DateOnly From, DateOnly Until);

/// <summary>How an invitation stands.</summary>
public enum InvitationStatus
{
    Open,
    Accepted,
    Declined,
    Expired,
    Withdrawn,
}

/// <param name="ReasonCode">Why it was declined.</param>
public sealed record InvitationRecord(
    Guid Id, Guid ExpertId, string Role, IReadOnlyList<string> Needs, InvitationStatus Status, string? ReasonCode, DateTimeOffset InvitedAt, DateTimeOffset RespondBy);
