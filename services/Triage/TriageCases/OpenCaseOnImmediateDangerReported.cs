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
        state.Status is CaseStatus.NotOpened ? OpenCase.Decide(state, InDanger(command)) : RaiseSafety.Decide(state, command.Raise);

    public async Task Consume(ConsumeContext<ImmediateDangerReported> context)
    {
        var reported = context.Message;
        var submission = reported.Consultation ?? throw new InvalidOperationException("Danger without its submission cannot open a case.");
        var open = OpenCase.From(submission, policies, clock.GetUtcNow());
        var command = new Command(open, new RaiseSafety.Command(true, false, null, reported.ReportedAt, policies.For, open.Now));
        var (closed, area) = (false, open.Area);
        await inbox.Once(context, nameof(OpenCaseOnImmediateDangerReported), async work =>
        {
            var outcome = await JointMatter.Open(
                work, InDanger(command), reported.ReportedAt, policies.For, state => Decide(state, command), state => RaiseSafety.Decide(state, command.Raise with { By = open.CaseId }), context.CancellationToken);
            closed = outcome.Rejection is not null;
            area = outcome.State.Area is { Length: > 0 } now ? now : open.Area;
            return outcome;
        });
        if (closed)
        {
            AlertedOfClosed(logger, area, open.CaseId);
        }
        else
        {
            Alerted(logger, area, open.CaseId);
        }
    }

    // The submission does not say so when the danger was reported later.
    private static OpenCase.Command InDanger(Command command) =>
        command.Open with { Request = command.Open.Request with { ImmediateDanger = true, DangerReportedAt = command.Raise.ReportedAt } };

    [LoggerMessage(Level = LogLevel.Critical, Message = "Immediate danger in {Area}: case {CaseId} waits for a coordinator")]
    private static partial void Alerted(ILogger logger, string area, Guid caseId);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Immediate danger in {Area}: case {CaseId} is closed and waits for nobody")]
    private static partial void AlertedOfClosed(ILogger logger, string area, Guid caseId);
}
