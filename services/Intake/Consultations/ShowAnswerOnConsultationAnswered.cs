using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Contracts.TeamAssembly;

namespace OtPlatform.Intake.Consultations;

/// <summary>There is an answer: the requester confirms it, or objects by a date.</summary>
public sealed class ShowAnswerOnConsultationAnswered(Inbox inbox, IntakePolicy policy, Vault vault, TimeProvider clock) : IConsumer<Wire.ConsultationAnswered>
{
    public sealed record Command(ConsultationAnswered Answered);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        // Had it come a moment sooner, nothing would have been left for the consent's end to stop: the others are told so.
        { ConsentHasEnded: true, Status: not ConsultationStatus.Answered, Stopped: { } stopped } when stopped.Decision == command.Answered.RouteDecidedAt && command.Answered.AnsweredAt <= stopped.By.EndedAt =>
            (List<ConsultationEvent>)[.. state.WithAlarmKept(command.Answered, command.Answered.AnsweredAt).Events, stopped.By with { WorkEnds = false }],
        { Order: var order } when order.IsOverruled(command.Answered.RouteDecidedAt) => Decision<ConsultationEvent>.Nothing,
        { Status: ConsultationStatus.Answered, Order.Outcome: var known } when known == command.Answered.RouteDecidedAt => Decision<ConsultationEvent>.Nothing,
        { WaitsToBeSeen: true } when !IsByCoordinatorWhoKnew(state, command.Answered) => state.WithAlarmKept(command.Answered, command.Answered.AnsweredAt),
        _ => command.Answered,
    };

    private static bool IsByCoordinatorWhoKnew(Consultation state, ConsultationAnswered answered) => answered.By == ConsultationAnswered.ByCoordinator && state.IsSeenToBy(answered.AnsweredAt);

    public Task Consume(ConsumeContext<Wire.ConsultationAnswered> context)
    {
        var answered = context.Message;
        // The requester's time to object begins when the answer can be read, not when it was written.
        var command = new Command(new ConsultationAnswered(
            answered.ConsultationId, answered.AnswerTextId, answered.Knowledge, answered.By, answered.AnsweredAt, answered.RouteDecidedAt ?? answered.AnsweredAt, policy.AfterAnswer(answered.Area, clock.GetUtcNow())));
        return inbox.Once(context, nameof(ShowAnswerOnConsultationAnswered), work =>
            LinkedRequests.Follow(
                work,
                answered.ConsultationId,
                (state, id) => Decide(state, new(For(id, command.Answered))),
                context.CancellationToken,
                follower => Share(work, vault, command.Answered, follower, context.CancellationToken)));
    }

    /// <summary>Each request has the answer's words for itself.</summary>
    internal static ConsultationAnswered For(Guid id, ConsultationAnswered answered) =>
        id == answered.ConsultationId ? answered : answered with { ConsultationId = id, AnswerTextId = Ids.Derived(id, answered.AnswerTextId), Of = answered.ConsultationId };

    internal static async Task Share(Work work, Vault vault, ConsultationAnswered answered, Guid follower, CancellationToken cancellation)
    {
        if (await vault.Copy(answered.AnswerTextId, follower, For(follower, answered).AnswerTextId, cancellation) is { } copy)
        {
            work.Store(copy);
        }
    }
}
