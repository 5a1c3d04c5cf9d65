namespace OtPlatform.Contracts.ExpertPool;

/// <summary>Hours in one calendar week.</summary>
/// <param name="Monday">First day of the week (ISO 8601).</param>
public sealed record WeekHours(DateOnly Monday, decimal Hours);

/// <summary>An expert is in the pool, or is registered anew with other facts; the newest registration holds. The name is never here.</summary>
/// <param name="County">County that the expert works in; null for somebody outside the counties.</param>
/// <param name="Area">Collaboration area of the county; null for an external expert.</param>
/// <param name="UnitId">Keyed hash of the unit that the expert works in, comparable with a request's <c>RequestingUnitId</c>; null when unknown.</param>
/// <param name="Organisation">Code of the organisation that the expert comes from.</param>
/// <param name="Profession">Profession code. For the explanation only: level and title never count (C-69, C-70).</param>
/// <param name="Engagement">How the expert is engaged (codes.json, engagementTypes).</param>
/// <param name="Topics">Topics that the expert is competent in.</param>
/// <param name="WeeklyHours">Hours a week for the platform's work; the limit of all reservations.</param>
/// <param name="AgreementFrom">First day of the agreement; null when there is none, and then the expert can not be asked.</param>
/// <param name="AgreementUntil">Last day of the agreement; null when it is open-ended.</param>
public sealed record ExpertRegistered(
    Guid ExpertId,
    string Sector,
    string Profession,
    string Organisation,
    string Engagement,
    string? County,
    string? Area,
    Guid? UnitId,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> Languages,
    IReadOnlyList<string> Channels,
    decimal WeeklyHours,
    DateOnly? AgreementFrom,
    DateOnly? AgreementUntil,
    bool EmployerConsents,
    DateTimeOffset RegisteredAt);

/// <summary>The expert's hours, languages or channels are other than before.</summary>
public sealed record ExpertAvailabilitySet(Guid ExpertId, decimal WeeklyHours, IReadOnlyList<string> Languages, IReadOnlyList<string> Channels, DateTimeOffset SetAt);

/// <summary>The agreement with the expert's organisation.</summary>
public sealed record AgreementRecorded(Guid ExpertId, DateOnly From, DateOnly? Until, DateTimeOffset RecordedAt);

/// <summary>Whether the employer gives working time for detachments (C-76).</summary>
public sealed record EmployerConsentRecorded(Guid ExpertId, bool Consents, DateTimeOffset RecordedAt);

/// <summary>The expert is not asked any more until registered anew.</summary>
public sealed record ExpertSuspended(Guid ExpertId, string ReasonCode, DateTimeOffset SuspendedAt);

/// <summary>The hours are held for an assembly until they are confirmed, released, or lapse.</summary>
/// <param name="Weeks">The hours held in each week; a single consultation holds them in one week.</param>
public sealed record CapacityReserved(
    Guid ExpertId, Guid ReservationId, Guid AssemblyId, int Round, IReadOnlyList<WeekHours> Weeks, DateTimeOffset LapsesAt, DateTimeOffset ReservedAt);

/// <summary>The hours can not be held, or not be confirmed.</summary>
/// <param name="ReasonCode">
/// <c>hours</c>, <c>suspended</c>, <c>agreement</c>, <c>unknownExpert</c>; <c>weeks</c> when the request names no whole weeks; and, of
/// a confirmation or of a request that comes late, <c>lapsed</c>, <c>released</c>, <c>unknownReservation</c>.
/// </param>
public sealed record CapacityRefused(Guid ExpertId, Guid ReservationId, Guid AssemblyId, int Round, string ReasonCode, DateTimeOffset RefusedAt);

/// <summary>The held hours are the assembly's until the end of their last week.</summary>
public sealed record CapacityConfirmed(Guid ExpertId, Guid ReservationId, Guid AssemblyId, DateTimeOffset ConfirmedAt);

/// <summary>The hours are free again from <paramref name="FromWeek"/> on.</summary>
/// <param name="FromWeek">Monday of the first week that is free again; null when all of them are.</param>
public sealed record CapacityReleased(Guid ExpertId, Guid ReservationId, Guid AssemblyId, DateOnly? FromWeek, string ReasonCode, DateTimeOffset ReleasedAt);

/// <summary>Nobody confirmed in time; the hours are free again.</summary>
public sealed record CapacityLapsed(Guid ExpertId, Guid ReservationId, Guid AssemblyId, DateTimeOffset LapsedAt);

/// <summary>
/// An organisation or unit that knows more of some matters is in the catalogue (C-04, C-91), or registered anew with other facts; the newest
/// registration holds. It is never a person: name and contact are what the organisation itself makes public.
/// </summary>
/// <param name="Country">ISO 3166-1 code of two letters.</param>
/// <param name="Contact">One way to reach it: an address for mail or of a page, or a phone number.</param>
/// <param name="ValidUntil">Last day on which it may be pointed to, unless it is registered anew.</param>
public sealed record KnowledgeHolderRegistered(
    Guid HolderId,
    Label Name,
    string Country,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> Languages,
    string Contact,
    DateOnly ValidUntil,
    DateTimeOffset RegisteredAt);

/// <summary>Nobody is pointed to it any more until it is registered anew. Whoever was pointed to it before still sees it.</summary>
public sealed record KnowledgeHolderEnded(Guid HolderId, string ReasonCode, DateTimeOffset EndedAt);

/// <summary>
/// A team that stays together is kept for some matters of some areas (pysyvä tiimi, C-74), or is defined anew with other facts; the newest
/// definition holds, and takes up again what was dissolved. Its name is never here.
/// </summary>
/// <param name="Members">Experts of the pool.</param>
/// <param name="Topics">What it is kept for.</param>
/// <param name="Areas">Whose requests it takes.</param>
public sealed record StandingTeamDefined(Guid TeamId, IReadOnlyList<Guid> Members, IReadOnlyList<string> Topics, IReadOnlyList<string> Areas, DateTimeOffset DefinedAt);

/// <summary>The team is kept no more, until it is defined anew. Its experts stay in the pool, and who works already goes on.</summary>
public sealed record StandingTeamDissolved(Guid TeamId, string ReasonCode, DateTimeOffset DissolvedAt);

/// <summary>A topic is in the catalogue, or is described anew; the newest description holds, and takes up again what was retired.</summary>
public sealed record TopicDefined(Guid TopicId, Topic Topic, DateTimeOffset DefinedAt);

/// <summary>After its last day the topic is given to no new request and no new competence. What has it already goes on.</summary>
/// <param name="Code">Of a topic that was defined, or that the product is shipped with.</param>
public sealed record TopicRetired(Guid TopicId, string Code, DateOnly LastDay, DateTimeOffset RetiredAt);
