using System.Text.Json;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <summary>What came of a meeting, or what was agreed after it.</summary>
/// <param name="Step">The step that it belongs to; the lowest without its meeting when left out.</param>
/// <param name="HeldOn">Null when only the follow-up is told.</param>
/// <param name="Participants">codes.json, requesterRoles; an unknown role is kept as other.</param>
/// <param name="AgreedWithFamily">The pupil and the guardians considered those who met necessary.</param>
/// <param name="SurveyDone">The survey of the causes has been made.</param>
/// <param name="Note">What was found and agreed, in the school's own words.</param>
/// <param name="FollowUp">When the next meeting is, and who sees to it.</param>
public sealed record MeetingBody(
    string? Step, DateOnly? HeldOn, IReadOnlyList<string?>? Participants, bool? AgreedWithFamily, bool? SurveyDone, string? Note, FollowUpBody? FollowUp);

/// <summary>A meeting about a pupil's absence was held, and its follow-up agreed: a date and a responsible person (C-43 to C-48).</summary>
public static class HoldAbsenceMeeting
{
    internal const string NoteText = "absenceMeeting";
    private const string UnknownText = "unknownCodes";

    /// <param name="Step">Null for the lowest without its meeting, or when all have had theirs, the newest.</param>
    /// <param name="HeldOn">Null when only the follow-up is told.</param>
    public sealed record Command(
        Guid FollowUpId,
        string? Step,
        DateOnly? HeldOn,
        IReadOnlyList<string> ParticipantRoles,
        bool AgreedWithFamily,
        bool SurveyDone,
        IReadOnlyDictionary<string, Guid> TextIds,
        AgreedFollowUp? FollowUp,
        DateTimeOffset Now);

    public static Decision<AbsenceEvent> Decide(AbsenceFollowUp state, Command command) => (state, At(state, command)) switch
    {
        ({ Over: { } over }, _) => over,
        ({ LastWordAt: var last }, _) when last == command.Now => Decision<AbsenceEvent>.Nothing,
        (_, < 0) => AbsenceFollowUp.StepNotReached,
        (_, var at) when state.Steps.Take(at).Any(step => step.Lacks(AbsenceNeeds.Meeting)) => AbsenceFollowUp.OutOfTurn,
        (_, var at) when command.HeldOn is null && state.Steps[at].Lacks(AbsenceNeeds.Meeting) => AbsenceFollowUp.OutOfTurn,
        (_, var at) => Happened(state.Steps[at].Code, command),
    };

    internal static readonly AbsenceWord<MeetingBody> Word = new(
        Check,
        body => new Dictionary<string, string>
        {
            [NoteText] = body.Note ?? string.Empty,
            [UnknownText] = body.Participants is null ? string.Empty : JsonSerializer.Serialize(body.Participants, StrictJson.Options),
        },
        (state, said) => Decide(state, new Command(
            said.Id,
            said.Body.Step,
            said.Body.HeldOn,
            SubmissionRules.Kept(said.Body.Participants, said.Catalogue.Codes.RequesterRoles),
            said.Body.AgreedWithFamily == true,
            said.Body.SurveyDone == true,
            said.Texts,
            said.Body.FollowUp is { } next ? new AgreedFollowUp(next.Date!.Value, next.Responsible!, said.Policy.OpensOn(said.View.Area, next.Date.Value)) : null,
            said.Now)));

    public static void MapHoldAbsenceMeeting(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapAbsenceWord("meeting", "HoldAbsenceMeeting", "Record a meeting that was held, the follow-up that was agreed, or both.", Word)
            .Refuses(AbsenceFollowUp.StepNotReached, AbsenceFollowUp.OutOfTurn);

    /// <summary>Where in the order of the steps it belongs; -1 when the hours have not come that far.</summary>
    private static int At(AbsenceFollowUp state, Command command)
    {
        var codes = state.Steps.Select(step => step.Code).ToList();
        return command.Step is { } step ? codes.IndexOf(step)
            : command.HeldOn is not null && state.Steps.FirstOrDefault(reached => reached.Lacks(AbsenceNeeds.Meeting) || reached.Lacks(AbsenceNeeds.FamilyAgreement)) is { } waiting ? codes.IndexOf(waiting.Code)
            : command.HeldOn is null && state.Steps.LastOrDefault(reached => !reached.Lacks(AbsenceNeeds.Meeting)) is { } met ? codes.IndexOf(met.Code)
            : codes.Count - 1;
    }

    private static List<AbsenceEvent> Happened(string step, Command command)
    {
        var happened = new List<AbsenceEvent>();
        if (command.HeldOn is { } held)
        {
            happened.Add(new AbsenceMeetingHeld(command.FollowUpId, step, held, command.ParticipantRoles, command.AgreedWithFamily, command.SurveyDone, command.TextIds, command.Now));
        }

        if (command.FollowUp is { } agreed)
        {
            happened.Add(new AbsenceFollowUpAgreed(command.FollowUpId, step, agreed, command.Now));
        }

        return happened;
    }

    private static void Check(SubmissionRules rules, MeetingBody body)
    {
        rules.Reference("$.step", body.Step, required: false);
        rules.Near("$.heldOn", body.HeldOn);
        rules.NotFuture("$.heldOn", body.HeldOn);
        rules.Text("$.note", body.Note);
        if (body is { HeldOn: null, FollowUp: null })
        {
            rules.Fault("$.heldOn", "Say when the meeting was held, what follow-up was agreed, or both.");
        }
        else if (body is { HeldOn: null, Note: not null } or { HeldOn: null, Participants: not null } or { HeldOn: null, AgreedWithFamily: not null } or { HeldOn: null, SurveyDone: not null })
        {
            rules.Fault("$.heldOn", "Required with what belongs to a meeting.");
        }

        rules.Roles("$.participants", body.Participants);
        if (body.FollowUp is { } next)
        {
            rules.Reference("$.followUp.responsible", next.Responsible, required: true);
            rules.Near("$.followUp.date", next.Date);
            if (next.Date is not { } date)
            {
                rules.Fault("$.followUp.date", "Required.");
            }
            else if (date < body.HeldOn)
            {
                rules.Fault("$.followUp.date", "Not before the meeting.");
            }
            else if (body.HeldOn is null)
            {
                rules.NotPast("$.followUp.date", date);
            }
        }
    }
}
