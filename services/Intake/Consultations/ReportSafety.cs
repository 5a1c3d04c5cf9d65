using OtPlatform.Contracts;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>What makes the matter more urgent or dangerous than it was; at least one of them.</summary>
/// <param name="ImmediateDanger">Somebody is in danger now.</param>
/// <param name="HighRisk">The risk is high.</param>
/// <param name="Urgency">Code of the list urgencies.</param>
/// <param name="ContactWarning">What whoever meets the family should know.</param>
/// <param name="Text">In the requester's own words.</param>
public sealed record SafetyReportBody(bool? ImmediateDanger, bool? HighRisk, string? Urgency, string? ContactWarning, string? Text);

/// <summary>
/// The requester reports urgency or danger later. Immediate danger goes past any backlog, the answer says where to turn at once, and the
/// coordinators have minutes; those who work on the matter stay.
/// </summary>
public static class ReportSafety
{
    private const string WarningText = "contactWarning";
    private const string SafetyText = "safety";

    /// <param name="Next">For the coordinators, by what was reported.</param>
    public sealed record Command(SafetyReported Reported, NextStep Next);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { LastWordAt: var last } when last == command.Reported.ReportedAt => Decision<ConsultationEvent>.Nothing,
        _ => (List<ConsultationEvent>)[.. Follows(state, command), command.Reported, .. Alarm(state, command.Reported)],
    };

    private static IEnumerable<ConsultationEvent> Follows(Consultation state, Command command)
    {
        var (id, at, next) = (command.Reported.ConsultationId, command.Reported.ReportedAt, command.Next);
        if (!command.Reported.ImmediateDanger)
        {
            // Only those who decide where it goes are hurried; a requester or an expert keeps the time that they were given.
            var hastens = state.Responsible is Accountable.AreaCoordinators or Accountable.Coordinator && next.DueBy < state.Next!.DueBy;
            return hastens ? [new StepHastened(id, state.Responsible!.Value, InDanger: false, at, next)] : [];
        }

        // Whoever has to act sooner still has to.
        next = state is { Responsible: Accountable.AreaCoordinators or Accountable.CoordinatingTeam, Next: { } running } && running.OverdueAt < next.OverdueAt ? running : next;
        return state switch
        {
            { Status: ConsultationStatus.Answered } => [new AnswerObjected(id, null, at), new TriageAwaited(id, at, next, ForObjection: false)],
            { TakesInformation: true } => [new TriageAwaited(id, at, next, ForObjection: false)],
            _ => [new StepHastened(id, Accountable.AreaCoordinators, InDanger: true, at, next)],
        };
    }

    private static IEnumerable<ConsultationEvent> Alarm(Consultation state, SafetyReported reported) =>
        reported.ImmediateDanger ? [new ImmediateDangerReported(reported.ConsultationId, state.Submission!, reported.ReportedAt)] : [];

    internal static readonly LaterWord<SafetyReportBody> Word = new(
        (rules, body) =>
        {
            rules.Urgency("$.urgency", body.Urgency);
            rules.Text("$.contactWarning", body.ContactWarning);
            rules.Text("$.text", body.Text);
            if (body is { ImmediateDanger: not true, HighRisk: not true, Urgency: null } && !SubmissionRules.Says(body.ContactWarning))
            {
                rules.Fault("$", "Say at least one thing: immediateDanger, highRisk, urgency or contactWarning.");
            }
        },
        body => new Dictionary<string, string> { [WarningText] = body.ContactWarning ?? string.Empty, [SafetyText] = body.Text ?? string.Empty },
        (state, said) => Decide(state, Of(said)));

    public static void MapReportSafety(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapLaterWord("safety", "ReportSafety", "Say that it has become more urgent or dangerous.", Word)
            .Refuses(Refusals.WhenOver);

    private static Command Of(Said<SafetyReportBody> said)
    {
        var danger = said.Body.ImmediateDanger == true;
        var urgency = said.Body.Urgency is { } code ? Enum.Parse<Urgency>(code, ignoreCase: true) : (Urgency?)null;
        var notice = danger ? EmergencyNotice.ImmediateDanger
            : urgency is Urgency.Urgent && !said.Policy.IsOnDuty(said.View.Area, said.Now) ? EmergencyNotice.OutsideDutyHours
            : EmergencyNotice.None;
        return new Command(new SafetyReported(said.Id, danger, said.Body.HighRisk == true, urgency, notice, said.Texts, said.Now), said.UntilTriage(danger));
    }
}
