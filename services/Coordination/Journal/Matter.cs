using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Contracts.Intake;
using OtPlatform.Contracts.TeamAssembly;
using OtPlatform.Contracts.Triage;

namespace OtPlatform.Coordination.Journal;

/// <summary>
/// One consultation as all its journal entries tell it. Each source speaks in the order of its own streams, and no two sources say the
/// same thing, so that the order in which their messages arrive makes no difference.
/// </summary>
public sealed record Matter
{
    private ConsultationSubmitted? Submitted { get; init; }

    private ConsultationStatus Status { get; init; }

    private Accountable? Responsible { get; init; }

    private DateTimeOffset? DueBy { get; init; }

    private IReadOnlyList<string> Topics { get; init; } = [];

    private bool Danger { get; init; }

    private int Objections { get; init; }

    private int Returns { get; init; }

    /// <summary>How many times another area has been asked, and has answered or let its time pass.</summary>
    private int Transfers { get; init; }

    private string? OfferedTo { get; init; }

    /// <summary>The area that has taken the case over; null while it is where it began.</summary>
    private string? MovedTo { get; init; }

    private IReadOnlyList<Ground> Grounds { get; init; } = [];

    private Route? Recommended { get; init; }

    private Route? Route { get; init; }

    private string? Receiver { get; init; }

    private IReadOnlyList<string> Receivers { get; init; } = [];

    private bool ReceiverAccepted { get; init; }

    private Guid? LinkedTo { get; init; }

    private Guid? AnsweringExpert { get; init; }

    private (string To, DateTimeOffset AnswerBy)? Unanswered { get; init; }

    /// <summary>Who is invited to the assessment, and when.</summary>
    private IReadOnlyList<(AskedAssessor Asked, DateTimeOffset InvitedAt)> Assessors { get; init; } = [];

    /// <summary>Everybody who has ever been.</summary>
    private IReadOnlyList<Guid> EverAssessors { get; init; } = [];

    private DateTimeOffset? ConsentEndedAt { get; init; }

    private TeamRecord Team { get; init; } = TeamRecord.None;

    private IReadOnlyList<TimelineStep> Steps { get; init; } = [];

    private bool IsOpen => Status is not (ConsultationStatus.Withdrawn or ConsultationStatus.Closed);

    /// <summary>The consultation of these entries, in whatever order they are given.</summary>
    public static Matter Of(IEnumerable<JournalEntry> entries)
    {
        var ordered = entries.OrderBy(entry => entry.Source, StringComparer.Ordinal).ThenBy(entry => entry.StreamId).ThenBy(entry => entry.StreamVersion).ToList();
        var told = ordered.Select(entry => (Entry: entry, Message: ContractEvent.Of(entry))).ToList();
        var matter = told.Aggregate(new Matter(), (state, step) => Evolve(state, step.Message));
        return matter with { Steps = [.. told.Select(step => StepOf(step.Entry, step.Message)).OrderBy(step => step.At)] };
    }

    /// <summary>Null while the submission is not known.</summary>
    public QueueEntry? QueueEntry => Submitted is not { } request ? null : new QueueEntry
    {
        Id = request.ConsultationId,
        Number = request.Number,
        Area = MovedTo ?? request.Area,
        County = request.County,
        Kind = request.Kind,
        Status = Status,
        Responsible = Responsible,
        SubmittedAt = request.SubmittedAt,
        DueBy = DueBy,
        Urgency = request.Urgency,
        ImmediateDanger = Danger,
        Topics = Topics,
        Grounds = Grounds,
        RecommendedRoute = Recommended,
        Route = Route,
        Bounces = Objections + Returns + Transfers,
        Experts = [.. Team.Invitations.Select(invitation => invitation.ExpertId)
            .Concat(Team.Members.Select(member => member.ExpertId).OfType<Guid>()).Distinct().Order()],
        AskedToAssess = EverAssessors,
        Assessors = Invited,
        AssessedUntil = Invited.Count > 0 ? Invited.Max(asked => asked.DueBy) : null,
        AnsweringExpert = AnsweringExpert,
        Receiver = Receiver,
        Receivers = Receivers,
        ReceiverAccepted = ReceiverAccepted,
        LinkedTo = LinkedTo,
        OpenIn = IsOpen ? MovedTo ?? request.Area : null,
        OfferedTo = IsOpen && Route is null && LinkedTo is null ? OfferedTo : null,
        MessageTo = Unanswered?.To,
        AnswerMessageBy = Unanswered?.AnswerBy,
        SortKey = Journal.QueueEntry.SortKeyOf(Danger, request.Urgency, Unanswered?.AnswerBy is { } answerBy && !(DueBy < answerBy) ? answerBy : DueBy, request.ConsultationId),
    };

