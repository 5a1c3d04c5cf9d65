using MassTransit;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Contracts.TeamAssembly;

namespace OtPlatform.Intake.Consultations;

/// <summary>Who is no longer asked or needed may no longer read the case's words.</summary>
public static class EndAccess
{
    /// <param name="InvitationId">Null when every access ends that the search for those who do the work has given.</param>
    public sealed record Command(Guid ConsultationId, Guid? InvitationId, DateTimeOffset Now);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        _ => state.Access
            .Where(access => command.InvitationId is null ? !access.Assesses : access.InvitationId == command.InvitationId)
            .Select(ConsultationEvent (access) => new ExpertAccessEnded(command.ConsultationId, access.ExpertId, access.InvitationId, command.Now))
            .ToList(),
    };

    internal static Task Of<T>(Inbox inbox, ConsumeContext<T> context, string reaction, Command command)
        where T : class =>
        inbox.Once(context, reaction, work =>
            LinkedRequests.Follow(work, command.ConsultationId, (state, id) => Decide(state, command with { ConsultationId = id }), context.CancellationToken));
}

/// <summary>The expert said no.</summary>
public sealed class EndAccessOnInvitationDeclined(Inbox inbox) : IConsumer<Wire.InvitationDeclined>
{
    public Task Consume(ConsumeContext<Wire.InvitationDeclined> context) =>
        EndAccess.Of(inbox, context, nameof(EndAccessOnInvitationDeclined), new(context.Message.ConsultationId, context.Message.InvitationId, context.Message.DeclinedAt));
}

/// <summary>The expert did not answer in time.</summary>
public sealed class EndAccessOnInvitationExpired(Inbox inbox) : IConsumer<Wire.InvitationExpired>
{
    public Task Consume(ConsumeContext<Wire.InvitationExpired> context) =>
        EndAccess.Of(inbox, context, nameof(EndAccessOnInvitationExpired), new(context.Message.ConsultationId, context.Message.InvitationId, context.Message.ExpiredAt));
}

/// <summary>Nobody is sought any more; what the requester sees follows from Triage's or their own word.</summary>
public sealed class EndAccessOnAssemblyCancelled(Inbox inbox) : IConsumer<Wire.AssemblyCancelled>
{
    public Task Consume(ConsumeContext<Wire.AssemblyCancelled> context) =>
        EndAccess.Of(inbox, context, nameof(EndAccessOnAssemblyCancelled), new(context.Message.ConsultationId, null, context.Message.CancelledAt));
}

/// <summary>Who was asked to assess the matter is so no more.</summary>
public sealed class EndAccessOnAssessorReleased(Inbox inbox) : IConsumer<AssessorReleased>
{
    public Task Consume(ConsumeContext<AssessorReleased> context) =>
        EndAccess.Of(inbox, context, nameof(EndAccessOnAssessorReleased), new(context.Message.ConsultationId, context.Message.InvitationId, context.Message.ReleasedAt));
}
