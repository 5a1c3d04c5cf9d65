using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>How far a transfer to another area has come.</summary>
public enum TransferStep
{
    AwaitsTeam,
    Proposed,
    Accepted,
    Returned,
}

/// <summary>
/// Another area is asked to take the case. Until it accepts, the sending area stays accountable, by a date (R3); its coordinating team while
/// that has to decide (C-35). With the acceptance the request is the other area's, in whatever state it is.
/// </summary>
public static class FollowTransfer
{
    public sealed record Command(TransferFollowed Followed);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Status: null } => Consultation.NotSubmitted,
        { Erased: true } => Consultation.AlreadyErased,
        { Transfer: { } last } when last.Step == command.Followed.Step && last.At == command.Followed.At => Decision<ConsultationEvent>.Nothing,
        // Where the case is counts, also when what Intake shows has gone on without it.
        { IsOpen: false } or { Route: not null } or { Status: not (ConsultationStatus.Received or ConsultationStatus.InTriage) } => Learned(command.Followed),
        { Order: var order } when order.IsOvertaken(command.Followed.At) => Learned(command.Followed),
        _ => state.WithAlarmKept(command.Followed, command.Followed.At),
    };

    internal static Task Follow<TMessage>(Inbox inbox, ConsumeContext<TMessage> context, string consumer, TransferFollowed followed)
        where TMessage : class =>
        inbox.Once(context, consumer, work => work.Decide(Consultation.Aggregate, followed.ConsultationId, state => Decide(state, new(followed)), null, context.CancellationToken));

    private static Decision<ConsultationEvent> Learned(TransferFollowed followed) =>
        followed.Step is TransferStep.Accepted or TransferStep.Returned ? followed with { Next = null } : Decision<ConsultationEvent>.Nothing;
}

/// <inheritdoc cref="FollowTransfer"/>
public sealed class FollowTransferOnTransferProposed(Inbox inbox, IntakePolicy policy) : IConsumer<TransferProposed>
{
    public Task Consume(ConsumeContext<TransferProposed> context)
    {
        var proposed = context.Message;
        return FollowTransfer.Follow(inbox, context, nameof(FollowTransferOnTransferProposed), new(
            proposed.ConsultationId, proposed.NeedsDecision ? TransferStep.AwaitsTeam : TransferStep.Proposed, proposed.ToArea, 0, proposed.ProposedAt, policy.Watched(proposed.Area, proposed.DueBy, danger: false)));
    }
}

/// <inheritdoc cref="FollowTransfer"/>
public sealed class FollowTransferOnTransferAccepted(Inbox inbox, IntakePolicy policy) : IConsumer<TransferAccepted>
{
    public Task Consume(ConsumeContext<TransferAccepted> context)
    {
        var accepted = context.Message;
        return FollowTransfer.Follow(inbox, context, nameof(FollowTransferOnTransferAccepted), new(
            accepted.ConsultationId, TransferStep.Accepted, accepted.ToArea, accepted.Transfers, accepted.AcceptedAt, policy.Watched(accepted.ToArea, accepted.DueBy, danger: false)));
    }
}

/// <inheritdoc cref="FollowTransfer"/>
public sealed class FollowTransferOnTransferReturned(Inbox inbox, IntakePolicy policy) : IConsumer<TransferReturned>
{
    public Task Consume(ConsumeContext<TransferReturned> context)
    {
        var returned = context.Message;
        return FollowTransfer.Follow(inbox, context, nameof(FollowTransferOnTransferReturned), new(
            returned.ConsultationId, TransferStep.Returned, returned.ToArea, returned.Transfers, returned.ReturnedAt, policy.Watched(returned.Area, returned.DueBy, danger: false)));
    }
}
