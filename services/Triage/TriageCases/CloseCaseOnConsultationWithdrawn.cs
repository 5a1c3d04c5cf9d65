using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The requester withdrew: the case needs nobody any more. Other requests about its matter go on, without what it said.</summary>
public sealed class CloseCaseOnConsultationWithdrawn(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<ConsultationWithdrawn>
{
    public const string Withdrawn = "withdrawn";

    public sealed record Command(DateTimeOffset WithdrawnAt);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => Decision<TriageEvent>.Nothing,
        _ => new CaseClosed(state.Id, Withdrawn, command.WithdrawnAt),
    };

    public Task Consume(ConsumeContext<ConsultationWithdrawn> context)
    {
        var command = new Command(context.Message.WithdrawnAt);
        return inbox.Once(context, nameof(CloseCaseOnConsultationWithdrawn), work =>
            JointMatter.Leave(
                work, context.Message.ConsultationId, state => Decide(state, command), new JointMatter.Parting(CaseUnlinked.ByPlatform, Withdrawn, Waits: true, policies.For, clock.GetUtcNow(), TakesFacts: true), context.CancellationToken));
    }
}
