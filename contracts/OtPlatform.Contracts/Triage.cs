namespace OtPlatform.Contracts.Triage;

/// <summary>Triage took over a consultation and is accountable for its next step.</summary>
/// <param name="CaseId">The same id as the consultation's.</param>
/// <param name="Held">True when only a coordinator may decide (danger).</param>
/// <param name="DueBy">When the next step is due at the latest.</param>
public sealed record CaseOpened(Guid CaseId, Guid ConsultationId, string Area, bool Held, string PolicyVersion, DateTimeOffset OpenedAt, DateTimeOffset DueBy);

/// <summary>The case was assessed anew after new facts and waits for a coordinator.</summary>
/// <param name="ReopenedAt">The requester's reopening that it follows, which lifts an earlier withdrawal; null when it follows something else.</param>
public sealed record CaseReassessed(
    Guid CaseId, Guid ConsultationId, string Area, bool Held, string PolicyVersion, DateTimeOffset ReassessedAt, DateTimeOffset DueBy, DateTimeOffset? ReopenedAt = null);

/// <summary>The case was weighed by the policy; the recorded explanation is Triage's to show.</summary>
/// <param name="RecommendedRoute">Null while the requester is asked first.</param>
/// <param name="DecidingRow">Code of the policy's row that decided.</param>
/// <param name="Held">True when only a coordinator may decide (danger).</param>
public sealed record CaseAssessed(
    Guid CaseId, Guid ConsultationId, Route? RecommendedRoute, IReadOnlyList<Ground> Grounds, string DecidingRow, bool Held, string PolicyVersion, DateTimeOffset AssessedAt);

/// <summary>The case points to a phenomenon (ilmiö): system failure, or a situation that no topic names (C-25, C-108).</summary>
/// <param name="Topics">topics.json; empty when the requester could name none.</param>
/// <param name="Services">codes.json, services that are involved.</param>
/// <param name="Marks">codes.json, complexity and system marks that were weighed.</param>
public sealed record PhenomenonSignalled(
    Guid CaseId, Guid ConsultationId, string Area, string County, IReadOnlyList<string> Topics, IReadOnlyList<string> Services, IReadOnlyList<string> Marks, DateTimeOffset SignalledAt);

/// <summary>Nothing that exists fits the case (C-25).</summary>
/// <param name="Services">codes.json, services that are involved and do not fit.</param>
public sealed record ServiceGapRecorded(
    Guid CaseId, Guid ConsultationId, string Area, string County, IReadOnlyList<string> Topics, IReadOnlyList<string> Services, DateTimeOffset RecordedAt);

/// <summary>A coordinator has taken the case: within triage the next step is theirs. Who it is stays within Triage.</summary>
/// <param name="TakenOver">From a colleague who had it.</param>
/// <param name="ReasonCode">Why it was taken over; null when nobody had it.</param>
/// <param name="EndsAt">When it is all the area's coordinators' again, if nothing has been decided.</param>
public sealed record CaseClaimed(Guid CaseId, Guid ConsultationId, string Area, bool TakenOver, string? ReasonCode, DateTimeOffset ClaimedAt, DateTimeOffset EndsAt);

/// <summary>Nobody has claimed the case any more: it is all the area's coordinators' again. What ends a claim otherwise says so itself.</summary>
/// <param name="ReasonCode"><c>released</c>, or <c>quiet</c> when nothing was decided in time.</param>
public sealed record CaseReleased(Guid CaseId, Guid ConsultationId, string Area, string ReasonCode, DateTimeOffset ReleasedAt);

/// <summary>The requester has to add something before the case can go on (C-01).</summary>
/// <param name="Asked">Codes of what is missing: <c>triedSoFar</c>, <c>legalBasis</c>.</param>
public sealed record InformationRequested(Guid CaseId, Guid ConsultationId, string Area, IReadOnlyList<string> Asked, DateTimeOffset RequestedAt, DateTimeOffset DueBy);

/// <summary>One thing that somebody has to be able to do for the matter: competence in a topic, or a sector's view.</summary>
/// <param name="Kind"><c>topic</c> or <c>sector</c>.</param>
/// <param name="Code">Topic or sector code.</param>
/// <param name="WeeklyHours">Hours in each calendar week of the period.</param>
/// <param name="Weeks">Length of the period in weeks.</param>
/// <param name="Once">True for a single consultation: the hours are needed once within the period, not every week.</param>
public sealed record Need(string Kind, string Code, decimal WeeklyHours, int Weeks, bool Once, string? Channel, string Language);

