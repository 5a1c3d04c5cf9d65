using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Narratives;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <summary>Words that belong to a step.</summary>
/// <param name="Code">Code of the guidance.</param>
/// <param name="Text">In words, in the follow-up's language.</param>
public sealed record GuidanceAnswer(string Code, string Text);

/// <summary>A step that the hours have reached.</summary>
/// <param name="Code">Code of the step.</param>
/// <param name="Over">Hours; more than these reach it.</param>
/// <param name="ReachedAt">When the hours passed it.</param>
/// <param name="DueBy">Until when it has to be complete.</param>
/// <param name="Complete">Nothing is missing.</param>
/// <param name="Missing">What it needs still: meeting, familyAgreement, followUp, survey, consultation.</param>
/// <param name="Guidance">What belongs to the step.</param>
public sealed record StepAnswer(string Code, decimal Over, DateTimeOffset ReachedAt, DateTimeOffset DueBy, bool Complete, IReadOnlyList<string> Missing, IReadOnlyList<GuidanceAnswer> Guidance);

/// <summary>A meeting that was held.</summary>
/// <param name="Step">Code of the step that it belongs to.</param>
/// <param name="HeldOn">The day.</param>
/// <param name="Participants">Codes of the list requesterRoles.</param>
/// <param name="AgreedWithFamily">The pupil and the guardians considered those who met necessary.</param>
/// <param name="SurveyDone">The survey of the causes has been made.</param>
/// <param name="Note">The words; null in a list.</param>
public sealed record MeetingAnswer(string Step, DateOnly HeldOn, IReadOnlyList<string> Participants, bool AgreedWithFamily, bool SurveyDone, string? Note);

/// <summary>Hours as they were recorded.</summary>
/// <param name="At">When they were recorded.</param>
/// <param name="Hours">All of the period so far.</param>
/// <param name="Correction">Why what was recorded before was wrong; null when it was not, and in a list.</param>
public sealed record RecordedAnswer(DateTimeOffset At, decimal Hours, string? Correction);

/// <summary>The agreed follow-up.</summary>
/// <param name="Date">The day.</param>
/// <param name="Responsible">The partner's own reference.</param>
public sealed record FollowUpAnswer(DateOnly Date, string Responsible);

/// <summary>The counting period.</summary>
/// <param name="From">First day.</param>
/// <param name="Until">Last day.</param>
public sealed record PeriodAnswer(DateOnly From, DateOnly Until);

/// <summary>A follow-up of a pupil's absence as the partner API shows it.</summary>
/// <param name="Id">Id of the follow-up.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Period">The counting period.</param>
/// <param name="Hours">All of the period so far; null once erased.</param>
/// <param name="Kinds">The hours by kind; null when they are not known, and once erased.</param>
/// <param name="Steps">Those that the hours have passed, in their order.</param>
/// <param name="Guidance">What belongs to the time before the first step; empty later.</param>
/// <param name="FollowUp">What was agreed; null until then.</param>
/// <param name="Responsible">Who acts next; null once it has ended.</param>
/// <param name="DueBy">When the next thing is due, or is reminded of when it is late already; while nothing is due, when the counting period ends; null once it has ended.</param>
/// <param name="OverdueSince">When what is due should have been seen to; null while nothing is late.</param>
/// <param name="Reminders">How often what is due now has been reminded of.</param>
/// <param name="Recorded">Every recording of hours, oldest first.</param>
/// <param name="Meetings">Every meeting, oldest first.</param>
/// <param name="Contacts">Whom the school has turned to itself.</param>
/// <param name="Consultations">Those that came of it.</param>
/// <param name="AllowedActions">What the school may do now: last parts of the addresses.</param>
/// <param name="Erased">When the words were erased; null while they are there.</param>
/// <param name="Version">Also the ETag.</param>
public sealed record AbsenceAnswer(
    Guid Id,
    AbsenceStatus Status,
    PeriodAnswer Period,
    decimal? Hours,
    AbsenceKinds? Kinds,
    IReadOnlyList<StepAnswer> Steps,
    IReadOnlyList<GuidanceAnswer> Guidance,
    FollowUpAnswer? FollowUp,
    ResponsibleAnswer? Responsible,
    DateTimeOffset? DueBy,
    DateTimeOffset? OverdueSince,
    int Reminders,
    IReadOnlyList<RecordedAnswer> Recorded,
    IReadOnlyList<MeetingAnswer> Meetings,
    IReadOnlyList<ShownContact> Contacts,
    IReadOnlyList<Guid> Consultations,
    IReadOnlyList<string> AllowedActions,
    ShownErasure? Erased,
    long Version);

