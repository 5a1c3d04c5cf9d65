using MassTransit;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>The route is decided: the requester sees where the matter goes and who acts next.</summary>
public sealed class FollowRouteOnRouteDecided(Inbox inbox, IntakePolicy policy) : IConsumer<RouteDecided>
{
    public sealed record Command(Guid ConsultationId, Route Route, bool ByPolicy, DateTimeOffset DecidedAt, NextStep Next, Guid? KnowledgeHolder = null);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { Order.Decision: var known } when known == command.DecidedAt => Decision<ConsultationEvent>.Nothing,
        { Order.Outcome: var outcome } when command.DecidedAt <= outcome => Learned(state, command),
        // The coordinator has been given a date of their own before the decision arrived here.
        { Order: var order, OrdinaryNext: { } next } when order.IsOvertaken(command.DecidedAt) => Followed(state, command with { Next = next }),
        _ => Followed(state, command),
    };

    /// <summary>A coordinator who decided after the danger was reported has seen to it; whoever decided before, or the policy, has not.</summary>
    private static Decision<ConsultationEvent> Followed(Consultation state, Command command)
    {
        var followed = new RouteFollowed(command.ConsultationId, command.Route, command.ByPolicy, command.DecidedAt, command.Next, command.KnowledgeHolder);
        return SeesTo(state, command) ? followed : state.WithAlarmKept(followed, command.DecidedAt);
    }

    private static Decision<ConsultationEvent> Learned(Consultation state, Command command)
    {
        var learned = new RouteLearned(command.ConsultationId, command.Route, command.ByPolicy, command.DecidedAt, command.KnowledgeHolder);
        return state.Interrupted is { } interrupted && SeesTo(state, command)
            ? new ConsultationEvent[] { learned, new StepResumed(command.ConsultationId, interrupted.Responsible, command.DecidedAt, interrupted.Next) }
            : learned;
    }

    private static bool SeesTo(Consultation state, Command command) => !command.ByPolicy && state.IsSeenToBy(command.DecidedAt);

    public Task Consume(ConsumeContext<RouteDecided> context)
    {
        var decided = context.Message;
        var command = new Command(decided.ConsultationId, decided.Route, decided.DecidedBy == RouteDecided.ByPolicy, decided.DecidedAt, policy.Watched(decided.Area, decided.DueBy, danger: false), decided.KnowledgeHolderId);
        return inbox.Once(context, nameof(FollowRouteOnRouteDecided), work =>
            LinkedRequests.Follow(work, decided.ConsultationId, (state, id) => Decide(state, command with { ConsultationId = id }), context.CancellationToken));
    }
}