    /// <summary>The end of a request or of its consent ends what an assessor may see; no event of the case says so again.</summary>
    private IReadOnlyList<AskedAssessor> Invited =>
        IsOpen ? [.. Assessors.Where(known => ConsentEndedAt is not { } ended || known.InvitedAt > ended).Select(known => known.Asked)] : [];

    /// <summary>The consultation across the services.</summary>
    public ConsultationTimeline Timeline(Guid id) => new() { Id = id, Steps = Steps, Team = Team };

    private static Matter Evolve(Matter state, object message) => message switch
    {
        ConsultationSubmitted e => Begin(state, e),
        ImmediateDangerReported { Consultation: { } request } when state.Submitted is null => Begin(state, request) with { Danger = true },
        ImmediateDangerReported => state with { Danger = true },
        InformationAdded e => state with
        {
            Status = ConsultationStatus.InTriage,
            Responsible = Accountable.AreaCoordinators,
            DueBy = e.DueBy ?? state.DueBy,
            Topics = e.Topics ?? state.Topics,
        },
        // An answer to the question answers what was written before it.
        ConsultationStatusChanged e => state with { Status = e.Status ?? state.Status, Responsible = e.Responsible, DueBy = e.DueBy, Unanswered = e.Status is ConsultationStatus.Answered ? null : state.Unanswered },
        ConsultationWithdrawn => state with { Status = ConsultationStatus.Withdrawn, Responsible = null, DueBy = null, Unanswered = null },
        ConsultationClosed => state with { Status = ConsultationStatus.Closed, Responsible = null, DueBy = null, Unanswered = null },
        MessageSent { AnswerBy: { } answerBy } e => state with { Unanswered = state.Unanswered ?? (e.To, answerBy) },
        MessageOverdue e => state with { Unanswered = (e.To, e.AnswerBy) },
        MessageSent { To: "requester" } => state with { Unanswered = null },
        AnswerObjected => state with { Status = ConsultationStatus.InTriage, Responsible = Accountable.AreaCoordinators, Objections = state.Objections + 1 },

        SafetyReported { Urgency: { } urgency } when state.Submitted is { } request && urgency > request.Urgency => state with { Submitted = request with { Urgency = urgency } },
        ConsultationCorrected e => state with { Topics = e.Topics ?? state.Topics },

        CaseAssessed e => state with { Grounds = e.Grounds, Recommended = e.RecommendedRoute },
        CasesLinked e => state with { LinkedTo = e.LeadCaseId, Route = null, Receiver = null, ReceiverAccepted = false },
        CaseUnlinked => state with { LinkedTo = null },
        CaseReassessed or InformationRequested => state with { Route = null, Receiver = null, ReceiverAccepted = false },
        RouteDecided e => state with { Route = e.Route, Grounds = e.Grounds, Receiver = null, ReceiverAccepted = false },
        ReferralProposed e => state with { Receiver = e.Receiver, ReceiverAccepted = false, Receivers = [.. state.Receivers.Append(e.Receiver).Distinct()] },
        ReferralAccepted e => state with { Receiver = e.Receiver, ReceiverAccepted = true },
        ReferralReturned => state with { Route = null, Receiver = null, ReceiverAccepted = false, Returns = state.Returns + 1 },

        AssessorInvited e => state with
        {
            Assessors = [.. state.Assessors.Where(known => known.Asked.ExpertId != e.ExpertId), (new AskedAssessor(e.ExpertId, e.ReasonCode, e.DueBy), e.InvitedAt)],
            EverAssessors = [.. state.EverAssessors.Append(e.ExpertId).Distinct()],
        },
        AssessorReleased e => state with { Assessors = [.. state.Assessors.Where(known => known.Asked.ExpertId != e.ExpertId)] },
        ConsentEnded e => state with { ConsentEndedAt = e.EndedAt },

        TransferProposed e => state with { OfferedTo = e.NeedsDecision ? null : e.ToArea },
        TransferAccepted e => state with { MovedTo = e.ToArea, Transfers = e.Transfers, OfferedTo = null },
        TransferReturned e => state with { Transfers = e.Transfers, OfferedTo = null },

        AssemblyStarted => state with { Team = TeamRecord.None with { Invitations = Withdrawn(state.Team) }, AnsweringExpert = null },
        TeamProposed e => state with { Team = state.Team with { Round = e.Round, UnmetNeeds = e.UnmetNeeds } },
        ExpertInvited e => state with { Team = Invite(state.Team, e) },
        InvitationAccepted e => state with { Team = Answer(state.Team, e.InvitationId, InvitationStatus.Accepted) },
        InvitationDeclined e => state with { Team = Answer(state.Team, e.InvitationId, InvitationStatus.Declined, e.ReasonCode) },
        InvitationExpired e => state with { Team = Answer(state.Team, e.InvitationId, InvitationStatus.Expired) },
        ConsultationArranged e => state with { Team = state.Team with { Members = [MemberOf(e.Expert)] }, AnsweringExpert = e.Expert.ExpertId },
        TeamActivated e => state with { Team = state.Team with { Members = [.. e.Members.Select(MemberOf)], NetworkCoordinator = e.NetworkCoordinator } },
        ConsultationAnswered => state with { AnsweringExpert = null },
        ServiceGapFound e => state with { Team = state.Team with { UnmetNeeds = e.UnmetNeeds } },
        TeamDisbanded or AssemblyCancelled => state with { Team = state.Team with { Members = [], Invitations = Withdrawn(state.Team) }, AnsweringExpert = null },
        _ => state,
    };

