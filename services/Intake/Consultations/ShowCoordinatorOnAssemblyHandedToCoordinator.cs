using MassTransit;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Contracts.TeamAssembly;

namespace OtPlatform.Intake.Consultations;

/// <summary>A coordinator goes on by hand: the status stays, the date is a new one.</summary>
public sealed class ShowCoordinatorOnAssemblyHandedToCoordinator(Inbox inbox, IntakePolicy policy) : IConsumer<Wire.AssemblyHandedToCoordinator>
{
    public sealed record Command(HandedToCoordinator Handed);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { Order: var order } when order.IsOverruled(command.Handed.RouteDecidedAt) => Decision<ConsultationEvent>.Nothing,
        { OrdinaryNext: var next } when next == command.Handed.Next => Decision<ConsultationEvent>.Nothing,
        _ => state.WithAlarmKept(command.Handed, command.Handed.HandedAt),
    };

    public Task Consume(ConsumeContext<Wire.AssemblyHandedToCoordinator> context)
    {
        var handed = context.Message;
        var command = new Command(new HandedToCoordinator(
            handed.ConsultationId, handed.ReasonCode, handed.HandedAt, handed.RouteDecidedAt ?? handed.HandedAt, policy.Watched(handed.Area, handed.DueBy, danger: false)));
        return inbox.Once(context, nameof(ShowCoordinatorOnAssemblyHandedToCoordinator), work =>
            LinkedRequests.Follow(work, handed.ConsultationId, (state, id) => Decide(state, new(command.Handed with { ConsultationId = id })), context.CancellationToken));
    }
}
