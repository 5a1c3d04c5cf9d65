using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>With the new facts the case waits for a coordinator again.</summary>
public sealed class ResumeOnCaseReassessed(Inbox inbox, IntakePolicy policy) : IConsumer<CaseReassessed>
{
    public sealed record Command(Guid ConsultationId, bool Held, DateTimeOffset ReassessedAt, NextStep Next);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { IsAnsweredBeforeConsentEnded: true } => Decision<ConsultationEvent>.Nothing,
        { Order: var order } when order.IsOvertaken(command.ReassessedAt) => Decision<ConsultationEvent>.Nothing,
        { Status: ConsultationStatus.InTriage, OrdinaryNext: var next } when next == command.Next => Decision<ConsultationEvent>.Nothing,
        _ when !command.Held => state.WithClaimKept(state.WithAlarmKept(Resumed(command), command.ReassessedAt)),
        _ => state.WithClaimKept(Resumed(command)),
    };

    private static TriageResumed Resumed(Command command) => new(command.ConsultationId, command.Held, command.ReassessedAt, command.Next);

    public Task Consume(ConsumeContext<CaseReassessed> context)
    {
        var reassessed = context.Message;
        var command = new Command(reassessed.ConsultationId, reassessed.Held, reassessed.ReassessedAt, policy.Watched(reassessed.Area, reassessed.DueBy, reassessed.Held));
        return inbox.Once(context, nameof(ResumeOnCaseReassessed), work =>
            LinkedRequests.Follow(work, reassessed.ConsultationId, (state, id) => Decide(state, command with { ConsultationId = id }), context.CancellationToken));
    }
}
