using System.Diagnostics;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.TeamAssembly.Assemblies;

public enum AssemblyStatus
{
    NotStarted,
    Reserving,
    Inviting,
    WithCoordinator,
    Gap,
    Guidance,
    Arranged,
    Working,
    Answered,
    Disbanded,
    Cancelled,
}

public enum InvitationStatus
{
    Reserving,
    Held,
    Open,
    Accepted,
    Confirmed,
    Declined,
    Expired,
    Refused,
    Withdrawn,
}

/// <summary>A need of the route, with the name that it has in the composition.</summary>
/// <param name="Kind">topic or sector.</param>
/// <param name="Once">The hours are needed in one week of the period, not in each.</param>
public sealed record TeamNeed(string Kind, string Code, decimal WeeklyHours, int Weeks, bool Once, string? Channel, string Language)
{
    public string Key => $"{Kind}:{Code}";
}

public abstract record AssemblyEvent;

/// <param name="Matter">Null when the route came without the facts that a composition needs.</param>
/// <param name="StandingTeamFirst">A standing team that the area keeps for the topic goes before a team assembled anew.</param>
public sealed record AssemblyStarted(
    Guid AssemblyId, string Area, Route Route, MatterFacts? Matter, IReadOnlyList<TeamNeed> Needs, bool NetworkCoordinator, string PolicyVersion,
    DateTimeOffset RouteDecidedAt, DateTimeOffset StartedAt, DateTimeOffset DueBy, bool StandingTeamFirst = false) : AssemblyEvent;

/// <summary>Carries the whole answer of the composition, so that it can be explained later as it was (R9).</summary>
public sealed record TeamComposed(Guid AssemblyId, string Area, int Round, DateOnly FirstWeek, ComposedTeam Team, IReadOnlyList<ProposedInvitation> New, DateTimeOffset ComposedAt, DateTimeOffset DueBy) : AssemblyEvent;

/// <summary>Somebody who is to be asked in this round, and for what.</summary>
public sealed record ProposedInvitation(Guid InvitationId, Guid ExpertId, IReadOnlyList<string> Needs, IReadOnlyList<DateOnly> OnceWeeks, decimal WeeklyHours);

public sealed record CapacityRequested(
    Guid AssemblyId, Guid InvitationId, Guid ExpertId, int Round, IReadOnlyList<string> Needs, IReadOnlyList<DateOnly> OnceWeeks, decimal WeeklyHours, IReadOnlyList<WeekHours> Weeks,
    DateOnly From, DateOnly Until, string? Channel, DateTimeOffset LapsesAt, DateTimeOffset RequestedAt) : AssemblyEvent;

/// <summary>A coordinator asks somebody for needs that nobody was found for; a new attempt begins.</summary>
public sealed record ExpertChosenByHand(Guid AssemblyId, Guid ExpertId, IReadOnlyList<string> Needs, string ChosenBy, DateTimeOffset ChosenAt) : AssemblyEvent;

public sealed record CapacityHeld(Guid AssemblyId, Guid InvitationId, DateTimeOffset HeldAt) : AssemblyEvent;

public sealed record CapacityWithheld(Guid AssemblyId, Guid InvitationId, string ReasonCode, DateTimeOffset WithheldAt) : AssemblyEvent;

public sealed record ExpertInvited(
    Guid AssemblyId, Guid InvitationId, string Area, Guid ExpertId, string Role, IReadOnlyList<string> Needs, decimal WeeklyHours, DateOnly From, DateOnly Until, string? Channel,
    DateTimeOffset InvitedAt, DateTimeOffset RespondBy) : AssemblyEvent;

public sealed record InvitationAccepted(Guid AssemblyId, Guid InvitationId, string Area, Guid ExpertId, DateTimeOffset AcceptedAt) : AssemblyEvent;

public sealed record ConfirmationRequested(Guid AssemblyId, Guid InvitationId, Guid ExpertId, int Round, DateTimeOffset RequestedAt) : AssemblyEvent;

public sealed record InvitationDeclined(Guid AssemblyId, Guid InvitationId, string Area, Guid ExpertId, string ReasonCode, DateTimeOffset DeclinedAt) : AssemblyEvent;

/// <summary>No answer in time, hours that lapsed before they were confirmed, or no answer to the question: the expert is out of it.</summary>
public sealed record InvitationExpired(Guid AssemblyId, Guid InvitationId, string Area, Guid ExpertId, DateTimeOffset ExpiredAt) : AssemblyEvent;