/// <summary>What a write led to.</summary>
public sealed record AbsenceWritten(AbsenceFollowUpView View, Rejection? Rejection);

/// <summary>What a school has said of a follow-up of its own, when the rules for its body hold.</summary>
/// <param name="Texts">Ids of the sealed texts by kind.</param>
/// <param name="Now">When it said it; identifies the word.</param>
public sealed record AbsenceSaid<TBody>(AbsenceFollowUpView View, TBody Body, IReadOnlyDictionary<string, Guid> Texts, DateTimeOffset Now, IntakePolicy Policy, Catalogue Catalogue)
{
    public Guid Id => View.Id;

    public Guid? Text(string kind) => Texts.TryGetValue(kind, out var id) ? id : null;

    public RecordAbsenceHours.Command Hours(decimal hours, AbsenceKinds? kinds, Guid? reason) => Policy.AbsenceHours(Id, View.Area, hours, kinds, reason, Now);
}

/// <summary>One thing that a school may say of a follow-up of its own.</summary>
/// <param name="Check">Names what is wrong with the body.</param>
/// <param name="Texts">The body's words by kind; they go to the vault.</param>
public sealed record AbsenceWord<TBody>(
    Action<SubmissionRules, TBody> Check, Func<TBody, IReadOnlyDictionary<string, string>> Texts, Func<AbsenceFollowUp, AbsenceSaid<TBody>, Decision<AbsenceEvent>> Decide)
    where TBody : class;

/// <summary>Where schools meet their follow-ups. Nobody but the organisation that follows sees one: before a consultation is asked for, nothing is shared.</summary>
public sealed class AbsenceDesk(StreamStore streams, Vault vault, Catalogue catalogue, IntakePolicy policy, TimeProvider clock)
{
    private const string OwnReading = "requester";
    private const int RemindersToOne = 1;

    /// <summary>The follow-up when the caller's organisation has started it, else null.</summary>
    public async Task<AbsenceFollowUpView?> Own(Guid id, Caller caller, CancellationToken cancellation) =>
        await streams.Load<AbsenceFollowUpView>(id, cancellation) is { } view && IsOwn(caller, view) ? view : null;

    /// <exception cref="InvalidInputException">The body is not what it has to be.</exception>
    public async Task<AbsenceWritten> Take<TBody>(AbsenceWord<TBody> word, byte[] raw, AbsenceFollowUpView view, Caller caller, string cause, long expected, CancellationToken cancellation)
        where TBody : class
    {
        IdentityCodes.Refuse(raw);
        var body = StrictJson.Parse<TBody>(raw);
        var now = clock.GetUtcNow();
        var rules = new SubmissionRules(catalogue, policy.Today(view.Area, now));
        word.Check(rules, body);
        if (rules.Errors.Count > 0)
        {
            throw new InvalidInputException(rules.Errors);
        }

        if (view.Erased is not null)
        {
            return new AbsenceWritten(view, AbsenceFollowUp.AlreadyErased);
        }

        var words = word.Texts(body).Where(text => SubmissionRules.Says(text.Value)).ToDictionary();
        var outcome = await streams.InOneTransaction(
            new Origin(caller.Subject, view.Id.ToString(), cause),
            async work =>
            {
                var texts = await vault.Seal(view.Id, words, now, cancellation);
                var said = new AbsenceSaid<TBody>(view, body, texts.ToDictionary(text => text.Kind, text => text.Id), now, policy, catalogue);
                var decided = await work.Decide(AbsenceFollowUp.Aggregate, view.Id, state => word.Decide(state, said), expected, cancellation);
                foreach (var text in decided.Changed ? texts : [])
                {
                    work.Insert(text);
                }

                return decided;
            },
            cancellation);
        return new AbsenceWritten(outcome.View as AbsenceFollowUpView ?? view, outcome.Rejection);
    }

    /// <summary>The follow-up with its words; that reading is written down.</summary>
    public async Task<AbsenceAnswer> Show(AbsenceFollowUpView view, Caller caller, CancellationToken cancellation)
    {
        var wanted = view.Meetings.Select(meeting => meeting.NoteTextId).Concat(view.Recorded.Select(recorded => recorded.ReasonTextId)).OfType<Guid>().ToHashSet();
        var texts = wanted.Count > 0 ? await vault.ReadOf(view.Id, text => wanted.Contains(text.Id), OwnReading, caller.Subject, cancellation) : [];
        return Render(view, caller, texts.ToDictionary(text => text.Id, text => text.Text));
    }

