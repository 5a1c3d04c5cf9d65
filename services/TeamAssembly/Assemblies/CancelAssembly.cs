using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>Nobody is sought any more, and whoever works stops: the hours are free again.</summary>
public static class CancelAssembly
{
    public const string Withdrawn = "withdrawn";
    public const string RouteChanged = "routeChanged";
    public const string BackInTriage = "backInTriage";

    public sealed record Command(Guid AssemblyId, string ReasonCode, DateTimeOffset Now);

    /// <summary>A withdrawal holds for ever, also when it comes before the route.</summary>
    public static Decision<AssemblyEvent> Decide(Assembly state, Command command) => state switch
    {
        { Withdrawn: true } => Decision<AssemblyEvent>.Nothing,
        { IsOver: true } when command.ReasonCode != Withdrawn => Decision<AssemblyEvent>.Nothing,
        { IsOver: true } => new AssemblyCancelled(command.AssemblyId, state.Area, command.ReasonCode, command.Now),
        _ => Events(state, state.Area, command.ReasonCode, command.Now),
    };

    internal static List<AssemblyEvent> Events(Assembly state, string area, string reasonCode, DateTimeOffset now) =>
        [.. WhatFollows.GiveAllBack(state, reasonCode, now), new AssemblyCancelled(state.Id, area, reasonCode, now)];
}

/// <summary>The requester withdrew: it wins over whatever is under way.</summary>
public sealed class CancelAssemblyOnConsultationWithdrawn(Inbox inbox, TimeProvider clock) : IConsumer<ConsultationWithdrawn>
{
    public Task Consume(ConsumeContext<ConsultationWithdrawn> context)
    {
        var command = new CancelAssembly.Command(context.Message.ConsultationId, CancelAssembly.Withdrawn, clock.GetUtcNow());
        return inbox.Once(context, nameof(CancelAssemblyOnConsultationWithdrawn), work =>
            work.Decide(Assembly.Aggregate, command.AssemblyId, state => CancelAssembly.Decide(state, command), null, context.CancellationToken));
    }
}

/// <summary>The case is in triage again: what was under way for its earlier route ends.</summary>
public sealed class CancelAssemblyOnCaseReassessed(Inbox inbox, TimeProvider clock) : IConsumer<CaseReassessed>
{
    public Task Consume(ConsumeContext<CaseReassessed> context)
    {
        var command = new CancelAssembly.Command(context.Message.ConsultationId, CancelAssembly.BackInTriage, clock.GetUtcNow());
        return inbox.Once(context, nameof(CancelAssemblyOnCaseReassessed), work =>
            work.Decide(Assembly.Aggregate, command.AssemblyId, state => CancelAssembly.Decide(state, command), null, context.CancellationToken));
    }
}