/// <param name="FromWeek">Monday of the first week that is not needed; null for all of them.</param>
public sealed record CapacityGivenBack(Guid AssemblyId, Guid InvitationId, Guid ExpertId, DateOnly? FromWeek, string ReasonCode, DateTimeOffset GivenBackAt) : AssemblyEvent;

public sealed record HoursConfirmed(Guid AssemblyId, Guid InvitationId, DateTimeOffset ConfirmedAt) : AssemblyEvent;

public sealed record ConsultationArranged(Guid AssemblyId, string Area, TeamMember Expert, DateTimeOffset ArrangedAt, DateTimeOffset DueBy, DateTimeOffset? RouteDecidedAt) : AssemblyEvent;

public sealed record TeamActivated(Guid AssemblyId, string Area, IReadOnlyList<TeamMember> Members, bool NetworkCoordinator, IReadOnlyList<string> GuardsHeld, DateTimeOffset ActivatedAt, DateTimeOffset DueBy, DateTimeOffset? RouteDecidedAt) : AssemblyEvent;

/// <param name="KnowledgeHolderId">Who has more exact knowledge of the matter's topics; null where nobody is known.</param>
public sealed record ServiceGapFound(
    Guid AssemblyId, string Area, IReadOnlyList<string> UnmetNeeds, DateTimeOffset FoundAt, DateTimeOffset DueBy, DateTimeOffset? RouteDecidedAt, Guid? KnowledgeHolderId = null) : AssemblyEvent;

/// <summary>The pool is another since the gap was found, and all needs can be met now: a new attempt begins by itself.</summary>
/// <param name="AskedAgain">Experts whose hours the pool refused then, and who may be asked again.</param>
public sealed record SearchResumed(Guid AssemblyId, IReadOnlyList<Guid> AskedAgain, DateTimeOffset ResumedAt) : AssemblyEvent;

public sealed record AssemblyHandedToCoordinator(Guid AssemblyId, string Area, string ReasonCode, DateTimeOffset HandedAt, DateTimeOffset DueBy, DateTimeOffset? RouteDecidedAt) : AssemblyEvent;

/// <param name="By">expert or coordinator.</param>
public sealed record ConsultationAnswered(Guid AssemblyId, string Area, Guid AnswerTextId, IReadOnlyList<string> Knowledge, string By, DateTimeOffset AnsweredAt, DateTimeOffset? RouteDecidedAt) : AssemblyEvent;

public sealed record TeamDisbanded(Guid AssemblyId, string Area, string OutcomeCode, DateTimeOffset DisbandedAt, DateTimeOffset? RouteDecidedAt) : AssemblyEvent;

/// <summary>Also when the request was withdrawn before anything began, so that a late route starts nothing.</summary>
/// <param name="WithdrawnAt">By the requester's side; null unless it was withdrawn.</param>
public sealed record AssemblyCancelled(Guid AssemblyId, string Area, string ReasonCode, DateTimeOffset CancelledAt, DateTimeOffset? WithdrawnAt = null) : AssemblyEvent;

/// <summary>The request was taken up again: a withdrawal before <paramref name="ReopenedAt"/> holds no longer.</summary>
public sealed record AssemblyReopened(Guid AssemblyId, string Area, DateTimeOffset ReopenedAt) : AssemblyEvent;

/// <summary>What belongs to one client or one worker has been taken out of the assembly for good; nobody is sought for it again.</summary>
public sealed record AssemblyErased(Guid AssemblyId, string Area, DateTimeOffset ErasedAt) : AssemblyEvent;

/// <summary>Nobody may ask any more for some of what the route needed.</summary>
/// <param name="Needs">All that it still needs.</param>
public sealed record NeedsChanged(Guid AssemblyId, IReadOnlyList<TeamNeed> Needs, DateTimeOffset ChangedAt) : AssemblyEvent;

/// <summary>What allows the matter to be shared is another.</summary>
public sealed record LegalBasisChanged(Guid AssemblyId, string Type, DateOnly? ValidUntil, DateTimeOffset ChangedAt) : AssemblyEvent;

/// <summary>The requesting side's responsible worker is another; the own worker's place in the team is theirs.</summary>
public sealed record ResponsibleWorkerChanged(Guid AssemblyId, string Role, string Ref, DateTimeOffset ChangedAt) : AssemblyEvent;

