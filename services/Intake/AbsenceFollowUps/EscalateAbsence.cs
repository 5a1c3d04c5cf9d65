using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <summary>What a consultation needs beyond what the follow-up knows; the fields are those of a submission.</summary>
/// <param name="ShareMeetings">The notes of the meetings go along as what has been tried.</param>
public sealed record EscalationBody(
    RequesterBody? Requester,
    ResponsibleWorkerBody? ResponsibleWorker,
    LegalBasisBody? LegalBasis,
    string? Question,
    IReadOnlyList<TriedBody?>? TriedSoFar,
    bool? ShareMeetings,
    string? Strengths,
    string? ChildsView,
    string? Municipality,
    IReadOnlyList<string?>? Topics,
    IReadOnlyList<string?>? Marks,
    IReadOnlyList<string?>? InvolvedServices,
    IReadOnlyList<string?>? WishedChannels,
    string? Urgency,
    SafetyBody? Safety,
    ScreeningBody? Screening);

/// <summary>The school takes the matter into a consultation (C-46): the same rules as for any submission, and nothing that the follow-up knows is asked again.</summary>
public static class EscalateAbsence
{
    private const string Reading = "requester";

    public sealed record Command(Guid FollowUpId, Guid ConsultationId, DateTimeOffset Now);

    public static Decision<AbsenceEvent> Decide(AbsenceFollowUp state, Command command) => state switch
    {
        { Over: { } over } => over,
        { ConsultationIds: var known } when known.Contains(command.ConsultationId) => Decision<AbsenceEvent>.Nothing,
        { Asked: true } => AbsenceFollowUp.AlreadyAsked,
        _ => new AbsenceConsultationAsked(command.FollowUpId, command.ConsultationId, command.Now),
    };

    public static void MapEscalateAbsence(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/escalation", Handle)
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("EscalateAbsence")
            .WithSummary("Take the matter into a consultation, whose id stands in the answer's consultations. Needs If-Match.")
            .Accepts<EscalationBody>("application/json")
            .Produces<AbsenceAnswer>();

    private static async Task<IResult> Handle(
        Guid id, HttpContext http, AbsenceDesk desk, Submissions submissions, Vault vault, IntakePolicy policy, StreamStore streams, TimeProvider clock, CancellationToken cancellation)
    {
        var caller = Caller.From(http.User);
        if (await desk.Own(id, caller, cancellation) is not { } view)
        {
            return Problems.Unknown();
        }

        var expected = Versions.Expected(http.Request);
        var raw = await StrictJson.ReadBody(http.Request, cancellation);
        IdentityCodes.Refuse(raw);
        var body = StrictJson.Parse<EscalationBody>(raw);
        if (view.Erased is not null)
        {
            return Problems.Of(AbsenceFollowUp.AlreadyErased);
        }

        var now = clock.GetUtcNow();
        var submission = Submission(view, body, await ClientRef(view, vault, cancellation), await Meetings(view, body, vault, caller, cancellation), policy.AbsenceTopic(view.Area));
        var unknown = submissions.Check(submission, now);
        var consultation = Ids.New(now);
        var outcome = await streams.InOneTransaction(
            new Origin(caller.Subject, consultation.ToString(), http.TraceIdentifier),
            async work =>
            {
                var decided = await work.Decide(AbsenceFollowUp.Aggregate, id, state => Decide(state, new Command(id, consultation, now)), expected, cancellation);
                if (decided.Changed)
                {
                    await submissions.Take(work, consultation, submission, unknown, view.Organisation, now, cancellation);
                }

                return decided;
            },
            cancellation);
        return await desk.Answer(http, new AbsenceWritten(outcome.View as AbsenceFollowUpView ?? view, outcome.Rejection), caller, cancellation);
    }

    private static SubmissionBody Submission(AbsenceFollowUpView view, EscalationBody body, string? clientRef, IReadOnlyList<TriedBody> meetings, string topic) => new()
    {
        Kind = "clientWork",
        ClientRef = clientRef,
        AgeBand = view.AgeBand,
        County = view.County,
        Municipality = body.Municipality,
        Language = view.Language,
        Requester = body.Requester,
        ResponsibleWorker = body.ResponsibleWorker,
        Topics = [topic, .. body.Topics ?? []],
        Marks = body.Marks,
        Question = body.Question,
        TriedSoFar = [.. body.TriedSoFar ?? [], .. meetings],
        Strengths = body.Strengths,
        ChildsView = body.ChildsView,
        InvolvedServices = body.InvolvedServices,
        WishedChannels = body.WishedChannels,
        Urgency = body.Urgency,
        Safety = body.Safety,
        LegalBasis = body.LegalBasis,
        Screening = body.Screening,
        SchoolAbsence = new SchoolAbsenceBody(
            view.Hours, view.Meetings.Count > 0, view.FollowUp is { } agreed ? new FollowUpBody(agreed.Date, agreed.ResponsibleRef) : null),
    };

    private static async Task<string?> ClientRef(AbsenceFollowUpView view, Vault vault, CancellationToken cancellation) =>
        view.ClientRefTextId is { } text ? (await vault.Use(view.Id, [text], cancellation)).GetValueOrDefault(text) : null;

    private static async Task<IReadOnlyList<TriedBody>> Meetings(AbsenceFollowUpView view, EscalationBody body, Vault vault, Caller caller, CancellationToken cancellation)
    {
        var notes = view.Meetings.Select(meeting => meeting.NoteTextId).OfType<Guid>().ToHashSet();
        return body.ShareMeetings == true && notes.Count > 0
            ? [.. (await vault.ReadOf(view.Id, text => notes.Contains(text.Id), Reading, caller.Subject, cancellation)).Select(text => new TriedBody(text.Text, null, null))]
            : [];
    }
}
