using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Every acknowledged consultation gets its case.</summary>
public sealed class OpenCaseOnConsultationSubmitted(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<ConsultationSubmitted>
{
    public Task Consume(ConsumeContext<ConsultationSubmitted> context)
    {
        var command = OpenCase.From(context.Message, policies, clock.GetUtcNow());
        return inbox.Once(context, nameof(OpenCaseOnConsultationSubmitted), work =>
            work.Decide(TriageCase.Aggregate, command.CaseId, state => OpenCase.Decide(state, command), null, context.CancellationToken));
    }
}
