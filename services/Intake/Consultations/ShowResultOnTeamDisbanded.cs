using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Contracts.TeamAssembly;

namespace OtPlatform.Intake.Consultations;

/// <summary>The team's work is over, and every access with it (C-73): the requester confirms, or objects by a date.</summary>
public sealed class ShowResultOnTeamDisbanded(Inbox inbox, IntakePolicy policy, TimeProvider clock) : IConsumer<Wire.TeamDisbanded>
{
    public sealed record Command(TeamEnded Ended);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { Order: var order } when order.IsOverruled(command.Ended.RouteDecidedAt) => Decision<ConsultationEvent>.Nothing,
        { Status: not ConsultationStatus.TeamWorking } => Decision<ConsultationEvent>.Nothing,
        _ => state.WithAlarmKept(command.Ended, command.Ended.EndedAt),
    };

    public Task Consume(ConsumeContext<Wire.TeamDisbanded> context)
    {
        var disbanded = context.Message;
        var command = new Command(new TeamEnded(
            disbanded.ConsultationId, disbanded.OutcomeCode, disbanded.DisbandedAt, disbanded.RouteDecidedAt ?? disbanded.DisbandedAt, policy.AfterAnswer(disbanded.Area, clock.GetUtcNow())));
        return inbox.Once(context, nameof(ShowResultOnTeamDisbanded), work =>
            LinkedRequests.Follow(work, disbanded.ConsultationId, (state, id) => Decide(state, new(command.Ended with { ConsultationId = id })), context.CancellationToken));
    }
}
