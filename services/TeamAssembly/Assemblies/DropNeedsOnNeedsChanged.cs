using MassTransit;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;
using Wire = OtPlatform.Contracts.Triage;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>Some of what the route needed came from a request that may be known no more: nobody is asked for it, and whoever was asked for nothing else is asked no longer (R8). The others stay.</summary>
public sealed class DropNeedsOnNeedsChanged(Inbox inbox, PoolReader pool, TeamPolicies policies, TimeProvider clock) : IConsumer<Wire.NeedsChanged>
{
    public const string NeedDropped = "needDropped";

    /// <param name="Needs">All that the route still needs.</param>
    /// <param name="RouteDecidedAt">Of the route that they belong to.</param>
    public sealed record Command(Guid AssemblyId, IReadOnlyList<TeamNeed> Needs, DateTimeOffset RouteDecidedAt, Surroundings Around);

    /// <summary>A team that works goes on: it is asked for nothing, and its members are there for the requests that remain.</summary>
    public static Decision<AssemblyEvent> Decide(Assembly state, Command command)
    {
        if (state.RouteDecidedAt != command.RouteDecidedAt || !(state.IsSearching || state.Status is AssemblyStatus.WithCoordinator or AssemblyStatus.Gap) || state.Needs.SequenceEqual(command.Needs))
        {
            return Decision<AssemblyEvent>.Nothing;
        }

        var (policy, now) = (command.Around.Policy, command.Around.Now);
        var changed = new NeedsChanged(state.Id, command.Needs, now);
        var events = new List<AssemblyEvent> { changed };
        foreach (var dropped in Assembly.Evolve(state, changed).Live.Where(invitation => invitation.Needs.Count == 0))
        {
            events.Add(new CapacityGivenBack(state.Id, dropped.Id, dropped.ExpertId, null, NeedDropped, now));
            if (dropped.Status is InvitationStatus.Open or InvitationStatus.Accepted or InvitationStatus.Confirmed)
            {
                events.Add(new InvitationExpired(state.Id, dropped.Id, state.Area, dropped.ExpertId, now));
            }
        }

        if (command.Needs.Count > 0)
        {
            return WhatFollows.After(state, command.Around, events);
        }

        if (state.IsSearching)
        {
            events.Add(new AssemblyHandedToCoordinator(state.Id, state.Area, StartAssemblyOnRouteDecided.FactsMissing, now, policy.Due(now, policy.Team.ByHand), state.RouteDecidedAt));
        }

        return events;
    }

    public Task Consume(ConsumeContext<Wire.NeedsChanged> context)
    {
        var changed = context.Message;
        return inbox.Once(context, nameof(DropNeedsOnNeedsChanged), async work =>
        {
            if (await Around.Of(work, changed.ConsultationId, pool, policies, clock, context.CancellationToken) is not { } around)
            {
                return new Outcome<Assembly>(Assembly.Initial, 0, null, false);
            }

            var command = new Command(
                changed.ConsultationId,
                [.. changed.Needs.Select(need => new TeamNeed(need.Kind, need.Code, need.WeeklyHours, need.Weeks, need.Once, need.Channel, need.Language))],
                changed.RouteDecidedAt,
                around);
            var outcome = await work.Decide(Assembly.Aggregate, changed.ConsultationId, state => Decide(state, command), null, context.CancellationToken);
            Around.Remember(work, outcome);
            return outcome;
        });
    }
}
