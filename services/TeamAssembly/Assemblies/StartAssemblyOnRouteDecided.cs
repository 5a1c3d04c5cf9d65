using MassTransit;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>A route that needs people is decided: the smallest team is composed and its hours are asked for. A later decision replaces an earlier one.</summary>
public sealed class StartAssemblyOnRouteDecided(Inbox inbox, PoolReader pool, TeamPolicies policies, TimeProvider clock) : IConsumer<RouteDecided>
{
    public sealed record Command(Guid AssemblyId, string Area, Route Route, MatterFacts? Matter, IReadOnlyList<TeamNeed> Needs, bool NetworkCoordinator, DateTimeOffset RouteDecidedAt, DateTimeOffset DueBy, Surroundings Around, bool StandingTeamFirst = false);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command)
    {
        if (state.Withdrawn || state.Erased || (state.RouteDecidedAt is { } known && known >= command.RouteDecidedAt))
        {
            return Decision<AssemblyEvent>.Nothing;
        }

        var (policy, now) = (command.Around.Policy, command.Around.Now);
        var before = state.IsOver ? [] : CancelAssembly.Events(state, command.Area, CancelAssembly.RouteChanged, now);
        if (!CarriesOn(command.Route))
        {
            return before;
        }

        var started = new AssemblyStarted(
            command.AssemblyId, command.Area, command.Route, command.Matter, command.Needs, command.NetworkCoordinator, policy.Version, command.RouteDecidedAt, now, command.DueBy, command.StandingTeamFirst);
        if (command.Route is Route.BasicSupportGuidance)
        {
            return (List<AssemblyEvent>)[.. before, started];
        }

        return command.Matter is null || command.Needs.Count == 0
            ? (List<AssemblyEvent>)[.. before, started, new AssemblyHandedToCoordinator(command.AssemblyId, command.Area, FactsMissing, now, policy.Due(now, policy.Team.ByHand), command.RouteDecidedAt)]
            : WhatFollows.After(state, command.Around, [.. before, started]);
    }

    /// <summary>The route came without the facts or needs that a composition begins with.</summary>
    public const string FactsMissing = "factsMissing";

    public Task Consume(ConsumeContext<RouteDecided> context)
    {
        var decided = context.Message;
        return inbox.Once(context, nameof(StartAssemblyOnRouteDecided), async work =>
        {
            var around = new Surroundings(await pool.Load(work, decided.Matter?.RequestingUnitId, context.CancellationToken), policies.Of(decided.Area), clock.GetUtcNow());
            var command = new Command(
                decided.ConsultationId,
                decided.Area,
                decided.Route,
                decided.Matter,
                [.. decided.Needs.Select(need => new TeamNeed(need.Kind, need.Code, need.WeeklyHours, need.Weeks, need.Once, need.Channel, need.Language))],
                decided.NetworkCoordinator,
                decided.DecidedAt,
                decided.DueBy,
                around,
                decided.StandingTeamFirst);
            return await work.Decide(Assembly.Aggregate, decided.ConsultationId, state => Decide(state, command), null, context.CancellationToken);
        });
    }

    private static bool CarriesOn(Route route) => route is Route.BasicSupportGuidance or Route.ExpertConsultation or Route.HybridTeam or Route.StandingTeam;
}
