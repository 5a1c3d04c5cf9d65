using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Contracts.TeamAssembly;

namespace OtPlatform.Intake.Consultations;

/// <summary>Nobody fits now: the request stays open, and the coordinating team solves the gap (R1).</summary>
public sealed class ShowGapOnServiceGapFound(Inbox inbox, IntakePolicy policy) : IConsumer<Wire.ServiceGapFound>
{
    public sealed record Command(ServiceGapFound Found);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { Order: var order } when order.IsOverruled(command.Found.RouteDecidedAt) => Decision<ConsultationEvent>.Nothing,
        { Status: ConsultationStatus.GapBeingSolved, OrdinaryNext: var next } when next == command.Found.Next => Decision<ConsultationEvent>.Nothing,
        _ => state.WithAlarmKept(command.Found, command.Found.FoundAt),
    };

    public Task Consume(ConsumeContext<Wire.ServiceGapFound> context)
    {
        var found = context.Message;
        var command = new Command(new ServiceGapFound(
            found.ConsultationId, found.FoundAt, found.RouteDecidedAt ?? found.FoundAt, policy.Watched(found.Area, found.DueBy, danger: false)));
        return inbox.Once(context, nameof(ShowGapOnServiceGapFound), work =>
            LinkedRequests.Follow(work, found.ConsultationId, (state, id) => Decide(state, new(command.Found with { ConsultationId = id })), context.CancellationToken));
    }
}
