using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The requester takes the matter up again: the case is open and a coordinator decides anew (R1). After a withdrawal it does not count as sent back.</summary>
public sealed class ReopenCaseOnConsultationReopened(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<ConsultationReopened>
{
    /// <param name="ReopenedAt">When the requester reopened it; identifies the reopening.</param>
    public sealed record Command(Guid ReasonTextId, DateTimeOffset ReopenedAt, Func<string, AreaPolicy> PolicyOf, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        if (state.Status is CaseStatus.NotOpened)
        {
            return TriageCase.NotOpened;
        }

        if (state.Erased)
        {
            return TriageCase.AlreadyClosed;
        }

        if (state.LastObjectionAt == command.ReopenedAt)
        {
            return Decision<TriageEvent>.Nothing;
        }

        var (facts, policy) = (state.Assessment!.Facts, command.PolicyOf(state.Area));
        var held = facts.ImmediateDanger;
        return new TriageEvent[]
        {
            new CaseReopened(state.Id, state.Area, command.ReasonTextId, command.ReopenedAt, command.Now, Counts: state.Status is not CaseStatus.Closed),
            new ConfirmationAwaited(
                state.Id, state.Area, held, policy.Version, command.Now, held ? policy.HeldDue(command.Now) : policy.ConfirmationDue(facts.Urgency, command.Now), command.ReopenedAt),
        };
    }

    public Task Consume(ConsumeContext<ConsultationReopened> context)
    {
        var command = new Command(context.Message.ReasonTextId, context.Message.ReopenedAt, policies.Of, clock.GetUtcNow());
        return inbox.Once(context, nameof(ReopenCaseOnConsultationReopened), work =>
            work.Decide(TriageCase.Aggregate, context.Message.ConsultationId, state => Decide(state, command), null, context.CancellationToken));
    }
}
