using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>The client has consented, or for longer: a team that waited for nothing else starts.</summary>
public sealed class ChangeLegalBasisOnConsentRecorded(Inbox inbox, PoolReader pool, TeamPolicies policies, TimeProvider clock) : IConsumer<ConsentRecorded>
{
    public const string Consent = "consent";

    public sealed record Command(Guid AssemblyId, DateOnly? ValidUntil, DateTimeOffset RecordedAt, Surroundings Around);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command) => state switch
    {
        { IsOver: true } or { Matter: null } => Decision<AssemblyEvent>.Nothing,
        { Matter: { LegalBasisType: Consent } matter } when matter.LegalBasisValidUntil == command.ValidUntil => Decision<AssemblyEvent>.Nothing,
        _ => WhatFollows.After(state, command.Around, new LegalBasisChanged(command.AssemblyId, Consent, command.ValidUntil, command.RecordedAt)),
    };

    public Task Consume(ConsumeContext<ConsentRecorded> context)
    {
        var recorded = context.Message;
        return inbox.Once(context, nameof(ChangeLegalBasisOnConsentRecorded), async work =>
        {
            // Nobody is sought yet: the route will bring the legal basis of its time.
            if (await Around.Of(work, recorded.ConsultationId, pool, policies, clock, context.CancellationToken) is not { } around)
            {
                return new Outcome<Assembly>(Assembly.Initial, 0, null, false);
            }

            var command = new Command(recorded.ConsultationId, recorded.ValidUntil, recorded.RecordedAt, around);
            var outcome = await work.Decide(Assembly.Aggregate, recorded.ConsultationId, state => Decide(state, command), null, context.CancellationToken);
            Around.Remember(work, outcome);
            return outcome;
        });
    }
}
