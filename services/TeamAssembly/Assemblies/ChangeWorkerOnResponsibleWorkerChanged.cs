using MassTransit;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;
using Wire = OtPlatform.Contracts.Intake;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>The requesting side's responsible worker is another: they have the own worker's place in the team (R4). A team that waited for nothing else starts.</summary>
public sealed class ChangeWorkerOnResponsibleWorkerChanged(Inbox inbox, PoolReader pool, TeamPolicies policies, TimeProvider clock) : IConsumer<Wire.ResponsibleWorkerChanged>
{
    public sealed record Command(Guid AssemblyId, string Role, string Ref, DateTimeOffset ChangedAt, Surroundings Around);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command) => state switch
    {
        { IsOver: true } or { Matter: null } => Decision<AssemblyEvent>.Nothing,
        { Matter: { } matter } when matter.ResponsibleWorkerRole == command.Role && matter.ResponsibleWorkerRef == command.Ref => Decision<AssemblyEvent>.Nothing,
        _ => WhatFollows.After(state, command.Around, new ResponsibleWorkerChanged(command.AssemblyId, command.Role, command.Ref, command.ChangedAt)),
    };

    public Task Consume(ConsumeContext<Wire.ResponsibleWorkerChanged> context)
    {
        var changed = context.Message;
        return inbox.Once(context, nameof(ChangeWorkerOnResponsibleWorkerChanged), async work =>
        {
            // Nobody is sought yet: the route will name the worker of its time.
            if (await Around.Of(work, changed.ConsultationId, pool, policies, clock, context.CancellationToken) is not { } around)
            {
                return new Outcome<Assembly>(Assembly.Initial, 0, null, false);
            }

            var command = new Command(changed.ConsultationId, changed.Role, changed.Ref, changed.ChangedAt, around);
            var outcome = await work.Decide(Assembly.Aggregate, changed.ConsultationId, state => Decide(state, command), null, context.CancellationToken);
            Around.Remember(work, outcome);
            return outcome;
        });
    }
}
