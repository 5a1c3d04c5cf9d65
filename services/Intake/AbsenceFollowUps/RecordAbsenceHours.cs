using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <summary>The hours of the counting period.</summary>
/// <param name="Hours">All of the counting period so far.</param>
/// <param name="Kinds">The same hours by kind, when they are known.</param>
/// <param name="Reason">Why what was recorded before was wrong; only for a correction.</param>
public sealed record HoursBody(decimal? Hours, KindsBody? Kinds, string? Reason);

/// <summary>Hours by kind.</summary>
/// <param name="Unauthorised">Without leave.</param>
/// <param name="Sick">Through illness.</param>
/// <param name="Other">For any other reason.</param>
public sealed record KindsBody(decimal? Unauthorised, decimal? Sick, decimal? Other);

/// <summary>The hours of a counting period so far. They grow, or are corrected with a reason; each limit that they pass is a step of its own.</summary>
public static class RecordAbsenceHours
{
    internal const string Action = "hours";
    internal const string ReasonText = "absenceCorrection";

    /// <param name="Steps">The area's steps, the lowest first.</param>
    /// <param name="StepDueBy">Until when a step that is reached now has to be complete.</param>
    public sealed record Command(
        Guid FollowUpId, decimal Hours, AbsenceKinds? Kinds, Guid? ReasonTextId, IReadOnlyList<AbsenceStep> Steps, DateTimeOffset StepDueBy, DateOnly Today, DateTimeOffset Now);

    public static Decision<AbsenceEvent> Decide(AbsenceFollowUp state, Command command) => state switch
    {
        { Over: { } over } => over,
        { LastWordAt: var last } when last == command.Now => Decision<AbsenceEvent>.Nothing,
        _ when command.Today > state.PeriodUntil => AbsenceFollowUp.PeriodIsOver,
        _ when command.Hours < state.Hours && command.ReasonTextId is null => AbsenceFollowUp.FewerHours,
        _ when (command.Hours, command.Kinds) == (state.Hours, state.Kinds) => Decision<AbsenceEvent>.Nothing,
        _ => Recorded(state, command),
    };

    internal static readonly AbsenceWord<HoursBody> Word = new(
        (rules, body) =>
        {
            Check(rules, body.Hours, body.Kinds);
            rules.Text("$.reason", body.Reason);
        },
        body => new Dictionary<string, string> { [ReasonText] = body.Reason ?? string.Empty },
        (state, said) => Decide(state, said.Hours(said.Body.Hours!.Value, KindsOf(said.Body.Kinds), said.Text(ReasonText))));

    public static void MapRecordAbsenceHours(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapAbsenceWord(Action, "RecordAbsenceHours", "Record the hours of the counting period so far, all kinds together; fewer than before need a reason.", Word)
            .Refuses(AbsenceFollowUp.PeriodIsOver, AbsenceFollowUp.FewerHours);

    internal static List<AbsenceEvent> Recorded(AbsenceFollowUp state, Command command) =>
    [
        command.ReasonTextId is { } reason
            ? new AbsenceHoursCorrected(command.FollowUpId, command.Hours, command.Kinds, reason, command.Now)
            : new AbsenceHoursRecorded(command.FollowUpId, command.Hours, command.Kinds, command.Now),
        .. state.Steps.Reverse().Where(step => command.Hours <= step.Over).Select(step => new AbsenceThresholdTakenBack(command.FollowUpId, step.Code, command.Now)),
        .. command.Steps.Where(step => command.Hours > step.Over && state.Steps.All(reached => reached.Code != step.Code))
            .Select(step => new AbsenceThresholdCrossed(command.FollowUpId, step.Code, step.Over, step.Needs, step.Guidance, command.Now, command.StepDueBy)),
    ];

    internal static void Check(SubmissionRules rules, decimal? hours, KindsBody? kinds)
    {
        rules.Hours("$.hours", hours);
        if (KindsOf(kinds) is { } known && (known.Total != hours || known is not { Unauthorised: >= 0, Sick: >= 0, Other: >= 0 }))
        {
            rules.Fault("$.kinds", "The kinds together are the hours, and none is less than 0.");
        }
    }

    internal static AbsenceKinds? KindsOf(KindsBody? kinds) => kinds is null ? null : new AbsenceKinds(kinds.Unauthorised ?? 0, kinds.Sick ?? 0, kinds.Other ?? 0);
}
