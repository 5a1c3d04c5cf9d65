using MassTransit;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>A coordinator has seen to the danger, or read the further request, and leaves the route: whoever worked on the matter goes on.</summary>
public sealed class ResumeOnRouteKept(Inbox inbox, IntakePolicy policy) : IConsumer<RouteKept>
{
    /// <param name="Next">When the interrupted step's own date has passed.</param>
    public sealed record Command(Guid ConsultationId, DateTimeOffset KeptAt, NextStep Next);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        // Danger was reported once more since then, or this request was not there yet.
        _ when !state.IsSeenToBy(command.KeptAt) => NoLongerClaimed(state, command),
        { Interrupted: { } interrupted } => new StepResumed(
            command.ConsultationId, interrupted.Responsible, command.KeptAt, interrupted.Next.DueBy > command.KeptAt ? interrupted.Next : command.Next),
        _ => NoLongerClaimed(state, command),
    };

    // The decision has ended the claim, also where nothing else comes of it here.
    private static Decision<ConsultationEvent> NoLongerClaimed(Consultation state, Command command) =>
        state.Claimed ? new ClaimFollowed(command.ConsultationId, false, null, command.KeptAt, null) : Decision<ConsultationEvent>.Nothing;

    public Task Consume(ConsumeContext<RouteKept> context)
    {
        var kept = context.Message;
        var command = new Command(kept.ConsultationId, kept.KeptAt, policy.Watched(kept.Area, kept.DueBy, danger: false));
        return inbox.Once(context, nameof(ResumeOnRouteKept), work =>
            LinkedRequests.Follow(work, kept.ConsultationId, (state, id) => Decide(state, command with { ConsultationId = id }), context.CancellationToken));
    }
}
