using OtPlatform.Contracts;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>Nobody has answered what the requester wrote by its date: the next level has to, with a new date. Never silence (R2).</summary>
public static class EscalateUnansweredMessage
{
    private const string AreaCoordinators = "areaCoordinators";
    private const string CoordinatingTeam = "coordinatingTeam";

    /// <param name="AnswerBy">When the next level has to have answered.</param>
    public sealed record Command(Guid ConsultationId, DateTimeOffset Now, DateTimeOffset AnswerBy);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state.Unanswered is not { } message || message.AnswerBy > command.Now
        ? Decision<ConsultationEvent>.Nothing
        : new MessageOverdue(
            command.ConsultationId,
            message.TextId,
            IsCoordination(message.To) ? CoordinatingTeam : AreaCoordinators,
            command.Now,
            command.AnswerBy);

    private static bool IsCoordination(string party) => party is AreaCoordinators or SendMessage.Coordinator or CoordinatingTeam;

    /// <summary>What waits for an answer after <paramref name="happened"/>. An answer to the question answers what was written before it.</summary>
    internal static UnansweredMessage? After(Consultation state, ConsultationEvent happened) => happened switch
    {
        MessageSent { To: MessageSent.Requester } => null,
        MessageSent { AnswerBy: { } answerBy } e => state.Unanswered ?? new UnansweredMessage(e.TextId, e.To, answerBy),
        MessageOverdue e => new UnansweredMessage(e.TextId, e.To, e.AnswerBy),
        ConsultationErased => null,
        _ when Standing.After(happened) is { Status: ConsultationStatus.Answered or ConsultationStatus.Withdrawn or ConsultationStatus.Closed } => null,
        // Who worked on the matter does so no more: whoever acts now has the words too, and the same date.
        _ when state.Unanswered is { } waiting && !IsCoordination(waiting.To) && Standing.After(happened) is { Responsible: { } responsible } => waiting with { To = SendMessage.ActsNow(responsible) },
        _ => state.Unanswered,
    };

    internal static async Task<Outcome<Consultation>> Fire(Work work, Deadline deadline, IntakePolicy policy, DateTimeOffset now, CancellationToken cancellation)
    {
        var area = (await work.Load<RequestersView>(deadline.StreamId, cancellation))!.Area;
        var command = new Command(deadline.StreamId, now, policy.AfterEscalation(area, danger: false, now).DueBy);
        return await work.Decide(Consultation.Aggregate, deadline.StreamId, state => Decide(state, command), null, cancellation);
    }
}
