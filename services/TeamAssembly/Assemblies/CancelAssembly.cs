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

    /// <summary>Another case carries the matter, and with it its one plan (C-64).</summary>
    public const string Linked = "linked";

    public const string ConsentEnded = "consentEnded";

    /// <param name="WithdrawnAt">By the requester's side; null unless the request was withdrawn.</param>
    /// <param name="ConsentEndedAt">Null unless a consent has ended.</param>
    public sealed record Command(Guid AssemblyId, string ReasonCode, DateTimeOffset Now, DateTimeOffset? WithdrawnAt = null, DateTimeOffset? ConsentEndedAt = null);

    /// <summary>A withdrawal holds until a later reopening, also when it comes before the route.</summary>
    public static Decision<AssemblyEvent> Decide(Assembly state, Command command) => state switch
    {
        { Withdrawn: true } => Decision<AssemblyEvent>.Nothing,
        { ReopenedAt: { } reopened } when command.WithdrawnAt < reopened => Decision<AssemblyEvent>.Nothing,
        { IsOver: true } when command.ReasonCode != Withdrawn => Decision<AssemblyEvent>.Nothing,
        // The route was decided after that consent had ended, so on another ground; if triage did not know yet, it takes the case back itself.
        { RouteDecidedAt: { } decided } when command.ConsentEndedAt < decided => Decision<AssemblyEvent>.Nothing,
        { IsOver: true } => new AssemblyCancelled(command.AssemblyId, state.Area, command.ReasonCode, command.Now, command.WithdrawnAt),
        _ => Events(state, state.Area, command.ReasonCode, command.Now, command.WithdrawnAt),
    };

    internal static List<AssemblyEvent> Events(Assembly state, string area, string reasonCode, DateTimeOffset now, DateTimeOffset? withdrawnAt = null) =>
        [.. WhatFollows.GiveAllBack(state, reasonCode, now), new AssemblyCancelled(state.Id, area, reasonCode, now, withdrawnAt)];
}

/// <summary>The requester withdrew: it wins over whatever is under way.</summary>
public sealed class CancelAssemblyOnConsultationWithdrawn(Inbox inbox, TimeProvider clock) : IConsumer<ConsultationWithdrawn>
{
    public Task Consume(ConsumeContext<ConsultationWithdrawn> context)
    {
        var command = new CancelAssembly.Command(context.Message.ConsultationId, CancelAssembly.Withdrawn, clock.GetUtcNow(), context.Message.WithdrawnAt);
        return inbox.Once(context, nameof(CancelAssemblyOnConsultationWithdrawn), work =>
            work.Decide(Assembly.Aggregate, command.AssemblyId, state => CancelAssembly.Decide(state, command), null, context.CancellationToken));
    }
}

/// <summary>The case is in triage again: what was under way for its earlier route ends. When the requester has reopened it, an earlier withdrawal holds no longer.</summary>
public sealed class CancelAssemblyOnCaseReassessed(Inbox inbox, TimeProvider clock) : IConsumer<CaseReassessed>
{
    public Task Consume(ConsumeContext<CaseReassessed> context)
    {
        var reassessed = context.Message;
        var command = new CancelAssembly.Command(reassessed.ConsultationId, CancelAssembly.BackInTriage, clock.GetUtcNow());
        return inbox.Once(context, nameof(CancelAssemblyOnCaseReassessed), work => work.Decide(
            Assembly.Aggregate,
            command.AssemblyId,
            state => reassessed.ReopenedAt is { } reopened ? ReopenAssembly.Decide(state, new(command.AssemblyId, reopened, command.Now)) : CancelAssembly.Decide(state, command),
            null,
            context.CancellationToken));
    }
}

/// <summary>The requester is asked for something first: what was under way for an earlier route ends.</summary>
public sealed class CancelAssemblyOnInformationRequested(Inbox inbox, TimeProvider clock) : IConsumer<InformationRequested>
{
    public Task Consume(ConsumeContext<InformationRequested> context)
    {
        var command = new CancelAssembly.Command(context.Message.ConsultationId, CancelAssembly.BackInTriage, clock.GetUtcNow());
        return inbox.Once(context, nameof(CancelAssemblyOnInformationRequested), work =>
            work.Decide(Assembly.Aggregate, command.AssemblyId, state => CancelAssembly.Decide(state, command), null, context.CancellationToken));
    }
}

/// <summary>Another case carries the matter: nobody is sought for this one, and a team of its own, from before the two were known to be one matter, ends (C-34, C-64).</summary>
public sealed class CancelAssemblyOnCasesLinked(Inbox inbox, TimeProvider clock) : IConsumer<CasesLinked>
{
    public Task Consume(ConsumeContext<CasesLinked> context)
    {
        var command = new CancelAssembly.Command(context.Message.ConsultationId, CancelAssembly.Linked, clock.GetUtcNow());
        return inbox.Once(context, nameof(CancelAssemblyOnCasesLinked), work =>
            work.Decide(Assembly.Aggregate, command.AssemblyId, state => CancelAssembly.Decide(state, command), null, context.CancellationToken));
    }
}

/// <summary>The client's consent is no more: the team's work and every invitation end at once (R8).</summary>
public sealed class CancelAssemblyOnConsentEnded(Inbox inbox, TimeProvider clock) : IConsumer<ConsentEnded>
{
    public Task Consume(ConsumeContext<ConsentEnded> context)
    {
        var command = new CancelAssembly.Command(context.Message.ConsultationId, CancelAssembly.ConsentEnded, clock.GetUtcNow(), ConsentEndedAt: context.Message.EndedAt);
        return inbox.Once(context, nameof(CancelAssemblyOnConsentEnded), work =>
            work.Decide(Assembly.Aggregate, command.AssemblyId, state => CancelAssembly.Decide(state, command), null, context.CancellationToken));
    }
}
