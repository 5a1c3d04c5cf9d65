using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>A further request about the case's matter, or something new that it says: one assessment of all that is known (C-34). A decided route stays; a coordinator has to read the further request and keeps it, or decides anew.</summary>
public static class JoinMatter
{
    /// <param name="Request">What the further request says.</param>
    /// <param name="Answers">The requester was asked for something, and this is the answer.</param>
    /// <param name="IsRead">A coordinator knows the further request.</param>
    public sealed record Command(Guid JoinedId, CaseRequest Request, bool Answers, DateTimeOffset SaidAt, Func<string, AreaPolicy> PolicyOf, DateTimeOffset Now, bool IsRead = false);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        switch (state)
        {
            case { Status: CaseStatus.NotOpened }: return TriageCase.NotOpened;
            case { Status: CaseStatus.Closed }: return TriageCase.AlreadyClosed;
            case { Lead: not null }: return TriageCase.AlreadyLinked;
        }

        var (before, policy) = (state.Request!, command.PolicyOf(state.Area));
        // What was decided without it answers a question that nobody has read.
        DateTimeOffset? unread = state.Status is CaseStatus.RouteDecided && !command.IsRead && !state.Joined.Contains(command.JoinedId) ? policy.ConfirmationDue(command.Request.Urgency, command.Now) : null;
        var joined = new RequestJoined(state.Id, command.JoinedId, Together(before, command.Request), command.SaidAt, unread);
        var newDanger = NewDanger(before, command.Request, command.SaidAt);
        if (!SaysMore(before, joined.Request) && newDanger is null && !command.Answers)
        {
            return state.Joined.Contains(command.JoinedId) ? Decision<TriageEvent>.Nothing : joined;
        }

        var with = TriageCase.Evolve(state, joined);
        if (newDanger is { } reportedAt)
        {
            var danger = new RaiseSafety.Command(true, command.Request.HighRisk, null, reportedAt, command.PolicyOf, command.Now);
            return new List<TriageEvent> { joined }.Concat(RaiseSafety.Decide(with, danger).Events).ToList();
        }

        var waits = with.Status is CaseStatus.AwaitingInformation && !command.Answers;
        var follows = waits || with.Status is CaseStatus.RouteDecided
            ? [new CaseAssessed(state.Id, Assessment.Of(Facts.Of(with.Request!, with.AskedFor, policy), policy, with.Request!.HasScreening), command.Now)]
            : AssessCase.Events(with, policy, command.Now, again: true);
        return new List<TriageEvent> { joined }.Concat(follows).ToList();
    }

    /// <summary>The facts of both. Whose worker, unit and legal basis count is the carrying case's own; danger comes by its own event.</summary>
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
    };

    /// <summary>When the other reported a danger that is not this one's already; one that was seen to long ago says nothing of a new one.</summary>
    /// <param name="saidAt">When the other spoke: a danger that came with the request was reported then.</param>
    internal static DateTimeOffset? NewDanger(CaseRequest own, CaseRequest other, DateTimeOffset saidAt) =>
        other.ImmediateDanger && (other.DangerReportedAt ?? saidAt) is var at && !(at <= own.DangerReportedAt) ? at : null;

    // Lists only grow, so their lengths tell.
    private static bool SaysMore(CaseRequest before, CaseRequest together) =>
        together with { Topics = before.Topics, Marks = before.Marks, Services = before.Services, WishedChannels = before.WishedChannels } != before
        || together.Topics.Count > before.Topics.Count || together.Marks.Count > before.Marks.Count || together.Services.Count > before.Services.Count;

    private static IReadOnlyList<string> Both(IReadOnlyList<string> own, IReadOnlyList<string> other) => [.. own.Union(other)];
}
