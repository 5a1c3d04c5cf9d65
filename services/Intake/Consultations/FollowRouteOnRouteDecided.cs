using MassTransit;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>The route is decided: the requester sees where the matter goes and who acts next.</summary>
public sealed class FollowRouteOnRouteDecided(Inbox inbox, IntakePolicy policy) : IConsumer<RouteDecided>
{
    public sealed record Command(Guid ConsultationId, Route Route, bool ByPolicy, DateTimeOffset DecidedAt, NextStep Next);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { Order.Decision: var known } when known == command.DecidedAt => Decision<ConsultationEvent>.Nothing,
        { Order.Outcome: var outcome } when command.DecidedAt <= outcome => new RouteLearned(command.ConsultationId, command.Route, command.ByPolicy, command.DecidedAt),
        // The coordinator has been given a date of their own before the decision arrived here.
        { Order: var order, Next: { } next } when order.IsOvertaken(command.DecidedAt) => new RouteFollowed(command.ConsultationId, command.Route, command.ByPolicy, command.DecidedAt, next),
        _ => new RouteFollowed(command.ConsultationId, command.Route, command.ByPolicy, command.DecidedAt, command.Next),
    };

    public Task Consume(ConsumeContext<RouteDecided> context)
    {
        var decided = context.Message;
        var command = new Command(decided.ConsultationId, decided.Route, decided.DecidedBy == RouteDecided.ByPolicy, decided.DecidedAt, policy.Watched(decided.Area, decided.DueBy, danger: false));
        return inbox.Once(context, nameof(FollowRouteOnRouteDecided), work =>
            LinkedRequests.Follow(work, decided.ConsultationId, (state, id) => Decide(state, command with { ConsultationId = id }), context.CancellationToken));
    }
}
