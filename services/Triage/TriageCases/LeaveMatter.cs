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
    /// <param name="Forgets">Whose facts, known from another time, count no more.</param>
    /// <param name="ApartFrom">Who else is taken apart from it by a coordinator; null when nobody is.</param>
    public sealed record Command(
        string By, string ReasonCode, bool Waits, TriageCase? Left, IReadOnlyList<Beside> Joined, Func<TriageCase, AreaPolicy> PolicyOf, DateTimeOffset Now, IReadOnlyList<Guid>? Forgets = null, IReadOnlyList<Guid>? ApartFrom = null);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        switch (state)
        {
            case { Status: CaseStatus.NotOpened }: return TriageCase.NotOpened;
            case { Lead: null }: return Decision<TriageEvent>.Nothing;
        }

        var (policy, now, with) = (command.PolicyOf(state), command.Now, state);
        var events = new List<TriageEvent>();
        foreach (var forgotten in state.Others.Select(told => told.CaseId).Where(other => command.Forgets?.Contains(other) == true))
        {
            Add(new RequestLeft(state.Id, forgotten, now, TakesFacts: true));
        }

        var request = command.Joined.Aggregate(with.Request!, (known, beside) => JoinMatter.Together(known, beside.Request));
        DateTimeOffset? due = !command.Waits ? null : request.ImmediateDanger ? policy.HeldDue(now) : policy.ConfirmationDue(request.Urgency, now);
        var referral = command.Left is { Route: not null } ? command.Left.Referral : null;
        Add(new CaseUnlinked(state.Id, state.Area, state.Lead!.Value, command.By, command.ReasonCode, now, due, command.Left?.Route, command.Left?.RouteDecidedAt, referral, command.ApartFrom, command.Left is { Route: not null } ? command.Left.KnowledgeHolder : null));
        foreach (var beside in command.Joined)
        {
            var danger = JoinMatter.NewDanger(with.Request!, beside.Request, now);
            Add(new RequestJoined(state.Id, beside.CaseId, JoinMatter.Shared(beside.Request, danger is null ? beside.Request : null), now));
            if (danger is { } reportedAt)
            {
                Add(new SafetyRaised(state.Id, true, false, null, reportedAt, command.Waits ? null : policy.HeldDue(now), beside.CaseId));
            }
        }

        // What was said of it while another case carried its matter was weighed there.
        return command.Waits ? [.. events, .. AssessCase.Events(with, policy, now, again: true)]
            : command.Left is null ? events
            : [.. events, Weighed(with, policy, now)];

        void Add(TriageEvent happened)
        {
            events.Add(happened);
            with = TriageCase.Evolve(with, happened);
        }
    }

    /// <summary>What it means for the case that carries the matter, or carried it once.</summary>
    /// <param name="takesFacts">What it said counts no more.</param>
    public static Decision<TriageEvent> Without(TriageCase state, Guid left, bool takesFacts, Func<TriageCase, AreaPolicy> policyOf, DateTimeOffset now)
    {
        if (!state.Joined.Contains(left) && !(takesFacts && state.Others.Any(told => told.CaseId == left)))
        {
            return Decision<TriageEvent>.Nothing;
        }

        return After(state, new RequestLeft(state.Id, left, now, takesFacts), policyOf, now);
    }

    /// <summary>The request is linked as before, and nothing of what it said so far may be known.</summary>
    /// <param name="request">The request without its legal basis.</param>
    public static Decision<TriageEvent> Silenced(TriageCase state, Guid id, CaseRequest request, Func<TriageCase, AreaPolicy> policyOf, DateTimeOffset now) =>
        state.Joined.Contains(id) ? After(state, new RequestJoined(state.Id, id, JoinMatter.Shared(request, danger: null), now), policyOf, now) : Decision<TriageEvent>.Nothing;

    // The last assessment of a case that is over is what a reopening starts from.
    private static Decision<TriageEvent> After(TriageCase state, TriageEvent gone, Func<TriageCase, AreaPolicy> policyOf, DateTimeOffset now)
    {
        var with = TriageCase.Evolve(state, gone);
        if (state.Erased || JoinMatter.SaysTheSame(state.Request!, with.Request!))
        {
            return gone;
        }

        var policy = policyOf(state);
        var only = !state.CarriesMatter || with.Status is CaseStatus.RouteDecided or CaseStatus.AwaitingInformation || (with.Status is CaseStatus.Held && with.Request!.ImmediateDanger);
        return new List<TriageEvent> { gone }.Concat(only
            ? WithoutNeeds(with, Weighed(with, policy, now), policy, now)
            : AssessCase.Events(with, policy, now, again: true)).ToList();
    }

    // A need that nobody who may be known asks for is asked of nobody. A topic that is gone may have covered a sector that is still required.
    private static IEnumerable<TriageEvent> WithoutNeeds(TriageCase with, CaseAssessed weighed, AreaPolicy policy, DateTimeOffset now)
    {
        yield return weighed;
        if (!with.CarriesMatter || with is not { Status: CaseStatus.RouteDecided, Route: { } route, RouteDecidedAt: { } decidedAt })
        {
            yield break;
        }

        var asked = RouteNeeds.Of(route, weighed.Assessment, with.Request!, policy, coordinatorConfirmed: false).Needs;
        List<Need> kept = [.. with.Needs.Where(need => asked.Any(known => (known.Kind, known.Code) == (need.Kind, need.Code)))];
        if (kept.Count < with.Needs.Count)
        {
            yield return new NeedsChanged(
                with.Id, with.Area, [.. kept, .. asked.Where(need => need.Kind == "sector" && !kept.Any(known => (known.Kind, known.Code) == (need.Kind, need.Code)))], decidedAt, now);
        }
    }

    internal static CaseAssessed Weighed(TriageCase with, AreaPolicy policy, DateTimeOffset now) =>
        new(with.Id, Assessment.Of(Facts.Of(with.Request!, with.AskedFor, policy), policy, with.Request!.HasScreening), now);
}
