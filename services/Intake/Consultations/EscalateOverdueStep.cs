using OtPlatform.Contracts;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>A next step did not come by its due time and grace: the next level becomes accountable, with a new date. Never silence (R2).</summary>
public static class EscalateOverdueStep
{
    public sealed record Command(Guid ConsultationId, DateTimeOffset Now, NextStep Next);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Status: null } => Consultation.NotSubmitted,
        { Next: null } or { Status: ConsultationStatus.Answered, Interrupted: null } => Decision<ConsultationEvent>.Nothing,
        { Next: { } next } when next.OverdueAt > command.Now => Decision<ConsultationEvent>.Nothing,
        { Responsible: Accountable.Requester or Accountable.Expert or Accountable.ResponsibleWorker or Accountable.Receiver } => new NextStepOverdue(command.ConsultationId, Accountable.AreaCoordinators, command.Now, command.Next),
        _ => new NextStepOverdue(command.ConsultationId, Accountable.CoordinatingTeam, command.Now, command.Next),
    };

    internal static async Task<Outcome<Consultation>> Fire(Work work, Deadline deadline, IntakePolicy policy, DateTimeOffset now, CancellationToken cancellation)
    {
        var view = (await work.Load<RequestersView>(deadline.StreamId, cancellation))!;
        // Minutes count until somebody has the matter or has seen to the danger; whoever works on it is not called every half hour for weeks.
        var held = view is { EmergencyNotice: EmergencyNotice.ImmediateDanger, Status: ConsultationStatus.Received or ConsultationStatus.InTriage };
        return await work.Decide(
            Consultation.Aggregate,
            deadline.StreamId,
            state => Decide(state, new Command(deadline.StreamId, now, policy.AfterEscalation(view.Area, held || state.AlarmedAt is not null, now))),
            null,
            cancellation);
    }
}