/// <summary>The request's facts that decide who fits and whether a team may start.</summary>
/// <param name="RequestingUnitId">Keyed hash of partner and unit name; a member of the same unit has a conflict of interest.</param>
/// <param name="ResponsibleWorkerRole">Role of the requesting side's responsible worker (C-59); null when none was named.</param>
/// <param name="LegalBasisType"><c>consent</c>, <c>statutory</c> or <c>anonymous</c>.</param>
public sealed record MatterFacts(
    ConsultationKind Kind,
    string County,
    string Language,
    Urgency Urgency,
    Guid RequestingUnitId,
    string RequesterRole,
    string? ResponsibleWorkerRole,
    string? ResponsibleWorkerRef,
    string LegalBasisType,
    DateOnly? LegalBasisValidUntil);

/// <summary>Another case carries the matter of this one from now on (C-34): what comes of that is for this request too.</summary>
/// <param name="LeadCaseId">The case that carries the matter.</param>
/// <param name="LinkedBy">Subject of the coordinator's token; <c>platform</c> when partner and client reference are the same.</param>
/// <param name="ReasonCode"><c>sameMatter</c>, <c>sameFamily</c>, <c>other</c>; or why the case that carried it before does so no longer.</param>
/// <param name="DueBy">When a coordinator has to have read the request, because where the matter goes had been decided without it; null when they decide anyway.</param>
public sealed record CasesLinked(
    Guid CaseId, Guid ConsultationId, string Area, Guid LeadCaseId, string LinkedBy, string ReasonCode, DateTimeOffset LinkedAt, DateTimeOffset? DueBy = null);

/// <summary>The case has its matter for itself again.</summary>
/// <param name="LeadCaseId">The case that carried the matter.</param>
/// <param name="UnlinkedBy">Subject of the coordinator's token, or <c>platform</c>.</param>
/// <param name="ReasonCode">A coordinator's <c>otherMatter</c>, <c>byMistake</c>, <c>other</c>; or <c>withdrawn</c>, <c>closed</c>, <c>consentEnded</c>.</param>
/// <param name="DueBy">When it has to have been looked at; null when nothing is to be decided.</param>
public sealed record CaseUnlinked(
    Guid CaseId, Guid ConsultationId, string Area, Guid LeadCaseId, string UnlinkedBy, string ReasonCode, DateTimeOffset UnlinkedAt, DateTimeOffset? DueBy)
{
    public const string ByPlatform = "platform";
}

/// <summary>Where the matter goes. Repeats what the next service needs.</summary>
/// <param name="DecidedBy">Subject of the coordinator's token; <c>policy</c> when the area lets clear cases through.</param>
/// <param name="ReasonCode">Why the recommendation was not followed; null when it was.</param>
/// <param name="StandingTeamFirst">The area's standing team for the topic, where there is one, goes before a team assembled anew.</param>
/// <param name="NetworkCoordinator">Whether a network coordinator is needed (E-13).</param>
/// <param name="DueBy">When the next step is due at the latest.</param>
/// <param name="Matter">What a team needs to know of the matter; null from publishers of an earlier version.</param>
/// <param name="KnowledgeHolderId">Whom the requester is pointed to by the route knowledgeHolder; null for any other, and from publishers of an earlier version.</param>
public sealed record RouteDecided(
    Guid CaseId,
    Guid ConsultationId,
    string Area,
    Route Route,
    IReadOnlyList<Ground> Grounds,
    IReadOnlyList<Need> Needs,
    bool StandingTeamFirst,
    bool NetworkCoordinator,
    IReadOnlyList<string> Sectors,
    string PolicyVersion,
    string DecidedBy,
    string? ReasonCode,
    DateTimeOffset DecidedAt,
    DateTimeOffset DueBy,
    MatterFacts? Matter = null,
    Guid? KnowledgeHolderId = null)
{
    /// <summary>Stands in <see cref="DecidedBy"/> when the area lets a clear case through.</summary>
    public const string ByPolicy = "policy";
}

/// <summary>A coordinator has looked at danger that was reported after the route had been decided, or read a further request on its matter, and leaves the route as it is.</summary>
/// <param name="KeptBy">Subject of the coordinator's token.</param>
public sealed record RouteKept(Guid CaseId, Guid ConsultationId, string Area, string KeptBy, DateTimeOffset KeptAt, DateTimeOffset DueBy);

/// <summary>Of what a decided route needed, some was only in a request that may be known no more (R8): nobody is asked for it.</summary>
/// <param name="Needs">All that the route still needs; empty when nothing is left of it.</param>
/// <param name="RouteDecidedAt">Of the decision that they belong to.</param>
public sealed record NeedsChanged(Guid CaseId, Guid ConsultationId, string Area, IReadOnlyList<Need> Needs, DateTimeOffset RouteDecidedAt, DateTimeOffset ChangedAt);

/// <summary>A named receiver is asked to take the matter; until it accepts, the coordinator stays accountable (C-35).</summary>
/// <param name="Receiver">Code of the receiving unit.</param>
public sealed record ReferralProposed(Guid CaseId, Guid ConsultationId, string Area, string Receiver, string ProposedBy, DateTimeOffset ProposedAt, DateTimeOffset DueBy);

