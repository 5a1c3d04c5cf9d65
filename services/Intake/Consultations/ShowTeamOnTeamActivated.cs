using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Contracts.TeamAssembly;

namespace OtPlatform.Intake.Consultations;

/// <summary>The team works beside the requesting side's responsible worker, who stays accountable (C-59, C-60).</summary>
public sealed class ShowTeamOnTeamActivated(Inbox inbox, IntakePolicy policy) : IConsumer<Wire.TeamActivated>
{
    public sealed record Command(TeamStarted Started);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { ConsentHasEnded: true } => Decision<ConsultationEvent>.Nothing,
        { Order: var order } when order.IsOverruled(command.Started.RouteDecidedAt) => Decision<ConsultationEvent>.Nothing,
        { Status: ConsultationStatus.TeamWorking, OrdinaryNext: var next } when next == command.Started.Next => Decision<ConsultationEvent>.Nothing,
        _ => state.WithAlarmKept(command.Started, command.Started.StartedAt),
    };

    public Task Consume(ConsumeContext<Wire.TeamActivated> context)
    {
        var activated = context.Message;
        var command = new Command(new TeamStarted(
            activated.ConsultationId,
            [.. activated.Members.Select(AssembledMembers.Of)],
            activated.NetworkCoordinator,
            activated.ActivatedAt,
            activated.RouteDecidedAt ?? activated.ActivatedAt,
            policy.Watched(activated.Area, activated.DueBy, danger: false)));
        return inbox.Once(context, nameof(ShowTeamOnTeamActivated), work =>
            LinkedRequests.Follow(work, activated.ConsultationId, (state, id) => Decide(state, new(command.Started with { ConsultationId = id })), context.CancellationToken));
    }
}
