using MassTransit;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>Triage has the consultation now; its due time is what the requester sees.</summary>
public sealed class TakeOverOnCaseOpened(Inbox inbox, IntakePolicy policy) : IConsumer<CaseOpened>
{
    public sealed record Command(Guid ConsultationId, bool Held, DateTimeOffset OpenedAt, NextStep Next);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { TakenOver: true } or { Order.Triage: not null } or { Order.Assembly: not null } => Decision<ConsultationEvent>.Nothing,
        { AlarmedAt: not null } when !command.Held => state.WithAlarmKept(TookOver(command), command.OpenedAt),
        _ => TookOver(command),
    };

    private static TriageTookOver TookOver(Command command) => new(command.ConsultationId, command.Held, command.OpenedAt, command.Next);

    public Task Consume(ConsumeContext<CaseOpened> context)
    {
        var opened = context.Message;
        var command = new Command(opened.ConsultationId, opened.Held, opened.OpenedAt, policy.Watched(opened.Area, opened.DueBy, opened.Held));
        return inbox.Once(context, nameof(TakeOverOnCaseOpened), work =>
            work.Decide(Consultation.Aggregate, opened.ConsultationId, state => Decide(state, command), null, context.CancellationToken));
    }
}
