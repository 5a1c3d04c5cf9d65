using OtPlatform.Contracts;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>The requester has had an answer for as long as the policy gives to object: the consultation is closed.</summary>
public static class CloseWhenObjectionTimeIsOver
{
    public const string Reason = "objectionTimeOver";

    public sealed record Command(Guid ConsultationId, DateTimeOffset Now);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Status: null } => Consultation.NotSubmitted,
        { Status: not ConsultationStatus.Answered } or { Next: null } or { Interrupted: not null } => Decision<ConsultationEvent>.Nothing,
        { Next.OverdueAt: var end } when end > command.Now => Decision<ConsultationEvent>.Nothing,
        _ => new ConsultationClosed(command.ConsultationId, Reason, command.Now),
    };

    internal static Task<Outcome<Consultation>> Fire(Work work, Deadline deadline, DateTimeOffset now, CancellationToken cancellation) =>
        work.Decide(Consultation.Aggregate, deadline.StreamId, state => Decide(state, new Command(deadline.StreamId, now)), null, cancellation);
}
