using MassTransit;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Contracts.Intake;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The requesting side's responsible worker is another; the next route names them (C-60).</summary>
public sealed class NoteWorkerOnResponsibleWorkerChanged(Inbox inbox) : IConsumer<Wire.ResponsibleWorkerChanged>
{
    public sealed record Command(string Role, string Ref, DateTimeOffset ChangedAt);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Own: { } request } when request.ResponsibleWorkerRole == command.Role && request.ResponsibleWorkerRef == command.Ref => Decision<TriageEvent>.Nothing,
        _ => new ResponsibleWorkerChanged(state.Id, command.Role, command.Ref, command.ChangedAt),
    };

    public Task Consume(ConsumeContext<Wire.ResponsibleWorkerChanged> context)
    {
        var command = new Command(context.Message.Role, context.Message.Ref, context.Message.ChangedAt);
        return inbox.Once(context, nameof(NoteWorkerOnResponsibleWorkerChanged), work =>
            work.Decide(TriageCase.Aggregate, context.Message.ConsultationId, state => Decide(state, command), null, context.CancellationToken));
    }
}
