using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Contracts.Triage;

namespace OtPlatform.Intake.Consultations;

/// <summary>A named receiver is asked; until it accepts, a coordinator stays accountable (R3).</summary>
public sealed class FollowReferralOnReferralProposed(Inbox inbox, IntakePolicy policy) : IConsumer<Wire.ReferralProposed>
{
    public sealed record Command(ReferralProposed Proposed);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { Order: var order } when order.IsOvertaken(command.Proposed.ProposedAt) => Decision<ConsultationEvent>.Nothing,
        { Status: ConsultationStatus.ReferralProposed, Order: var order } when order.Triage >= command.Proposed.ProposedAt => Decision<ConsultationEvent>.Nothing,
        _ => state.WithAlarmKept(command.Proposed, command.Proposed.ProposedAt),
    };

    public Task Consume(ConsumeContext<Wire.ReferralProposed> context)
    {
        var proposed = context.Message;
        var command = new Command(new ReferralProposed(proposed.ConsultationId, proposed.Receiver, proposed.ProposedAt, policy.Watched(proposed.Area, proposed.DueBy, danger: false)));
        return inbox.Once(context, nameof(FollowReferralOnReferralProposed), work =>
            LinkedRequests.Follow(work, proposed.ConsultationId, (state, id) => Decide(state, new(command.Proposed with { ConsultationId = id })), context.CancellationToken));
    }
}

/// <summary>The receiver has taken the matter and is accountable for it.</summary>
public sealed class FollowReferralOnReferralAccepted(Inbox inbox, IntakePolicy policy) : IConsumer<Wire.ReferralAccepted>
{
    public sealed record Command(ReferralAccepted Accepted);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { Order: var order } when order.IsOvertaken(command.Accepted.AcceptedAt) => Decision<ConsultationEvent>.Nothing,
        { Status: ConsultationStatus.ReferralAccepted } => Decision<ConsultationEvent>.Nothing,
        _ => state.WithAlarmKept(command.Accepted, command.Accepted.AcceptedAt),
    };

    public Task Consume(ConsumeContext<Wire.ReferralAccepted> context)
    {
        var accepted = context.Message;
        var command = new Command(new ReferralAccepted(accepted.ConsultationId, accepted.Receiver, accepted.AcceptedAt, policy.Watched(accepted.Area, accepted.DueBy, danger: false)));
        return inbox.Once(context, nameof(FollowReferralOnReferralAccepted), work =>
            LinkedRequests.Follow(work, accepted.ConsultationId, (state, id) => Decide(state, new(command.Accepted with { ConsultationId = id })), context.CancellationToken));
    }
}

/// <summary>The receiver sent the matter back: it is in triage again.</summary>
public sealed class FollowReferralOnReferralReturned(Inbox inbox, IntakePolicy policy) : IConsumer<Wire.ReferralReturned>
{
    public sealed record Command(ReferralReturned Returned);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { Order.Triage: var last } when last == command.Returned.ReturnedAt => Decision<ConsultationEvent>.Nothing,
        { Order: var order } when order.IsOvertaken(command.Returned.ReturnedAt) =>
            new ReturnLearned(command.Returned.ConsultationId, command.Returned.Receiver, command.Returned.ReasonCode, command.Returned.ReturnedAt),
        _ => state.WithAlarmKept(command.Returned, command.Returned.ReturnedAt),
    };

    public Task Consume(ConsumeContext<Wire.ReferralReturned> context)
    {
        var returned = context.Message;
        var command = new Command(new ReferralReturned(returned.ConsultationId, returned.Receiver, returned.ReasonCode, returned.ReturnedAt, policy.Watched(returned.Area, returned.DueBy, danger: false)));
        return inbox.Once(context, nameof(FollowReferralOnReferralReturned), work =>
            LinkedRequests.Follow(work, returned.ConsultationId, (state, id) => Decide(state, new(command.Returned with { ConsultationId = id })), context.CancellationToken));
    }
}
