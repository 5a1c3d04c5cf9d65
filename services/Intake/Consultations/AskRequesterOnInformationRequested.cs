using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>Something is missing: the next step is the requester's (C-01).</summary>
public sealed class AskRequesterOnInformationRequested(Inbox inbox, IntakePolicy policy) : IConsumer<InformationRequested>
{
    public sealed record Command(Guid ConsultationId, IReadOnlyList<string> Asked, DateTimeOffset RequestedAt, NextStep Next);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { IsAnsweredBeforeConsentEnded: true } => Decision<ConsultationEvent>.Nothing,
        { Order: var order } when order.IsOvertaken(command.RequestedAt) => Decision<ConsultationEvent>.Nothing,
        { Status: ConsultationStatus.NeedsInformation, OrdinaryNext: var next } when next == command.Next => Decision<ConsultationEvent>.Nothing,
        _ => state.WithAlarmKept(new InformationAsked(command.ConsultationId, command.Asked, command.RequestedAt, command.Next), command.RequestedAt),
    };

    public Task Consume(ConsumeContext<InformationRequested> context)
    {
        var requested = context.Message;
        var command = new Command(requested.ConsultationId, requested.Asked, requested.RequestedAt, policy.Watched(requested.Area, requested.DueBy, danger: false));
        return inbox.Once(context, nameof(AskRequesterOnInformationRequested), work =>
            LinkedRequests.Follow(work, requested.ConsultationId, (state, id) => Decide(state, command with { ConsultationId = id }), context.CancellationToken));
    }
}