/// <summary>The receiver has taken the matter and is accountable for it.</summary>
public sealed record ReferralAccepted(Guid CaseId, Guid ConsultationId, string Area, string Receiver, DateTimeOffset AcceptedAt, DateTimeOffset DueBy);

/// <summary>The receiver can not take the matter; it is in triage again.</summary>
/// <param name="Returns">How many times the matter has been sent back by now (C-35).</param>
public sealed record ReferralReturned(Guid CaseId, Guid ConsultationId, string Area, string Receiver, string ReasonCode, int Returns, DateTimeOffset ReturnedAt, DateTimeOffset DueBy);

/// <summary>Another area is asked to take the case, or the coordinating team whether it may be; until that area accepts, the sending one stays accountable (C-35).</summary>
/// <param name="Area">Has the case.</param>
/// <param name="ToArea">Code of the other area (areas.json).</param>
/// <param name="NeedsDecision">The coordinating team of the sending area decides first; told again without it when it lets the other area be asked.</param>
public sealed record TransferProposed(Guid CaseId, Guid ConsultationId, string Area, string ToArea, string ReasonCode, bool NeedsDecision, DateTimeOffset ProposedAt, DateTimeOffset DueBy);

/// <summary>The case is the other area's from now on.</summary>
/// <param name="Area">Had the case until now.</param>
/// <param name="Transfers">How many times another area has been asked by now, and has answered or let its time pass (C-35).</param>
public sealed record TransferAccepted(Guid CaseId, Guid ConsultationId, string Area, string ToArea, int Transfers, DateTimeOffset AcceptedAt, DateTimeOffset DueBy);

/// <summary>The case stays where it is: the other area does not take it, the coordinating team does not let it be asked, or nobody has said anything in time.</summary>
/// <param name="Area">Has the case.</param>
/// <param name="ReasonCode">One of the policy's returnReasons, belongsHere, agreedOtherwise, other, noAnswer or linked.</param>
/// <param name="Transfers">As in <see cref="TransferAccepted"/>; what the coordinating team keeps counts no more.</param>
public sealed record TransferReturned(Guid CaseId, Guid ConsultationId, string Area, string ToArea, string ReasonCode, int Transfers, DateTimeOffset ReturnedAt, DateTimeOffset DueBy);

/// <summary>A version of a screening instrument that may be filled in from now on; the earlier ones stay.</summary>
/// <param name="Content">The JSON document (an instrument of catalogue/instruments.json).</param>
public sealed record InstrumentPublished(Guid InstrumentId, string Code, int Version, string Content, string PublishedBy, string ReasonCode, DateTimeOffset PublishedAt);

/// <summary>An expert is asked to look at the matter too, before its route is decided (C-33); until a date they may read the case's words.</summary>
/// <param name="ReasonCode">specialKnowledge, specialLevelNeeded, riskAssessment, clientsWish or other.</param>
/// <param name="DueBy">Until when they may contribute and read.</param>
public sealed record AssessorInvited(Guid CaseId, Guid ConsultationId, string Area, Guid ExpertId, Guid InvitationId, string ReasonCode, DateTimeOffset InvitedAt, DateTimeOffset DueBy);

/// <summary>An invited expert has added to the one assessment of the matter (C-34); nothing is decided by it.</summary>
/// <param name="Marks">Codes of what they add; empty for none.</param>
/// <param name="TextId">What they have written, in the vault; null for nothing.</param>
public sealed record AssessmentContributed(
    Guid CaseId, Guid ConsultationId, string Area, Guid ExpertId, Guid InvitationId, IReadOnlyList<string> Marks, Guid? TextId, DateTimeOffset ContributedAt);

/// <summary>An expert is asked no more, and may read the case's words no more. When a case is over or its consent ends, that says so for all who were asked.</summary>
/// <param name="ReasonCode">routeDecided; linked; noAnswer when their time passed without a word of theirs, timeOver when it passed after one.</param>
public sealed record AssessorReleased(Guid CaseId, Guid ConsultationId, string Area, Guid ExpertId, Guid InvitationId, string ReasonCode, DateTimeOffset ReleasedAt);

/// <summary>A version of the policy that holds from its day on, for what begins then.</summary>
/// <param name="Code">default, or the area whose own values it has.</param>
/// <param name="Content">The JSON document (catalogue/policies).</param>
/// <param name="EffectiveFrom">The day as it was asked for.</param>
/// <param name="TakesEffectAt">When that day begins, or the moment of publishing when that is later.</param>
public sealed record PolicyPublished(
    Guid PolicyId, string Code, int Version, string Content, DateOnly EffectiveFrom, DateTimeOffset TakesEffectAt, string PublishedBy, string ReasonCode, DateTimeOffset PublishedAt);
