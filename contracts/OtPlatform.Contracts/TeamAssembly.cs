namespace OtPlatform.Contracts.TeamAssembly;

/// <summary>Somebody whom the composition chose, and why: the needs that they meet.</summary>
/// <param name="Needs">The needs met, as <c>kind:code</c>.</param>
public sealed record ProposedMember(Guid ExpertId, Guid InvitationId, IReadOnlyList<string> Needs, decimal WeeklyHours);

/// <summary>A member of a working team, or the expert of a single consultation.</summary>
/// <param name="Role">Role in the team (codes.json, teamRoles).</param>
/// <param name="Needs">Why this member: the needs met, as <c>kind:code</c>; empty for the requesting side's own.</param>
/// <param name="ExpertId">Null for the requesting side's own worker.</param>
/// <param name="Until">Last day of the membership; every membership ends (C-72).</param>
public sealed record TeamMember(
    Guid? ExpertId, string Role, string? Sector, string? Organisation, string? Profession, string? Channel, IReadOnlyList<string> Needs, DateOnly From, DateOnly Until);

/// <summary>Somebody is being sought for a decided route.</summary>
/// <param name="AssemblyId">The same id as the consultation's.</param>
public sealed record AssemblyStarted(Guid AssemblyId, Guid ConsultationId, string Area, Route Route, DateTimeOffset StartedAt, DateTimeOffset DueBy);

/// <summary>The smallest team that covers the need was composed and its hours are asked for.</summary>
/// <param name="Round">1 for the first composition; each repair counts one.</param>
/// <param name="UnmetNeeds">Needs that nobody can meet, as <c>kind:code</c>.</param>
public sealed record TeamProposed(
    Guid AssemblyId, Guid ConsultationId, string Area, int Round, IReadOnlyList<ProposedMember> Members, IReadOnlyList<string> UnmetNeeds, DateTimeOffset ProposedAt, DateTimeOffset DueBy);

/// <summary>An expert whose hours are held was asked to join.</summary>
public sealed record ExpertInvited(
    Guid InvitationId, Guid AssemblyId, Guid ConsultationId, string Area, Guid ExpertId, string Role, IReadOnlyList<string> Needs, decimal WeeklyHours,
    DateOnly From, DateOnly Until, string? Channel, DateTimeOffset InvitedAt, DateTimeOffset RespondBy);

/// <summary>The expert joins.</summary>
public sealed record InvitationAccepted(Guid InvitationId, Guid AssemblyId, Guid ConsultationId, string Area, Guid ExpertId, DateTimeOffset AcceptedAt);

/// <summary>The expert can not join; somebody else is sought at once.</summary>
public sealed record InvitationDeclined(Guid InvitationId, Guid AssemblyId, Guid ConsultationId, string Area, Guid ExpertId, string ReasonCode, DateTimeOffset DeclinedAt);

/// <summary>No answer came in time; somebody else is sought.</summary>
public sealed record InvitationExpired(Guid InvitationId, Guid AssemblyId, Guid ConsultationId, string Area, Guid ExpertId, DateTimeOffset ExpiredAt);

/// <summary>One expert answers the question; their hours are confirmed.</summary>
/// <param name="RouteDecidedAt">Which decision of Triage this belongs to, so that a reader knows what came later; null from publishers of an earlier version.</param>
public sealed record ConsultationArranged(Guid AssemblyId, Guid ConsultationId, string Area, TeamMember Expert, DateTimeOffset ArrangedAt, DateTimeOffset DueBy, DateTimeOffset? RouteDecidedAt = null);

/// <summary>The team works: all its guards hold and all its hours are confirmed.</summary>
/// <param name="Members">The requesting side's responsible worker first (C-59, C-60), then the experts beside.</param>
/// <param name="NetworkCoordinator">Whether the team has a network coordinator.</param>
/// <param name="RouteDecidedAt">Which decision of Triage this belongs to, so that a reader knows what came later; null from publishers of an earlier version.</param>
public sealed record TeamActivated(
    Guid AssemblyId, Guid ConsultationId, string Area, IReadOnlyList<TeamMember> Members, bool NetworkCoordinator, DateTimeOffset ActivatedAt, DateTimeOffset DueBy, DateTimeOffset? RouteDecidedAt = null);

/// <summary>The question has an answer; the requester confirms or objects.</summary>
/// <param name="AnswerTextId">The answer's words in the vault.</param>
/// <param name="Knowledge">Codes of knowledge items that the basic level can use itself.</param>
/// <param name="By"><c>expert</c> or <c>coordinator</c>.</param>
/// <param name="RouteDecidedAt">Which decision of Triage this belongs to, so that a reader knows what came later; null from publishers of an earlier version.</param>
public sealed record ConsultationAnswered(
    Guid AssemblyId, Guid ConsultationId, string Area, Guid AnswerTextId, IReadOnlyList<string> Knowledge, string By, DateTimeOffset AnsweredAt, DateTimeOffset? RouteDecidedAt = null);

/// <summary>Nobody can meet these needs now; the coordinating team owns the gap and somebody goes on solving it.</summary>
/// <param name="UnmetNeeds">As <c>kind:code</c>.</param>
/// <param name="KnowledgeHolderId">Who has more exact knowledge of the matter's topics (C-04), for the coordinator to point the requester to; null where nobody is known.</param>
/// <param name="RouteDecidedAt">Which decision of Triage this belongs to, so that a reader knows what came later; null from publishers of an earlier version.</param>
public sealed record ServiceGapFound(Guid AssemblyId, Guid ConsultationId, string Area, IReadOnlyList<string> UnmetNeeds, DateTimeOffset FoundAt, DateTimeOffset DueBy, DateTimeOffset? RouteDecidedAt = null, Guid? KnowledgeHolderId = null);

/// <summary>The rounds that the policy allows are over, or a guard holds the team back: a coordinator composes by hand.</summary>
/// <param name="ReasonCode"><c>roundsOver</c> or the code of the guard that does not hold.</param>
/// <param name="RouteDecidedAt">Which decision of Triage this belongs to, so that a reader knows what came later; null from publishers of an earlier version.</param>
public sealed record AssemblyHandedToCoordinator(Guid AssemblyId, Guid ConsultationId, string Area, string ReasonCode, DateTimeOffset HandedAt, DateTimeOffset DueBy, DateTimeOffset? RouteDecidedAt = null);

/// <summary>The team's work is over; memberships and access end with it (C-73).</summary>
/// <param name="RouteDecidedAt">Which decision of Triage this belongs to, so that a reader knows what came later; null from publishers of an earlier version.</param>
public sealed record TeamDisbanded(Guid AssemblyId, Guid ConsultationId, string Area, string OutcomeCode, DateTimeOffset DisbandedAt, DateTimeOffset? RouteDecidedAt = null);

/// <summary>Nobody is sought any more: the request was withdrawn or its route is another.</summary>
public sealed record AssemblyCancelled(Guid AssemblyId, Guid ConsultationId, string Area, string ReasonCode, DateTimeOffset CancelledAt);
