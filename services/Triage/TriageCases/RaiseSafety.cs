using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;
using Wire = OtPlatform.Contracts.Intake;

namespace OtPlatform.Triage.TriageCases;

/// <summary>
/// Urgency or danger that is reported later. An undecided case is weighed again, in danger it is held; a decided route stays, and in danger
/// a coordinator has to look at it and may decide anew. Each report counts, once, whichever of its two messages arrives first.
/// </summary>
public static class RaiseSafety
{
    /// <param name="ReportedAt">When the requester reported it.</param>
    /// <param name="By">The linked request whose requester that is; null for the case's own.</param>
    public sealed record Command(bool ImmediateDanger, bool HighRisk, Urgency? Urgency, DateTimeOffset ReportedAt, Func<TriageCase, AreaPolicy> PolicyOf, DateTimeOffset Now, Guid? By = null);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        switch (state.Status)
        {
            case CaseStatus.NotOpened: return TriageCase.NotOpened;
            case CaseStatus.Closed: return TriageCase.AlreadyClosed;
        }

        var policy = command.PolicyOf(state);
        var decided = state.Status is CaseStatus.RouteDecided;
        var raised = new SafetyRaised(state.Id, command.ImmediateDanger, command.HighRisk, command.Urgency, command.ReportedAt, null, command.By);
        var with = TriageCase.Evolve(state, raised);
        if (with.Own == state.Own && with.Others.SequenceEqual(state.Others))
        {
            return Decision<TriageEvent>.Nothing;
        }

        if (state.Lead is not null || JoinMatter.SaysTheSame(state.Request!, with.Request!))
        {
            return raised;
        }

        // Who waits for a coordinator already waits no longer because of a further report.
        if (with.Alarmed && !state.Alarmed)
        {
            raised = raised with { DueBy = policy.HeldDue(command.Now) };
        }

        // The requester still owes an answer, unless danger takes the step from them.
        var only = decided || state.Status is CaseStatus.Held || (state.Status is CaseStatus.AwaitingInformation && !with.Request!.ImmediateDanger);
        var follows = only
            ? [new CaseAssessed(state.Id, Assessment.Of(Facts.Of(with.Request!, with.AskedFor, policy), policy, with.Request!.HasScreening), command.Now)]
            : AssessCase.Events(with, policy, command.Now, again: true);
        return new List<TriageEvent> { raised }.Concat(follows).ToList();
    }
}

/// <inheritdoc cref="RaiseSafety"/>
public sealed class RaiseSafetyOnSafetyReported(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<Wire.SafetyReported>
{
    public Task Consume(ConsumeContext<Wire.SafetyReported> context)
    {
        var reported = context.Message;
        var command = new RaiseSafety.Command(reported.ImmediateDanger, reported.HighRisk, reported.Urgency, reported.ReportedAt, policies.For, clock.GetUtcNow());
        return inbox.Once(context, nameof(RaiseSafetyOnSafetyReported), work =>
            JointMatter.Hear(work, reported.ConsultationId, state => RaiseSafety.Decide(state, command), (lead, own) => RaiseSafety.Decide(lead, command with { By = own.Id }), context.CancellationToken));
    }
}