/// <summary>A member of a working team.</summary>
/// <param name="ExpertId">Null for the requesting side's own worker and the network coordinator.</param>
/// <param name="Role">codes.json, teamRoles.</param>
/// <param name="Needs">Why this member; empty for the requesting side's own.</param>
public sealed record TeamMember(
    Guid? ExpertId, string Role, string? Sector, string? Organisation, string? Profession, string? Channel, IReadOnlyList<string> Needs, DateOnly From, DateOnly Until);

/// <summary>One expert's invitation, from the hours held for it to its answer.</summary>
public sealed record Invitation(
    Guid Id, Guid ExpertId, int Round, IReadOnlyList<string> Needs, IReadOnlyList<DateOnly> OnceWeeks, decimal WeeklyHours, DateOnly From, DateOnly Until, string? Channel,
    InvitationStatus Status, DateTimeOffset LapsesAt, DateTimeOffset? RespondBy)
{
    /// <summary>When the pool refused the hours; null when it did not.</summary>
    public DateTimeOffset? RefusedAt { get; init; }

    /// <summary>The hours are asked for, held or confirmed, and nobody has said no.</summary>
    public bool IsLive => Status is InvitationStatus.Reserving or InvitationStatus.Held or InvitationStatus.Open or InvitationStatus.Accepted or InvitationStatus.Confirmed;
}

/// <summary>That nobody can meet the needs now.</summary>
/// <param name="KnowledgeHolderId">Who has more exact knowledge; null where nobody is known.</param>
public sealed record OpenGap(DateTimeOffset FoundAt, DateTimeOffset DueBy, Guid? KnowledgeHolderId);

