using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>A linked request gets a case of its own again: because somebody says so, or because the case that carried its matter is over. Then it carries the matter of those who were linked beside it.</summary>
public static class LeaveMatter
{
    /// <summary>A request that is linked to this case from now on.</summary>
    public sealed record Beside(Guid CaseId, CaseRequest Request);

    /// <param name="Waits">Where the matter goes is to be decided anew; false when it is over, or when its requester owes something.</param>
    /// <param name="Left">The case that carried the matter, where its route stays; null else.</param>
    public sealed record Command(string By, string ReasonCode, bool Waits, TriageCase? Left, IReadOnlyList<Beside> Joined, Func<string, AreaPolicy> PolicyOf, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        switch (state)
        {
            case { Status: CaseStatus.NotOpened }: return TriageCase.NotOpened;
            case { Lead: null }: return Decision<TriageEvent>.Nothing;
        }

        var (policy, now) = (command.PolicyOf(state.Area), command.Now);
        var request = command.Joined.Aggregate(state.Request!, (known, beside) => JoinMatter.Together(known, beside.Request));
        var danger = command.Joined.Select(beside => JoinMatter.NewDanger(request, beside.Request, now)).Max();
        DateTimeOffset? due = !command.Waits ? null : request.ImmediateDanger || danger is not null ? policy.HeldDue(now) : policy.ConfirmationDue(request.Urgency, now);
        List<TriageEvent> events =
        [
            new CaseUnlinked(state.Id, state.Area, state.Lead!.Value, command.By, command.ReasonCode, now, due, command.Left?.Route, command.Left?.RouteDecidedAt),
            .. command.Joined.Select(beside => new RequestJoined(state.Id, beside.CaseId, request, now)),
        ];
        if (danger is { } reportedAt)
        {
            events.Add(new SafetyRaised(state.Id, true, false, null, reportedAt, command.Waits ? null : policy.HeldDue(now)));
        }

        return command.Waits ? [.. events, .. AssessCase.Events(events.Aggregate(state, TriageCase.Evolve), policy, now, again: true)] : events;
    }
}
