using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>A linked request gets a case of its own again: because somebody says so, or because the case that carried its matter is over. Then it carries the matter of those who were linked beside it.</summary>
public static class LeaveMatter
{
    /// <summary>A request that is linked to this case from now on.</summary>
    public sealed record Beside(Guid CaseId, CaseRequest Request);

    /// <param name="Waits">Where the matter goes is to be decided anew; false when it is over, or when its requester owes something.</param>
    /// <param name="Left">The case that carried the matter, where its route stays, with whom the matter is referred to; null else.</param>
    public sealed record Command(string By, string ReasonCode, bool Waits, TriageCase? Left, IReadOnlyList<Beside> Joined, Func<TriageCase, AreaPolicy> PolicyOf, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        switch (state)
        {
            case { Status: CaseStatus.NotOpened }: return TriageCase.NotOpened;
            case { Lead: null }: return Decision<TriageEvent>.Nothing;
        }

        var (policy, now) = (command.PolicyOf(state), command.Now);
        var request = command.Joined.Aggregate(state.Request!, (known, beside) => JoinMatter.Together(known, beside.Request));
        DateTimeOffset? due = !command.Waits ? null : request.ImmediateDanger ? policy.HeldDue(now) : policy.ConfirmationDue(request.Urgency, now);
        var referral = command.Left is { Route: not null } ? command.Left.Referral : null;
        List<TriageEvent> events = [new CaseUnlinked(state.Id, state.Area, state.Lead!.Value, command.By, command.ReasonCode, now, due, command.Left?.Route, command.Left?.RouteDecidedAt, referral)];
        var with = TriageCase.Evolve(state, events[0]);
        foreach (var beside in command.Joined)
        {
            var danger = JoinMatter.NewDanger(with.Request!, beside.Request, now);
            Add(new RequestJoined(state.Id, beside.CaseId, JoinMatter.Shared(beside.Request, danger is null ? beside.Request : null), now));
            if (danger is { } reportedAt)
            {
                Add(new SafetyRaised(state.Id, true, false, null, reportedAt, command.Waits ? null : policy.HeldDue(now), beside.CaseId));
            }
        }

        return command.Waits ? [.. events, .. AssessCase.Events(with, policy, now, again: true)] : events;

        void Add(TriageEvent happened)
        {
            events.Add(happened);
            with = TriageCase.Evolve(with, happened);
        }
    }

    /// <summary>What it means for the case that carries the matter.</summary>
    /// <param name="takesFacts">What it said counts no more.</param>
    public static Decision<TriageEvent> Without(TriageCase state, Guid left, bool takesFacts, Func<TriageCase, AreaPolicy> policyOf, DateTimeOffset now)
    {
        if (!state.Joined.Contains(left) && !(takesFacts && state.Others.Any(told => told.CaseId == left)))
        {
            return Decision<TriageEvent>.Nothing;
        }

        var gone = new RequestLeft(state.Id, left, now, takesFacts);
        var with = TriageCase.Evolve(state, gone);
        if (!state.CarriesMatter || JoinMatter.SaysTheSame(state.Request!, with.Request!))
        {
            return gone;
        }

        var policy = policyOf(state);
        var only = with.Status is CaseStatus.RouteDecided or CaseStatus.AwaitingInformation || (with.Status is CaseStatus.Held && with.Request!.ImmediateDanger);
        return new List<TriageEvent> { gone }.Concat(only
            ? [new CaseAssessed(state.Id, Assessment.Of(Facts.Of(with.Request!, with.AskedFor, policy), policy, with.Request!.HasScreening), now)]
            : AssessCase.Events(with, policy, now, again: true)).ToList();
    }
}
