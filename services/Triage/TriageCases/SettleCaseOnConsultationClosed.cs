using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The requester has what they needed: the matter is open no longer, unless another request about it is. That one goes on, with the answer that it has too.</summary>
public sealed class SettleCaseOnConsultationClosed(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<ConsultationClosed>
{
    public const string Closed = "closed";

    public sealed record Command(DateTimeOffset ClosedAt);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } or { Settled: true } => Decision<TriageEvent>.Nothing,
        _ => new CaseSettled(state.Id, command.ClosedAt),
    };

    public Task Consume(ConsumeContext<ConsultationClosed> context)
    {
        var command = new Command(context.Message.ClosedAt);
        return inbox.Once(context, nameof(SettleCaseOnConsultationClosed), work => JointMatter.Leave(
            work, context.Message.ConsultationId, state => Decide(state, command), new JointMatter.Parting(CaseUnlinked.ByPlatform, Closed, Waits: false, policies.For, clock.GetUtcNow()), context.CancellationToken));
    }
}
