using MassTransit;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>The pool's answers: hours held, refused, confirmed or lapsed. When all are held the experts are invited, when all are confirmed the work starts.</summary>
public static class FollowCapacity
{
    public const string Lapsed = "lapsed";

    public sealed record Command(Guid AssemblyId, Guid InvitationId, string? ReasonCode, Surroundings Around);

    public static Decision<AssemblyEvent> Held(Assembly state, Command command) => state.Invitation(command.InvitationId) switch
    {
        { Status: InvitationStatus.Reserving } => WhatFollows.After(state, command.Around, new CapacityHeld(command.AssemblyId, command.InvitationId, command.Around.Now)),
        _ => Decision<AssemblyEvent>.Nothing,
    };

    /// <summary>Also for hours that lapsed before they were confirmed: somebody else is sought.</summary>
    public static Decision<AssemblyEvent> Withheld(Assembly state, Command command) => state.Invitation(command.InvitationId) switch
    {
        { Status: InvitationStatus.Open or InvitationStatus.Accepted } invited =>
            WhatFollows.After(state, command.Around, new InvitationExpired(command.AssemblyId, invited.Id, state.Area, invited.ExpertId, command.Around.Now)),
        { Status: InvitationStatus.Reserving or InvitationStatus.Held } =>
            WhatFollows.After(state, command.Around, new CapacityWithheld(command.AssemblyId, command.InvitationId, command.ReasonCode ?? Lapsed, command.Around.Now)),
        _ => Decision<AssemblyEvent>.Nothing,
    };

    public static Decision<AssemblyEvent> Confirmed(Assembly state, Command command) => state.Invitation(command.InvitationId) switch
    {
        { Status: InvitationStatus.Accepted } => WhatFollows.After(state, command.Around, new HoursConfirmed(command.AssemblyId, command.InvitationId, command.Around.Now)),
        _ => Decision<AssemblyEvent>.Nothing,
    };
}

/// <summary>Carries an assembly on when the pool has answered.</summary>
public sealed class FollowCapacityOnPoolsAnswer(Inbox inbox, PoolReader pool, TeamPolicies policies, TimeProvider clock)
    : IConsumer<CapacityReserved>, IConsumer<CapacityRefused>, IConsumer<CapacityConfirmed>, IConsumer<CapacityLapsed>
{
    public Task Consume(ConsumeContext<CapacityReserved> context) =>
        Follow(context, context.Message.AssemblyId, context.Message.ReservationId, null, FollowCapacity.Held);

    public Task Consume(ConsumeContext<CapacityRefused> context) =>
        Follow(context, context.Message.AssemblyId, context.Message.ReservationId, context.Message.ReasonCode, FollowCapacity.Withheld);

    public Task Consume(ConsumeContext<CapacityConfirmed> context) =>
        Follow(context, context.Message.AssemblyId, context.Message.ReservationId, null, FollowCapacity.Confirmed);

    public Task Consume(ConsumeContext<CapacityLapsed> context) =>
        Follow(context, context.Message.AssemblyId, context.Message.ReservationId, null, FollowCapacity.Withheld);

    private Task Follow<TMessage>(ConsumeContext<TMessage> context, Guid assembly, Guid invitation, string? reason, Func<Assembly, FollowCapacity.Command, Decision<AssemblyEvent>> decide)
        where TMessage : class =>
        inbox.Once(context, nameof(FollowCapacityOnPoolsAnswer), async work =>
        {
            var around = await Around.Of(work, assembly, pool, policies, clock, context.CancellationToken);
            if (around is null)
            {
                // What was over before it began needs no answer; an answer about what is not known here waits.
                var known = await work.Load<AssemblyView>(assembly, context.CancellationToken) is not null;
                return new Outcome<Assembly>(Assembly.Initial, 0, known ? null : Assembly.NotStarted, false);
            }

            var outcome = await work.Decide(Assembly.Aggregate, assembly, state => decide(state, new FollowCapacity.Command(assembly, invitation, reason, around)), null, context.CancellationToken);
            Around.Remember(work, outcome);
            return outcome;
        });
}
