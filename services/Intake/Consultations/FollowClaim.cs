using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>The requester sees that one coordinator has the matter, or that it is all the area's coordinators' again; the date stays.</summary>
public static class FollowClaim
{
    public sealed record Command(Guid ConsultationId, bool Claimed, DateTimeOffset At);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { Claimed: var claimed } when claimed == command.Claimed => Decision<ConsultationEvent>.Nothing,
        _ when command.Claimed && WaitsForCoordinators(state) => new ClaimFollowed(command.ConsultationId, true, Accountable.Coordinator, command.At, state.Next),
        { Responsible: Accountable.Coordinator, Route: null } when !command.Claimed => new ClaimFollowed(command.ConsultationId, false, Accountable.AreaCoordinators, command.At, state.Next),
        _ => new ClaimFollowed(command.ConsultationId, command.Claimed, null, command.At, null),
    };

    // In triage also what is overdue: whoever takes it then has to act by the new date. A danger, or a request that nobody has read yet, stays
    // everybody's; with a route the table says who is accountable.
    private static bool WaitsForCoordinators(Consultation state) => state is { WaitsToBeSeen: false, Route: null }
        && (state.Responsible is Accountable.AreaCoordinators || state is { Status: ConsultationStatus.InTriage, Responsible: Accountable.CoordinatingTeam });

    internal static Task Follow<TMessage>(Inbox inbox, ConsumeContext<TMessage> context, string consumer, Command command)
        where TMessage : class =>
        inbox.Once(context, consumer, work =>
            LinkedRequests.Follow(work, command.ConsultationId, (state, id) => Decide(state, command with { ConsultationId = id }), context.CancellationToken));
}

/// <inheritdoc cref="FollowClaim"/>
public sealed class FollowClaimOnCaseClaimed(Inbox inbox) : IConsumer<CaseClaimed>
{
    public Task Consume(ConsumeContext<CaseClaimed> context) =>
        FollowClaim.Follow(inbox, context, nameof(FollowClaimOnCaseClaimed), new(context.Message.ConsultationId, true, context.Message.ClaimedAt));
}

/// <inheritdoc cref="FollowClaim"/>
public sealed class FollowClaimOnCaseReleased(Inbox inbox) : IConsumer<CaseReleased>
{
    public Task Consume(ConsumeContext<CaseReleased> context) =>
        FollowClaim.Follow(inbox, context, nameof(FollowClaimOnCaseReleased), new(context.Message.ConsultationId, false, context.Message.ReleasedAt));
}
