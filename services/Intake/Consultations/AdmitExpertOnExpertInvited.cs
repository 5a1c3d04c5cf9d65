using MassTransit;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Contracts.TeamAssembly;

namespace OtPlatform.Intake.Consultations;

/// <summary>An invited expert may read the case's words: nobody can say yes to what they do not know.</summary>
public sealed class AdmitExpertOnExpertInvited(Inbox inbox) : IConsumer<Wire.ExpertInvited>
{
    public sealed record Command(Guid ConsultationId, Guid ExpertId, Guid InvitationId, DateOnly Until, DateTimeOffset InvitedAt, bool Assesses = false);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { ConsentHasEnded: true } => Decision<ConsultationEvent>.Nothing,
        { Access: var access } when access.Any(known => known.InvitationId == command.InvitationId) => Decision<ConsultationEvent>.Nothing,
        _ => new ExpertAdmitted(command.ConsultationId, command.ExpertId, command.InvitationId, command.Until, command.InvitedAt, command.Assesses),
    };

    public Task Consume(ConsumeContext<Wire.ExpertInvited> context)
    {
        var invited = context.Message;
        var command = new Command(invited.ConsultationId, invited.ExpertId, invited.InvitationId, invited.Until, invited.InvitedAt);
        return inbox.Once(context, nameof(AdmitExpertOnExpertInvited), work =>
            LinkedRequests.Follow(work, invited.ConsultationId, (state, id) => Decide(state, command with { ConsultationId = id }), context.CancellationToken));
    }
}
