using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Danger that came with a submission opens its case past any backlog: held for a coordinator, first in the queue, and logged as critical.</summary>
public sealed partial class OpenCaseOnImmediateDangerReported(Inbox inbox, AreaPolicies policies, TimeProvider clock, ILogger<OpenCaseOnImmediateDangerReported> logger) : IConsumer<ImmediateDangerReported>
{
    public async Task Consume(ConsumeContext<ImmediateDangerReported> context)
    {
        var submission = context.Message.Consultation ?? throw new InvalidOperationException("Danger without its submission cannot open a case yet.");
        var command = OpenCase.From(submission, policies, clock.GetUtcNow());
        await inbox.Once(context, nameof(OpenCaseOnImmediateDangerReported), work =>
            work.Decide(TriageCase.Aggregate, command.CaseId, state => OpenCase.Decide(state, command), null, context.CancellationToken));
        Alerted(logger, command.Area, command.CaseId);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Immediate danger in {Area}: case {CaseId} is held for a coordinator")]
    private static partial void Alerted(ILogger logger, string area, Guid caseId);
}