/// <summary>The search for the smallest team, or the one expert, that covers the need, until it works (tiimin kokoaminen).</summary>
/// <param name="Out">Experts who are not asked again in this matter, and why.</param>
/// <param name="WithdrawnAt">When the request was withdrawn; null while it is not.</param>
/// <param name="ReopenedAt">When it was taken up again at last.</param>
/// <param name="FirstRound">The round with which the present attempt began; rounds are counted on over all attempts.</param>
public sealed record Assembly(
    Guid Id,
    AssemblyStatus Status,
    string Area,
    Route Route,
    MatterFacts? Matter,
    IReadOnlyList<TeamNeed> Needs,
    bool NetworkCoordinator,
    DateTimeOffset? RouteDecidedAt,
    int Round,
    int FirstRound,
    DateOnly? FirstWeek,
    IReadOnlyList<Invitation> Invitations,
    IReadOnlyDictionary<Guid, Exclusion> Out,
    IReadOnlyList<TeamMember> Members,
    DateTimeOffset? AnswerDue,
    Guid? AnswerTextId,
    DateTimeOffset? WithdrawnAt,
    DateTimeOffset? ReopenedAt)
{
    public static readonly Assembly Initial = new(
        Guid.Empty, AssemblyStatus.NotStarted, string.Empty, default, null, [], false, null, 0, 1, null, [], new Dictionary<Guid, Exclusion>(), [], null, null, null, null);

    public static readonly Aggregate<Assembly, AssemblyEvent> Aggregate = new("assembly", Initial, Evolve)
    {
        Deadlines = DeadlinesOf,
        View = (happened, version) => ViewDocument.Of(AssemblyView.Fold(happened, version)),
    };

    public static readonly Rejection NotStarted = new("team-assembly.not-started", "Nobody is being sought for this consultation.", RejectionKind.NotFound);
    public static readonly Rejection InvitationUnknown = new("team-assembly.invitation-unknown", "There is no such invitation.", RejectionKind.NotFound);

    public IEnumerable<Invitation> Live => Invitations.Where(invitation => invitation.IsLive);

    /// <summary>Keys of the needs that no live invitation covers.</summary>
    public IReadOnlyList<string> Uncovered => [.. Needs.Select(need => need.Key).Except(Live.SelectMany(invitation => invitation.Needs))];

    public bool IsOver => Status is AssemblyStatus.NotStarted or AssemblyStatus.Answered or AssemblyStatus.Disbanded or AssemblyStatus.Cancelled;

    public bool Withdrawn => WithdrawnAt is not null;

    /// <summary>Another consultation's team works for the matter, if any does; until a route is decided for this one by itself.</summary>
    public bool Linked { get; init; }

    /// <summary>Whatever comes later starts nothing.</summary>
    public bool Erased { get; init; }

    /// <summary>A standing team that the area keeps for the topic goes before a team assembled anew.</summary>
    public bool StandingTeamFirst { get; init; }

    /// <summary>The gap, while nobody can meet the needs.</summary>
    public OpenGap? Gap { get; init; }

    /// <summary>Experts who were asked with a standing team in this attempt.</summary>
    public IReadOnlyList<Guid> OfStandingTeam { get; init; } = [];

    /// <summary>Members of the standing team beyond its first: it counts as one.</summary>
    public int Together => Math.Max(0, Live.Select(invitation => invitation.ExpertId).Intersect(OfStandingTeam).Count() - 1);

    public bool IsSearching => Status is AssemblyStatus.Reserving or AssemblyStatus.Inviting;

    public Invitation? Invitation(Guid id) => Invitations.FirstOrDefault(invitation => invitation.Id == id);

    public static Assembly Evolve(Assembly state, AssemblyEvent happened) => happened switch
    {
        AssemblyStarted e => Initial with
        {
            Id = e.AssemblyId,
            Status = e.Route is Route.BasicSupportGuidance ? AssemblyStatus.Guidance : AssemblyStatus.Reserving,
            Area = e.Area,
            Route = e.Route,
            Matter = e.Matter,
            Needs = e.Needs,
            NetworkCoordinator = e.NetworkCoordinator,
            RouteDecidedAt = e.RouteDecidedAt,
            Round = state.Round,
            FirstRound = state.Round + 1,
            Out = state.Out.Where(known => known.Value is Exclusion.DeclinedBefore).ToDictionary(),
            WithdrawnAt = state.WithdrawnAt,
            ReopenedAt = state.ReopenedAt,
            StandingTeamFirst = e.StandingTeamFirst || e.Route is Route.StandingTeam,
        },
        TeamComposed e => state with
        {
            Round = e.Round,
            FirstWeek = e.FirstWeek,
            OfStandingTeam = state.Live.Any() ? state.OfStandingTeam : [.. e.Team.Members.Where(member => member.OfStandingTeam).Select(member => member.ExpertId)],
        },
        CapacityRequested e => state with
        {
            Status = state.Status is AssemblyStatus.WithCoordinator ? state.Status : AssemblyStatus.Reserving,
            Round = e.Round,
            FirstWeek = e.From,
            Invitations = [.. state.Invitations, new Invitation(e.InvitationId, e.ExpertId, e.Round, e.Needs, e.OnceWeeks, e.WeeklyHours, e.From, e.Until, e.Channel, InvitationStatus.Reserving, e.LapsesAt, null)],
        },
        ExpertChosenByHand e => state with { Status = AssemblyStatus.Reserving, FirstRound = state.Round + 1, Out = state.Out.Where(known => known.Key != e.ExpertId).ToDictionary() },
        CapacityHeld e => With(state, e.InvitationId, invitation => invitation with { Status = InvitationStatus.Held }),
        CapacityWithheld e => With(state, e.InvitationId, invitation => invitation with { Status = InvitationStatus.Refused, RefusedAt = e.WithheldAt }, Exclusion.Excluded),
        ExpertInvited e => With(state, e.InvitationId, invitation => invitation with { Status = InvitationStatus.Open, RespondBy = e.RespondBy }) with { Status = state.Status is AssemblyStatus.WithCoordinator ? state.Status : AssemblyStatus.Inviting },
        InvitationAccepted e => With(state, e.InvitationId, invitation => invitation with { Status = InvitationStatus.Accepted }),
        ConfirmationRequested => state,
        InvitationDeclined e => With(state, e.InvitationId, invitation => invitation with { Status = InvitationStatus.Declined }, Exclusion.DeclinedBefore),
        InvitationExpired e => With(state, e.InvitationId, invitation => invitation with { Status = InvitationStatus.Expired }, Exclusion.Excluded),
        CapacityGivenBack e => With(state, e.InvitationId, invitation => invitation.IsLive && e.FromWeek is null ? invitation with { Status = InvitationStatus.Withdrawn } : invitation),
        HoursConfirmed e => With(state, e.InvitationId, invitation => invitation with { Status = InvitationStatus.Confirmed }),
        ConsultationArranged e => state with { Status = AssemblyStatus.Arranged, Members = [e.Expert], AnswerDue = e.DueBy },
        TeamActivated e => state with { Status = AssemblyStatus.Working, Members = e.Members },
        ServiceGapFound e => state with { Status = AssemblyStatus.Gap, Gap = new OpenGap(e.FoundAt, e.DueBy, e.KnowledgeHolderId) },
        SearchResumed e => state with { Status = AssemblyStatus.Reserving, Gap = null, FirstRound = state.Round + 1, Out = state.Out.Where(known => !e.AskedAgain.Contains(known.Key)).ToDictionary() },
        AssemblyHandedToCoordinator => state with { Status = AssemblyStatus.WithCoordinator, Members = [] },
        ConsultationAnswered e => state with { Status = AssemblyStatus.Answered, AnswerTextId = e.AnswerTextId },
        TeamDisbanded => state with { Status = AssemblyStatus.Disbanded },
        AssemblyCancelled e => state with
        {
            Id = e.AssemblyId,
            Status = AssemblyStatus.Cancelled,
            WithdrawnAt = e.ReasonCode == CancelAssembly.Withdrawn ? e.WithdrawnAt ?? e.CancelledAt : state.WithdrawnAt,
            Linked = e.ReasonCode == CancelAssembly.Linked,
        },
        AssemblyReopened e => state with { Id = e.AssemblyId, WithdrawnAt = state.WithdrawnAt > e.ReopenedAt ? state.WithdrawnAt : null, ReopenedAt = e.ReopenedAt },
        AssemblyErased e => state with { Id = e.AssemblyId, Status = AssemblyStatus.Cancelled, Erased = true },
        ResponsibleWorkerChanged e => state with
        {
            Matter = state.Matter! with { ResponsibleWorkerRole = e.Role, ResponsibleWorkerRef = e.Ref },
            Members = [.. state.Members.Select(member => member is { ExpertId: null, Role: "responsibleWorker" } ? member with { Profession = e.Role } : member)],
        },
        NeedsChanged e => state with
        {
            Needs = e.Needs,
            Invitations = [.. state.Invitations.Select(known => known.IsLive ? known with { Needs = [.. known.Needs.Where(key => e.Needs.Any(need => need.Key == key))] } : known)],
        },
        LegalBasisChanged e => state with { Matter = state.Matter! with { LegalBasisType = e.Type, LegalBasisValidUntil = e.ValidUntil } },
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };

    private static Assembly With(Assembly state, Guid invitation, Func<Invitation, Invitation> change, Exclusion? exclusion = null)
    {
        var changed = state with { Invitations = [.. state.Invitations.Select(known => known.Id == invitation ? change(known) : known)] };
        return exclusion is { } why && state.Invitation(invitation) is { } of
            ? changed with { Out = new Dictionary<Guid, Exclusion>(state.Out) { [of.ExpertId] = why } }
            : changed;
    }

    private static List<WantedDeadline> DeadlinesOf(Assembly state)
    {
        var wanted = new List<WantedDeadline>();
        if (state.IsSearching || state.Status is AssemblyStatus.WithCoordinator)
        {
            var answers = state.Invitations.Where(invitation => invitation.Status is InvitationStatus.Open).Select(invitation => invitation.RespondBy).ToList();
            if (answers.Count > 0)
            {
                wanted.Add(new WantedDeadline("invitation", answers.Min()!.Value));
            }

            var waiting = state.Invitations.Where(invitation => invitation.Status is InvitationStatus.Reserving or InvitationStatus.Held or InvitationStatus.Accepted).Select(invitation => invitation.LapsesAt).ToList();
            if (waiting.Count > 0)
            {
                wanted.Add(new WantedDeadline("reservation", waiting.Min()));
            }
        }

        if (state is { Status: AssemblyStatus.Gap, Gap: { } gap })
        {
            wanted.Add(new WantedDeadline(SearchAgain.Kind, gap.FoundAt));
            wanted.Add(new WantedDeadline(SearchAgain.Review, gap.DueBy));
        }

        if (state is { Status: AssemblyStatus.Arranged, AnswerDue: { } due })
        {
            wanted.Add(new WantedDeadline("answer", due));
        }

        if (state.Status is AssemblyStatus.Working)
        {
            var last = state.Members.Max(member => member.Until);
            wanted.Add(new WantedDeadline("membership-end", new DateTimeOffset(last.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)));
        }

        return wanted;
    }
}
