using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>The client's words were erased: what the assembly holds of one client or one worker goes too, for good (R8). Also before anything began, so that a late route starts nothing.</summary>
public sealed class EraseAssemblyOnConsultationErased(Inbox inbox, TimeProvider clock) : IConsumer<ConsultationErased>
{
    public sealed record Command(Guid AssemblyId, DateTimeOffset ErasedAt, DateTimeOffset Now);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command) => state switch
    {
        { Erased: true } => Decision<AssemblyEvent>.Nothing,
        { IsOver: true } => new AssemblyErased(command.AssemblyId, state.Area, command.ErasedAt),
        _ => (List<AssemblyEvent>)[.. CancelAssembly.Events(state, state.Area, CancelAssembly.Withdrawn, command.Now, command.ErasedAt), new AssemblyErased(command.AssemblyId, state.Area, command.ErasedAt)],
    };

    /// <summary>The event without what an erasure takes out.</summary>
    public static AssemblyEvent Redacted(AssemblyEvent happened) => happened switch
    {
        AssemblyStarted { Matter: { } matter } e => e with { Matter = matter with { ResponsibleWorkerRef = null } },
        ResponsibleWorkerChanged e => e with { Ref = string.Empty },
        _ => happened,
    };

    public Task Consume(ConsumeContext<ConsultationErased> context)
    {
        var command = new Command(context.Message.ConsultationId, context.Message.ErasedAt, clock.GetUtcNow());
        return inbox.Once(context, nameof(EraseAssemblyOnConsultationErased), async work =>
        {
            var outcome = await work.Decide(Assembly.Aggregate, command.AssemblyId, state => Decide(state, command), null, context.CancellationToken);
            await work.Redact<AssemblyStarted>(command.AssemblyId, happened => (AssemblyStarted)Redacted(happened), context.CancellationToken);
            await work.Redact<ResponsibleWorkerChanged>(command.AssemblyId, happened => (ResponsibleWorkerChanged)Redacted(happened), context.CancellationToken);
            work.EmptyParked(command.AssemblyId);
            return outcome;
        });
    }
}
