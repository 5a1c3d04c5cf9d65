using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The requester withdrew: the case needs nobody any more.</summary>
public sealed class CloseCaseOnConsultationWithdrawn(Inbox inbox) : IConsumer<ConsultationWithdrawn>
{
    public const string Withdrawn = "withdrawn";

    public sealed record Command(DateTimeOffset WithdrawnAt);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => Decision<TriageEvent>.Nothing,
        _ => new CaseClosed(state.Id, Withdrawn, command.WithdrawnAt),
    };

    public Task Consume(ConsumeContext<ConsultationWithdrawn> context)
    {
        var command = new Command(context.Message.WithdrawnAt);
        return inbox.Once(context, nameof(CloseCaseOnConsultationWithdrawn), work =>
            work.Decide(TriageCase.Aggregate, context.Message.ConsultationId, state => Decide(state, command), null, context.CancellationToken));
    }
}
