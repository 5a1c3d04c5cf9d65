using MassTransit;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;

namespace OtPlatform.Intake.Consultations;

/// <summary>Who is asked to assess the matter may read its words until the day by which they are to have done so.</summary>
public sealed class AdmitExpertOnAssessorInvited(Inbox inbox) : IConsumer<AssessorInvited>
{
    public Task Consume(ConsumeContext<AssessorInvited> context)
    {
        var invited = context.Message;
        var command = new AdmitExpertOnExpertInvited.Command(
            invited.ConsultationId, invited.ExpertId, invited.InvitationId, DateOnly.FromDateTime(invited.DueBy.UtcDateTime), invited.InvitedAt, Assesses: true);
        return inbox.Once(context, nameof(AdmitExpertOnAssessorInvited), work => LinkedRequests.Follow(
            work, invited.ConsultationId, (state, id) => AdmitExpertOnExpertInvited.Decide(state, command with { ConsultationId = id }), context.CancellationToken));
    }
}
