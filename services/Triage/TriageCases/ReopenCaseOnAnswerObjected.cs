using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The answer did not help: the case is open again and a coordinator decides anew (R1); it counts as a bounce (C-35).</summary>
public sealed class ReopenCaseOnAnswerObjected(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<AnswerObjected>
{
    public sealed record Command(Guid? ReasonTextId, DateTimeOffset ObjectedAt, Func<TriageCase, AreaPolicy> PolicyOf, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        switch (state.Status)
        {
            case CaseStatus.NotOpened: return TriageCase.NotOpened;
            case CaseStatus.Closed: return TriageCase.AlreadyClosed;
        }

        if (state.Lead is not null || state.LastObjectionAt == command.ObjectedAt)
        {
            return Decision<TriageEvent>.Nothing;
        }

        var (facts, policy) = (state.Assessment!.Facts, command.PolicyOf(state));
        var held = facts.ImmediateDanger;
        return new TriageEvent[]
        {
            new CaseReopened(state.Id, state.Area, command.ReasonTextId, command.ObjectedAt, command.Now),
            new ConfirmationAwaited(state.Id, state.Area, held, policy.Version, command.Now, held ? policy.HeldDue(command.Now) : policy.ConfirmationDue(facts.Urgency, command.Now)),
        };
    }

    public Task Consume(ConsumeContext<AnswerObjected> context)
    {
        var command = new Command(context.Message.ReasonTextId, context.Message.ObjectedAt, policies.For, clock.GetUtcNow());
        return inbox.Once(context, nameof(ReopenCaseOnAnswerObjected), work =>
            JointMatter.Hear(work, context.Message.ConsultationId, state => Decide(state, command), (lead, _) => Decide(lead, command), context.CancellationToken));
    }
}
