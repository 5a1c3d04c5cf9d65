using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Danger goes past any backlog: its case is opened, or raised when it is open already; held for a coordinator, first in the queue, and logged as critical.</summary>
public sealed partial class OpenCaseOnImmediateDangerReported(Inbox inbox, AreaPolicies policies, TimeProvider clock, ILogger<OpenCaseOnImmediateDangerReported> logger) : IConsumer<ImmediateDangerReported>
{
    public sealed record Command(OpenCase.Command Open, RaiseSafety.Command Raise);

    /// <summary>Whichever message of the consultation arrives first opens its case.</summary>
    public static Decision<TriageEvent> Decide(TriageCase state, Command command) =>
        state.Status is CaseStatus.NotOpened ? OpenCase.Decide(state, InDanger(command.Open)) : RaiseSafety.Decide(state, command.Raise);

    public async Task Consume(ConsumeContext<ImmediateDangerReported> context)
    {
        var reported = context.Message;
        var submission = reported.Consultation ?? throw new InvalidOperationException("Danger without its submission cannot open a case.");
        var open = OpenCase.From(submission, policies, clock.GetUtcNow());
        var command = new Command(open, new RaiseSafety.Command(true, false, null, reported.ReportedAt, policies.Of, open.Now));
        await inbox.Once(context, nameof(OpenCaseOnImmediateDangerReported), work =>
            JointMatter.Open(
                work, InDanger(open), reported.ReportedAt, policies.Of, state => Decide(state, command), state => RaiseSafety.Decide(state, command.Raise), context.CancellationToken));
        Alerted(logger, open.Area, open.CaseId);
    }

    // The submission does not say so when the danger was reported later.
    private static OpenCase.Command InDanger(OpenCase.Command open) => open with { Request = open.Request with { ImmediateDanger = true } };

    [LoggerMessage(Level = LogLevel.Critical, Message = "Immediate danger in {Area}: case {CaseId} is held for a coordinator")]
    private static partial void Alerted(ILogger logger, string area, Guid caseId);
}
