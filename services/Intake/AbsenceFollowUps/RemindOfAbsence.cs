using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <summary>The day of an agreed follow-up has come, or a step is not complete in time: the school is reminded, again and again until it has been seen to.</summary>
public static class RemindOfAbsence
{
    /// <param name="NextAt">When it is reminded again.</param>
    public sealed record Command(Guid FollowUpId, DateTimeOffset Now, DateTimeOffset NextAt);

    public static Decision<AbsenceEvent> Decide(AbsenceFollowUp state, Command command) => state switch
    {
        { Over: not null } or { RemindAt: null } => Decision<AbsenceEvent>.Nothing,
        { DueBy: { } due } when due > command.Now => Decision<AbsenceEvent>.Nothing,
        { RemindAt: { } at } when at > command.Now => Decision<AbsenceEvent>.Nothing,
        { OpenStep: { } open } when open.DueBy <= command.Now => new AbsenceFollowUpReminded(command.FollowUpId, open.Code, command.Now, command.NextAt),
        _ => new AbsenceFollowUpReminded(command.FollowUpId, null, command.Now, command.NextAt),
    };

    internal static async Task<Outcome<AbsenceFollowUp>> Fire(Work work, Deadline deadline, IntakePolicy policy, DateTimeOffset now, CancellationToken cancellation)
    {
        var view = (await work.Load<AbsenceFollowUpView>(deadline.StreamId, cancellation))!;
        var command = new Command(deadline.StreamId, now, policy.NextAbsenceReminder(view.Area, now));
        return await work.Decide(AbsenceFollowUp.Aggregate, deadline.StreamId, state => Decide(state, command), null, cancellation);
    }
}