    private static Matter Begin(Matter state, ConsultationSubmitted request) => state with
    {
        Submitted = request,
        Status = ConsultationStatus.Received,
        Responsible = Accountable.AreaCoordinators,
        DueBy = request.DueBy,
        Topics = request.Topics,
        Danger = request.ImmediateDanger,
    };

    private static TeamRecord Invite(TeamRecord team, ExpertInvited e) => team with
    {
        Invitations =
        [
            .. team.Invitations.Where(invitation => invitation.Id != e.InvitationId),
            new InvitationRecord(e.InvitationId, e.ExpertId, e.Role, e.Needs, InvitationStatus.Open, null, e.InvitedAt, e.RespondBy),
        ],
    };

    private static TeamRecord Answer(TeamRecord team, Guid id, InvitationStatus status, string? reason = null) => team with
    {
        Invitations = [.. team.Invitations.Select(invitation => invitation.Id == id ? invitation with { Status = status, ReasonCode = reason } : invitation)],
    };

    private static IReadOnlyList<InvitationRecord> Withdrawn(TeamRecord team) =>
        [.. team.Invitations.Select(invitation => invitation.Status is InvitationStatus.Open or InvitationStatus.Accepted ? invitation with { Status = InvitationStatus.Withdrawn } : invitation)];

    private static MemberRecord MemberOf(TeamMember member) =>
        new(member.ExpertId, member.Role, member.Sector, member.Organisation, member.Profession, member.Channel, member.Needs, member.From, member.Until);

    private static TimelineStep StepOf(JournalEntry entry, object message)
    {
        var (detail, expert) = message switch
        {
            ConsultationStatusChanged { Status: { } status } => (Code("status", status), null),
            ConsultationStatusChanged { Responsible: { } responsible } => (Code("accountable", responsible), null),
            MessageSent e => ($"messageFrom:{e.From}", null),
            MessageOverdue e => ($"messageTo:{e.To}", null),
            ConsentEnded e => ($"consentReason:{e.ReasonCode}", null),
            CaseAssessed { RecommendedRoute: { } route } => (Code("route", route), null),
            InformationRequested e => ($"asked:{string.Join(',', e.Asked)}", null),
            RouteDecided e => (Code("route", e.Route), null),
            ReferralProposed e => ($"receiver:{e.Receiver}", null),
            ReferralAccepted e => ($"receiver:{e.Receiver}", null),
            ReferralReturned e => ($"returnReason:{e.ReasonCode}", null),
            AssessorInvited e => ($"assessorReason:{e.ReasonCode}", e.ExpertId),
            AssessmentContributed e => (e.Marks.Count > 0 ? $"marks:{string.Join(',', e.Marks)}" : null, e.ExpertId),
            AssessorReleased e => ($"assessorReleased:{e.ReasonCode}", e.ExpertId),
            AssemblyStarted e => (Code("route", e.Route), null),
            ExpertInvited e => ($"teamRole:{e.Role}", e.ExpertId),
            InvitationAccepted e => (null, e.ExpertId),
            InvitationDeclined e => ($"declineReason:{e.ReasonCode}", e.ExpertId),
            InvitationExpired e => (null, e.ExpertId),
            ConsultationArranged e => (null, e.Expert.ExpertId),
            ConsultationAnswered e => ($"answeredBy:{e.By}", null),
            AssemblyHandedToCoordinator e => ($"handedReason:{e.ReasonCode}", null),
            TeamDisbanded e => ($"outcome:{e.OutcomeCode}", null),
            AssemblyCancelled e => ($"cancelReason:{e.ReasonCode}", null),
            CapacityReserved e => (null, e.ExpertId),
            CapacityRefused e => ($"refusedReason:{e.ReasonCode}", e.ExpertId),
            CapacityConfirmed e => (null, e.ExpertId),
            CapacityReleased e => ($"cancelReason:{e.ReasonCode}", e.ExpertId),
            CapacityLapsed e => (null, e.ExpertId),
            _ => ((string?)null, (Guid?)null),
        };
        return new TimelineStep(entry.At, entry.What, entry.Source, detail, expert);
    }

    private static string Code<T>(string list, T value)
        where T : struct, Enum => $"{list}:{Codes.Of(value)}";
}

/// <summary>Codes of contract enums as on the wire.</summary>
public static class Codes
{
    public static string Of<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