    public AbsenceAnswer Render(AbsenceFollowUpView view, Caller caller, IReadOnlyDictionary<Guid, string>? texts = null)
    {
        string? Words(Guid? text) => text is { } id ? texts?.GetValueOrDefault(id) : null;
        return new AbsenceAnswer(
            view.Id,
            view.Status,
            new PeriodAnswer(view.PeriodFrom, view.PeriodUntil),
            view.Hours,
            view.Kinds,
            [.. view.Steps.Select(step => new StepAnswer(step.Code, step.Over, step.ReachedAt, step.DueBy, step.IsComplete, step.Missing, Guidance(step.Guidance, view.Language)))],
            view.Steps.Count == 0 && view.Erased is null ? Guidance(policy.AbsencePrevention(view.Area), view.Language) : [],
            view.FollowUp is { } agreed ? new FollowUpAnswer(agreed.Date, agreed.ResponsibleRef) : null,
            Responsible(view),
            view.DueBy,
            view.OverdueSince,
            view.Reminders,
            [.. view.Recorded.Select(recorded => new RecordedAnswer(recorded.At, recorded.Hours, Words(recorded.ReasonTextId)))],
            [.. view.Meetings.Select(meeting => new MeetingAnswer(meeting.Step, meeting.HeldOn, meeting.ParticipantRoles, meeting.AgreedWithFamily, meeting.SurveyDone, Words(meeting.NoteTextId)))],
            view.Contacts,
            view.ConsultationIds,
            AllowedTo(caller, view),
            view.Erased,
            view.Version);
    }

    internal async Task<IResult> Answer(HttpContext http, AbsenceWritten written, Caller caller, CancellationToken cancellation)
    {
        if (written.Rejection is { } rejection)
        {
            return Problems.Of(rejection);
        }

        var answer = await Show(written.View, caller, cancellation);
        http.Response.Headers.ETag = Versions.Tag(answer.Version);
        return Results.Json(answer, StrictJson.Options);
    }

    internal static bool IsOwn(Caller caller, AbsenceFollowUpView view) => caller.Claim(ClaimNames.Organisation) == view.Organisation;

    /// <summary>Whoever sees to the agreed follow-up; the school itself for an open step, and once one reminder has led to nothing.</summary>
    private ResponsibleAnswer? Responsible(AbsenceFollowUpView view) => view switch
    {
        { DueBy: null } => null,
        { Status: not AbsenceStatus.StepOpen, FollowUp: { } agreed, Reminders: <= RemindersToOne } => new("followUpResponsible", Named("followUpResponsible", view), agreed.ResponsibleRef),
        _ => new("requester", Named("school", view), null),
    };

    /// <summary>What this caller may do now: after the counting period, what is open still is seen to, but no hours are added.</summary>
    private IReadOnlyList<string> AllowedTo(Caller caller, AbsenceFollowUpView view) => !Caller.HasScope(caller.Principal, Scopes.ConsultationsWrite)
        ? []
        : [.. view.AllowedActions.Where(action => action != RecordAbsenceHours.Action || policy.Today(view.Area, clock.GetUtcNow()) <= view.PeriodUntil)];

    private string Named(string party, AbsenceFollowUpView view) => catalogue.Texts.Parties[party].In(view.Language);

    private IReadOnlyList<GuidanceAnswer> Guidance(IReadOnlyList<string> codes, string language) =>
        [.. codes.Select(code => new GuidanceAnswer(code, catalogue.Texts.Guidance[code].In(language)))];
}

/// <summary>The partner API's actions on a follow-up of absence.</summary>
internal static class AbsenceWordEndpoints
{
    /// <param name="action">Last part of the address, as <c>allowedActions</c> names it.</param>
    public static RouteHandlerBuilder MapAbsenceWord<TBody>(this IEndpointRouteBuilder endpoints, string action, string name, string summary, AbsenceWord<TBody> word)
        where TBody : class =>
        endpoints.MapPost($"/{{id:guid}}/{action}", async (Guid id, HttpContext http, AbsenceDesk desk, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await desk.Own(id, caller, cancellation) is not { } view)
            {
                return Problems.Unknown();
            }

            var expected = Versions.Expected(http.Request);
            var raw = await StrictJson.ReadBody(http.Request, cancellation);
            return await desk.Answer(http, await desk.Take(word, raw, view, caller, http.TraceIdentifier, expected, cancellation), caller, cancellation);
        })
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName(name)
            .WithSummary($"{summary} Needs If-Match.")
            .Accepts<TBody>("application/json")
            .Produces<AbsenceAnswer>()
            .OnVersion()
            .Refuses(Refusals.WhenFollowUpIsOver);
}
