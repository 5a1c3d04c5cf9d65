using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <summary>The counting period is over. What is due still is seen to first.</summary>
public static class EndAbsenceFollowUp
{
    public sealed record Command(Guid FollowUpId, DateTimeOffset Now);

    public static Decision<AbsenceEvent> Decide(AbsenceFollowUp state, Command command) => state switch
    {
        { Over: not null } or { DueBy: not null } => Decision<AbsenceEvent>.Nothing,
        { PeriodEndsAt: var end } when end > command.Now => Decision<AbsenceEvent>.Nothing,
        _ => new AbsenceFollowUpEnded(command.FollowUpId, command.Now),
    };

    internal static Task<Outcome<AbsenceFollowUp>> Fire(Work work, Deadline deadline, DateTimeOffset now, CancellationToken cancellation) =>
        work.Decide(AbsenceFollowUp.Aggregate, deadline.StreamId, state => Decide(state, new Command(deadline.StreamId, now)), null, cancellation);
}
