using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Every acknowledged consultation gets its case, or is linked to the one that its matter has already (C-34).</summary>
public sealed class OpenCaseOnConsultationSubmitted(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<ConsultationSubmitted>
{
    public Task Consume(ConsumeContext<ConsultationSubmitted> context)
    {
        var command = OpenCase.From(context.Message, policies, clock.GetUtcNow());
        return inbox.Once(context, nameof(OpenCaseOnConsultationSubmitted), work =>
            JointMatter.Open(work, command, context.Message.SubmittedAt, policies.For, _ => Decision<TriageEvent>.Nothing, _ => Decision<TriageEvent>.Nothing, context.CancellationToken));
    }
}
