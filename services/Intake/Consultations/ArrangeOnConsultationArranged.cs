using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Contracts.TeamAssembly;

namespace OtPlatform.Intake.Consultations;

/// <summary>An expert has taken the question: the next step is theirs.</summary>
public sealed class ArrangeOnConsultationArranged(Inbox inbox, IntakePolicy policy) : IConsumer<Wire.ConsultationArranged>
{
    public sealed record Command(ConsultationArranged Arranged);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { ConsentHasEnded: true } => Decision<ConsultationEvent>.Nothing,
        { Order: var order } when order.IsOverruled(command.Arranged.RouteDecidedAt) => Decision<ConsultationEvent>.Nothing,
        { Status: ConsultationStatus.ConsultationArranged, OrdinaryNext: var next } when next == command.Arranged.Next => Decision<ConsultationEvent>.Nothing,
        _ => state.WithAlarmKept(command.Arranged, command.Arranged.ArrangedAt),
    };

    public Task Consume(ConsumeContext<Wire.ConsultationArranged> context)
    {
        var arranged = context.Message;
        var command = new Command(new ConsultationArranged(
            arranged.ConsultationId,
            AssembledMembers.Of(arranged.Expert),
            arranged.ArrangedAt,
            arranged.RouteDecidedAt ?? arranged.ArrangedAt,
            policy.Watched(arranged.Area, arranged.DueBy, danger: false)));
        return inbox.Once(context, nameof(ArrangeOnConsultationArranged), work =>
            LinkedRequests.Follow(work, arranged.ConsultationId, (state, id) => Decide(state, new(command.Arranged with { ConsultationId = id })), context.CancellationToken));
    }
}

/// <summary>Members as TeamAssembly names them, in Intake's own words.</summary>
internal static class AssembledMembers
{
    public static Member Of(Wire.TeamMember member) =>
        new(member.ExpertId, member.Role, member.Sector, member.Organisation, member.Profession, member.Channel, member.From, member.Until);
}
