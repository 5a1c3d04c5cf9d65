using MassTransit;
using OtPlatform.Contracts.TeamAssembly;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Nobody was found for the decided route, or a coordinator has to go on by hand: the route may be decided anew (R1).</summary>
public static class OpenRouteWhenNotStaffed
{
    public const string ServiceGap = "serviceGap";

    /// <param name="RouteDecidedAt">Which decision could not be staffed.</param>
    public sealed record Command(string ReasonCode, DateTimeOffset RouteDecidedAt, DateTimeOffset FoundAt, DateTimeOffset DueBy);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Status: not CaseStatus.RouteDecided } or { NotStaffed: true } => Decision<TriageEvent>.Nothing,
        { RouteDecidedAt: var decided } when command.RouteDecidedAt < decided => Decision<TriageEvent>.Nothing,
        _ => new RouteNotStaffed(state.Id, command.ReasonCode, command.FoundAt, command.DueBy),
    };

    internal static Task Of<T>(Inbox inbox, ConsumeContext<T> context, string reaction, Guid id, Command command)
        where T : class =>
        inbox.Once(context, reaction, work => work.Decide(TriageCase.Aggregate, id, state => Decide(state, command), null, context.CancellationToken));
}

/// <summary>Somebody was found after all, or has answered: the decision stands again.</summary>
public static class KeepRouteWhenStaffed
{
    public sealed record Command(DateTimeOffset RouteDecidedAt, DateTimeOffset StaffedAt);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { NotStaffed: false } => Decision<TriageEvent>.Nothing,
        { RouteDecidedAt: var decided } when command.RouteDecidedAt < decided => Decision<TriageEvent>.Nothing,
        _ => new RouteStaffed(state.Id, command.StaffedAt),
    };

    internal static Task Of<T>(Inbox inbox, ConsumeContext<T> context, string reaction, Guid id, Command command)
        where T : class =>
        inbox.Once(context, reaction, work => work.Decide(TriageCase.Aggregate, id, state => Decide(state, command), null, context.CancellationToken));
}

/// <inheritdoc cref="OpenRouteWhenNotStaffed"/>
public sealed class OpenRouteOnServiceGapFound(Inbox inbox) : IConsumer<ServiceGapFound>
{
    public Task Consume(ConsumeContext<ServiceGapFound> context)
    {
        var found = context.Message;
        return OpenRouteWhenNotStaffed.Of(
            inbox, context, nameof(OpenRouteOnServiceGapFound), found.ConsultationId, new(OpenRouteWhenNotStaffed.ServiceGap, found.RouteDecidedAt ?? found.FoundAt, found.FoundAt, found.DueBy));
    }
}

/// <inheritdoc cref="OpenRouteWhenNotStaffed"/>
public sealed class OpenRouteOnAssemblyHandedToCoordinator(Inbox inbox) : IConsumer<AssemblyHandedToCoordinator>
{
    public Task Consume(ConsumeContext<AssemblyHandedToCoordinator> context)
    {
        var handed = context.Message;
        return OpenRouteWhenNotStaffed.Of(
            inbox, context, nameof(OpenRouteOnAssemblyHandedToCoordinator), handed.ConsultationId, new(handed.ReasonCode, handed.RouteDecidedAt ?? handed.HandedAt, handed.HandedAt, handed.DueBy));
    }
}

/// <inheritdoc cref="KeepRouteWhenStaffed"/>
public sealed class KeepRouteOnConsultationArranged(Inbox inbox) : IConsumer<ConsultationArranged>
{
    public Task Consume(ConsumeContext<ConsultationArranged> context)
    {
        var arranged = context.Message;
        return KeepRouteWhenStaffed.Of(inbox, context, nameof(KeepRouteOnConsultationArranged), arranged.ConsultationId, new(arranged.RouteDecidedAt ?? arranged.ArrangedAt, arranged.ArrangedAt));
    }
}

/// <inheritdoc cref="KeepRouteWhenStaffed"/>
public sealed class KeepRouteOnTeamActivated(Inbox inbox) : IConsumer<TeamActivated>
{
    public Task Consume(ConsumeContext<TeamActivated> context)
    {
        var activated = context.Message;
        return KeepRouteWhenStaffed.Of(inbox, context, nameof(KeepRouteOnTeamActivated), activated.ConsultationId, new(activated.RouteDecidedAt ?? activated.ActivatedAt, activated.ActivatedAt));
    }
}

/// <inheritdoc cref="KeepRouteWhenStaffed"/>
public sealed class KeepRouteOnConsultationAnswered(Inbox inbox) : IConsumer<ConsultationAnswered>
{
    public Task Consume(ConsumeContext<ConsultationAnswered> context)
    {
        var answered = context.Message;
        return KeepRouteWhenStaffed.Of(inbox, context, nameof(KeepRouteOnConsultationAnswered), answered.ConsultationId, new(answered.RouteDecidedAt ?? answered.AnsweredAt, answered.AnsweredAt));
    }
}
