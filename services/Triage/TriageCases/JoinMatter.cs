using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>A further request about the case's matter, or something new that it says: one assessment of all that is known (C-34). A decided route stays; a coordinator has to read the further request and keeps it, or decides anew.</summary>
public static class JoinMatter
{
    /// <param name="Request">What the further request says.</param>
    /// <param name="Answers">The requester was asked for something, and this is the answer.</param>
    /// <param name="IsRead">A coordinator knows the further request.</param>
    public sealed record Command(Guid JoinedId, CaseRequest Request, bool Answers, DateTimeOffset SaidAt, Func<TriageCase, AreaPolicy> PolicyOf, DateTimeOffset Now, bool IsRead = false);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        switch (state)
        {
            case { Status: CaseStatus.NotOpened }: return TriageCase.NotOpened;
            case { Status: CaseStatus.Closed }: return TriageCase.AlreadyClosed;
            case { Lead: not null }: return TriageCase.AlreadyLinked;
        }

        var takenBack = ProposeTransfer.TakenBack(state, command.Now);
        state = takenBack.Aggregate(state, TriageCase.Evolve);
        var (before, policy) = (state.Request!, command.PolicyOf(state));
        // What was decided without it answers a question that nobody has read.
        DateTimeOffset? unread = state.Status is CaseStatus.RouteDecided && !command.IsRead && !state.Joined.Contains(command.JoinedId) ? policy.ConfirmationDue(command.Request.Urgency, command.Now) : null;
        var known = state.Others.FirstOrDefault(told => told.CaseId == command.JoinedId)?.Request;
        // Without a legal basis nothing is shared; a danger that is reported then comes by itself.
        var mayBeKnown = command.Request.LegalBasisType is not CaseRequest.ConsentEnded;
        var newDanger = mayBeKnown ? NewDanger(before, command.Request, command.SaidAt) : null;
        var joined = new RequestJoined(state.Id, command.JoinedId, Shared(command.Request, mayBeKnown && newDanger is null ? command.Request : known), command.SaidAt, unread);
        var with = TriageCase.Evolve(state, joined);
        if (SaysTheSame(before, with.Request!) && newDanger is null && !command.Answers)
        {
            return state.Joined.Contains(command.JoinedId) && known is not null && SaysTheSame(known, joined.Request) ? Decision<TriageEvent>.Nothing : (List<TriageEvent>)[.. takenBack, joined];
        }

        if (newDanger is { } reportedAt)
        {
            var danger = new RaiseSafety.Command(true, command.Request.HighRisk, null, reportedAt, command.PolicyOf, command.Now, command.JoinedId);
            return takenBack.Append(joined).Concat(RaiseSafety.Decide(with, danger).Events).ToList();
        }

        var waits = with.Status is CaseStatus.AwaitingInformation && !command.Answers;
        var follows = waits || with.Status is CaseStatus.RouteDecided
            ? [new CaseAssessed(state.Id, Assessment.Of(Facts.Of(with.Request!, with.AskedFor, policy), policy, with.Request!.HasScreening), command.Now)]
            : AssessCase.Events(with, policy, command.Now, again: true);
        return takenBack.Append(joined).Concat(follows).ToList();
    }

    /// <summary>The facts of both. Whose worker, unit and legal basis count is the carrying case's own.</summary>
    internal static CaseRequest Together(CaseRequest own, CaseRequest other) => own with
    {
        Topics = Both(own.Topics, other.Topics),
        Marks = Both(own.Marks, other.Marks),
        Services = Both(own.Services, other.Services),
        WishedChannels = Both(own.WishedChannels, other.WishedChannels),
        HasUnknownCodes = own.HasUnknownCodes || other.HasUnknownCodes,
        TriedCount = Math.Max(own.TriedCount, other.TriedCount),
        Urgency = other.Urgency > own.Urgency ? other.Urgency : own.Urgency,
        HighRisk = own.HighRisk || other.HighRisk,
        HasScreening = own.HasScreening || other.HasScreening,
        Screenings = own.Screenings is null ? other.Screenings : other.Screenings is null ? own.Screenings : [.. own.Screenings, .. other.Screenings],
        Profiles = own.Profiles is null ? other.Profiles : other.Profiles is null ? own.Profiles : [.. own.Profiles.Union(other.Profiles)],
        AssessorMarks = own.AssessorMarks is null ? other.AssessorMarks : other.AssessorMarks is null ? own.AssessorMarks : Both(own.AssessorMarks, other.AssessorMarks),
        ImmediateDanger = own.ImmediateDanger || other.ImmediateDanger,
        DangerReportedAt = new[] { own.DangerReportedAt, other.DangerReportedAt }.Max(),
    };

    /// <summary>What another case gets to know of a request: neither its worker nor its client, and without a legal basis no fact at all. A danger that is new comes by its own event.</summary>
    /// <param name="danger">Whose danger is known; null for none.</param>
    public static CaseRequest Shared(CaseRequest request, CaseRequest? danger) => (request.LegalBasisType is CaseRequest.ConsentEnded ? Emptied(request) : request) with
    {
        ResponsibleWorkerRef = null,
        MatterKey = null,
        Screenings = Emptied(request.Screenings, request.LegalBasisType),
        ImmediateDanger = danger?.ImmediateDanger == true,
        DangerReportedAt = danger?.DangerReportedAt,
    };

    /// <summary>When the other reported a danger that is not this one's already; one that was seen to long ago says nothing of a new one.</summary>
    /// <param name="saidAt">When the other spoke: a danger that came with the request was reported then.</param>
    internal static DateTimeOffset? NewDanger(CaseRequest own, CaseRequest other, DateTimeOffset saidAt) =>
        other.ImmediateDanger && (other.DangerReportedAt ?? saidAt) is var at && !(at <= own.DangerReportedAt) ? at : null;

    internal static bool SaysTheSame(CaseRequest one, CaseRequest other) =>
        other with { Topics = one.Topics, Marks = one.Marks, Services = one.Services, WishedChannels = one.WishedChannels, Screenings = one.Screenings, Profiles = one.Profiles, AssessorMarks = one.AssessorMarks } == one
        && (one.Screenings ?? []).SequenceEqual(other.Screenings ?? []) && (one.Profiles ?? []).SequenceEqual(other.Profiles ?? []) && (one.AssessorMarks ?? []).SequenceEqual(other.AssessorMarks ?? [])
        && one.Topics.SequenceEqual(other.Topics) && one.Marks.SequenceEqual(other.Marks) && one.Services.SequenceEqual(other.Services) && one.WishedChannels.SequenceEqual(other.WishedChannels);

    /// <summary>What a screening came to may be known, what each answered may not.</summary>
    private static IReadOnlyList<Screening>? Emptied(IReadOnlyList<Screening>? screenings, string legalBasis) =>
        legalBasis is CaseRequest.ConsentEnded || screenings is null ? null : [.. screenings.Select(screening => screening.WithoutAnswers())];

    private static CaseRequest Emptied(CaseRequest request) => request with
    {
        AgeBand = null,
        Topics = [],
        Marks = [],
        Services = [],
        WishedChannels = [],
        HasUnknownCodes = false,
        TriedCount = 0,
        Urgency = Urgency.Routine,
        HighRisk = false,
        HasScreening = false,
        Profiles = null,
        AssessorMarks = null,
    };

    private static IReadOnlyList<string> Both(IReadOnlyList<string> own, IReadOnlyList<string> other) => [.. own.Union(other)];
}
