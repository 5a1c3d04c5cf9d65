using System.Diagnostics;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <summary>Hours by kind of absence; every kind counts (C-53).</summary>
/// <param name="Unauthorised">Without leave.</param>
/// <param name="Sick">Through illness.</param>
/// <param name="Other">For any other reason.</param>
public sealed record AbsenceKinds(decimal Unauthorised, decimal Sick, decimal Other)
{
    /// <summary>All kinds together.</summary>
    public decimal Total => Unauthorised + Sick + Other;
}

/// <summary>A step of the model: what is due once the hours are more than its limit.</summary>
/// <param name="Over">Hours; exactly as many do not reach it (C-54).</param>
/// <param name="Needs">What completes it, of <see cref="AbsenceNeeds"/>.</param>
/// <param name="Guidance">Codes of the words that belong to it.</param>
public sealed record AbsenceStep(string Code, decimal Over, IReadOnlyList<string> Needs, IReadOnlyList<string> Guidance);

/// <summary>What a step may need.</summary>
public static class AbsenceNeeds
{
    public const string Meeting = "meeting";

    /// <summary>The pupil and the guardians consider those who meet necessary (C-43).</summary>
    public const string FamilyAgreement = "familyAgreement";

    /// <summary>The date of the next meeting, and who sees to it (C-48).</summary>
    public const string FollowUp = "followUp";

    /// <summary>The survey of why the pupil is absent (C-45).</summary>
    public const string Survey = "survey";

    /// <summary>Somebody has been consulted, here or elsewhere (C-49).</summary>
    public const string Consultation = "consultation";

    public static readonly IReadOnlyList<string> All = [Meeting, FamilyAgreement, FollowUp, Survey, Consultation];
}

/// <summary>Where a follow-up stands.</summary>
public enum AbsenceStatus
{
    /// <summary>The hours are followed; nothing is due.</summary>
    Monitored,

    /// <summary>A step has been reached and needs something still.</summary>
    StepOpen,

    FollowUpAgreed,

    /// <summary>The agreed day has come, and no meeting has been recorded since.</summary>
    FollowUpDue,

    Ended,
}

/// <summary>A step that was reached, as the policy was then.</summary>
/// <param name="Met">What of its needs has been seen to.</param>
public sealed record ReachedStep(string Code, decimal Over, IReadOnlyList<string> Needs, IReadOnlyList<string> Guidance, DateTimeOffset ReachedAt, DateTimeOffset DueBy, IReadOnlyList<string> Met)
{
    public IReadOnlyList<string> Missing => [.. Needs.Except(Met)];

    public bool IsComplete => Missing.Count == 0;

    internal bool Lacks(string need) => Missing.Contains(need);

    internal ReachedStep With(string need) => Met.Contains(need) ? this : this with { Met = [.. Met, need] };
}

/// <param name="ResponsibleRef">The partner's own reference of whoever sees to it.</param>
/// <param name="DueAt">When the day begins.</param>
public sealed record AgreedFollowUp(DateOnly Date, string ResponsibleRef, DateTimeOffset DueAt);

public abstract record AbsenceEvent
{
    /// <summary>The stream that the event belongs to.</summary>
    public abstract Guid FollowUpId { get; init; }
}

/// <param name="PeriodUntil">Last day of the period in which the hours are counted.</param>
public sealed record AbsenceFollowUpStarted(
    Guid FollowUpId,
    string Organisation,
    string? MatterKey,
    string Area,
    string County,
    string Language,
    string AgeBand,
    DateOnly PeriodFrom,
    DateOnly PeriodUntil,
    DateTimeOffset PeriodEndsAt,
    string PolicyVersion,
    IReadOnlyDictionary<string, Guid> TextIds,
    DateTimeOffset StartedAt) : AbsenceEvent;

/// <param name="Hours">All of the period so far.</param>
public sealed record AbsenceHoursRecorded(Guid FollowUpId, decimal Hours, AbsenceKinds? Kinds, DateTimeOffset RecordedAt) : AbsenceEvent;

/// <summary>What was recorded before was wrong.</summary>
public sealed record AbsenceHoursCorrected(Guid FollowUpId, decimal Hours, AbsenceKinds? Kinds, Guid ReasonTextId, DateTimeOffset CorrectedAt) : AbsenceEvent;

public sealed record AbsenceThresholdCrossed(
    Guid FollowUpId, string Step, decimal Over, IReadOnlyList<string> Needs, IReadOnlyList<string> Guidance, DateTimeOffset CrossedAt, DateTimeOffset DueBy) : AbsenceEvent;

/// <summary>After a correction the hours are no longer more than the limit.</summary>
public sealed record AbsenceThresholdTakenBack(Guid FollowUpId, string Step, DateTimeOffset TakenBackAt) : AbsenceEvent;

/// <param name="AgreedWithFamily">The pupil and the guardians considered those who met necessary.</param>
public sealed record AbsenceMeetingHeld(
    Guid FollowUpId, string Step, DateOnly HeldOn, IReadOnlyList<string> ParticipantRoles, bool AgreedWithFamily, bool SurveyDone, IReadOnlyDictionary<string, Guid> TextIds, DateTimeOffset RecordedAt) : AbsenceEvent;

public sealed record AbsenceFollowUpAgreed(Guid FollowUpId, string Step, AgreedFollowUp FollowUp, DateTimeOffset AgreedAt) : AbsenceEvent;

/// <summary>The school has taken the matter into a consultation of this platform (C-46).</summary>
public sealed record AbsenceConsultationAsked(Guid FollowUpId, Guid ConsultationId, DateTimeOffset AskedAt) : AbsenceEvent;

/// <summary>The school has turned to somebody itself and has it noted. The platform never does that on anyone's behalf (R11).</summary>
/// <param name="ContactKind">consultation, socialWelfareContact or childWelfareNotification.</param>
public sealed record AbsenceContactRecorded(Guid FollowUpId, string ContactKind, DateOnly MadeOn, DateTimeOffset RecordedAt) : AbsenceEvent;

/// <summary>What was due has not been recorded.</summary>
/// <param name="Step">The step that needs something; null for the agreed follow-up.</param>
public sealed record AbsenceFollowUpReminded(Guid FollowUpId, string? Step, DateTimeOffset RemindedAt, DateTimeOffset NextAt) : AbsenceEvent;

/// <summary>The counting period is over, and nothing is due any more.</summary>
public sealed record AbsenceFollowUpEnded(Guid FollowUpId, DateTimeOffset EndedAt) : AbsenceEvent;

/// <param name="CompleteBy">When no backup can bring the words back any more.</param>
public sealed record AbsenceFollowUpErased(Guid FollowUpId, DateTimeOffset ErasedAt, DateTimeOffset CompleteBy) : AbsenceEvent;

/// <summary>A pupil's absence from school, followed step by step in one counting period (poissaolojen seuranta, C-41 to C-54).</summary>
/// <param name="Steps">Those that the hours have passed, in their order.</param>
/// <param name="Asked">A consultation has been asked for since the newest step was reached.</param>
/// <param name="NextReminderAt">Set by the last reminder; null when there was none of what is due now.</param>
/// <param name="Reminders">How many there were of what is due now.</param>
/// <param name="LastWordAt">When the school said the newest of its words; identifies it.</param>
public sealed record AbsenceFollowUp(
    Guid Id,
    decimal Hours,
    AbsenceKinds? Kinds,
    DateOnly PeriodUntil,
    DateTimeOffset PeriodEndsAt,
    IReadOnlyList<ReachedStep> Steps,
    bool SurveyDone,
    AgreedFollowUp? FollowUp,
    IReadOnlyList<Guid> ConsultationIds,
    bool Asked,
    DateTimeOffset? NextReminderAt,
    int Reminders,
    bool HasEnded,
    bool Erased,
    DateTimeOffset? LastWordAt)
{
    public const string ReminderDeadline = "reminder";
    public const string PeriodDeadline = "period";

    public static readonly AbsenceFollowUp Initial = new(Guid.Empty, 0, null, default, default, [], false, null, [], false, null, 0, false, false, null);

    public static readonly Aggregate<AbsenceFollowUp, AbsenceEvent> Aggregate = new("absence-follow-up", Initial, Evolve)
    {
        Deadlines = DeadlinesOf,
        View = (happened, version) => ViewDocument.Of(AbsenceFollowUpView.Fold(happened, version)),
    };

    public static readonly Rejection Unknown = new("intake.absence-follow-up-unknown", "There is no such follow-up.", RejectionKind.NotFound);
    public static readonly Rejection AlreadyErased = new("intake.absence-follow-up-erased", "The follow-up has been erased.");
    public static readonly Rejection AlreadyEnded = new("intake.absence-follow-up-ended", "The counting period is over and the follow-up has ended. Start a new one for the new period.");
    public static readonly Rejection AlreadyFollowed = new("intake.absence-followed-already", "Your organisation follows this pupil's absence in this counting period already.");
    public static readonly Rejection PeriodIsOver = new("intake.absence-period-over", "The hours of another counting period belong to another follow-up. Start a new one.");
    public static readonly Rejection FewerHours = new("intake.absence-hours-fewer", "Hours only grow within a counting period. Give a reason when fewer are right.");
    public static readonly Rejection StepNotReached = new("intake.absence-step-not-reached", "The hours have not reached this step.");
    public static readonly Rejection OutOfTurn = new("intake.absence-step-out-of-turn", "The steps come in their order, and a meeting before its follow-up: record the earlier meeting first.");
    public static readonly Rejection AlreadyAsked = new("intake.absence-consulted-already", "A consultation has been asked for since this step was reached.");

    /// <summary>Why nothing can happen to it any more, or not yet; null while it is open.</summary>
    public Rejection? Over => this switch
    {
        _ when Id == Guid.Empty => Unknown,
        { Erased: true } => AlreadyErased,
        { HasEnded: true } => AlreadyEnded,
        _ => null,
    };

    /// <summary>The lowest step that needs something still.</summary>
    public ReachedStep? OpenStep => Steps.FirstOrDefault(step => !step.IsComplete);

    /// <summary>When the next thing is due; null when nothing is.</summary>
    public DateTimeOffset? DueBy
    {
        get
        {
            var dates = Steps.Where(step => !step.IsComplete).Select(step => step.DueBy).Concat(FollowUp is { } agreed ? [agreed.DueAt] : []).ToList();
            return Over is null && dates.Count > 0 ? dates.Min() : null;
        }
    }

    public DateTimeOffset? RemindAt => DueBy is { } due ? NextReminderAt ?? due : null;

    /// <summary>When something happens next: what is due, the next reminder of it, or the end of the counting period; null once it is over.</summary>
    public DateTimeOffset? NextAt => Over is null ? RemindAt ?? PeriodEndsAt : null;

    public AbsenceStatus Status => this switch
    {
        { HasEnded: true } or { Erased: true } => AbsenceStatus.Ended,
        { OpenStep: not null } => AbsenceStatus.StepOpen,
        { FollowUp: not null, Reminders: > 0 } => AbsenceStatus.FollowUpDue,
        { FollowUp: not null } => AbsenceStatus.FollowUpAgreed,
        _ => AbsenceStatus.Monitored,
    };

    /// <summary>What the school may do now.</summary>
    public IReadOnlyList<string> AllowedActions => Over is not null
        ? Erased || Id == Guid.Empty ? [] : ["erasure"]
        : [RecordAbsenceHours.Action, .. Steps.Count > 0 ? ["meeting"] : Array.Empty<string>(), .. Asked ? Array.Empty<string>() : ["escalation"], "contact", "erasure"];

    public static AbsenceFollowUp Evolve(AbsenceFollowUp state, AbsenceEvent happened) => happened switch
    {
        AbsenceFollowUpStarted e => Initial with { Id = e.FollowUpId, PeriodUntil = e.PeriodUntil, PeriodEndsAt = e.PeriodEndsAt },
        AbsenceHoursRecorded e => state with { Hours = e.Hours, Kinds = e.Kinds, LastWordAt = e.RecordedAt },
        AbsenceHoursCorrected e => state with { Hours = e.Hours, Kinds = e.Kinds, LastWordAt = e.CorrectedAt },
        AbsenceThresholdCrossed e => Due(state) with { Steps = [.. state.Steps, Reached(state, e)], Asked = false },
        AbsenceThresholdTakenBack e => Due(state) with { Steps = [.. state.Steps.Where(step => step.Code != e.Step)] },
        AbsenceMeetingHeld e => Due(state) with
        {
            Steps = [.. state.Steps.Select(step => Met(step, e))],
            SurveyDone = state.SurveyDone || e.SurveyDone,
            FollowUp = state.FollowUp?.Date <= e.HeldOn ? null : state.FollowUp,
            LastWordAt = e.RecordedAt,
        },
        AbsenceFollowUpAgreed e => Due(state) with { Steps = Followed(state.Steps, e.Step), FollowUp = e.FollowUp, LastWordAt = e.AgreedAt },
        AbsenceConsultationAsked e => Due(state) with
        {
            Steps = [.. state.Steps.Select(step => step.With(AbsenceNeeds.Consultation))],
            ConsultationIds = [.. state.ConsultationIds, e.ConsultationId],
            Asked = true,
            LastWordAt = e.AskedAt,
        },
        AbsenceContactRecorded { ContactKind: AbsenceNeeds.Consultation } e => Due(state) with
        {
            Steps = [.. state.Steps.Select(step => step.With(AbsenceNeeds.Consultation))],
            LastWordAt = e.RecordedAt,
        },
        AbsenceContactRecorded e => state with { LastWordAt = e.RecordedAt },
        AbsenceFollowUpReminded e => state with { NextReminderAt = e.NextAt, Reminders = state.Reminders + 1 },
        AbsenceFollowUpEnded => state with { HasEnded = true },
        AbsenceFollowUpErased => state with { Erased = true, Hours = 0, Kinds = null, FollowUp = null },
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };

    /// <summary>Something else is due from now on: its reminders begin anew.</summary>
    private static AbsenceFollowUp Due(AbsenceFollowUp state) => state with { NextReminderAt = null, Reminders = 0 };

    private static ReachedStep Reached(AbsenceFollowUp state, AbsenceThresholdCrossed e) =>
        new(e.Step, e.Over, e.Needs, e.Guidance, e.CrossedAt, e.DueBy, state.SurveyDone ? [AbsenceNeeds.Survey] : []);

    private static ReachedStep Met(ReachedStep step, AbsenceMeetingHeld e)
    {
        var surveyed = e.SurveyDone ? step.With(AbsenceNeeds.Survey) : step;
        return step.Code != e.Step ? surveyed
            : e.AgreedWithFamily ? surveyed.With(AbsenceNeeds.Meeting).With(AbsenceNeeds.FamilyAgreement)
            : surveyed.With(AbsenceNeeds.Meeting);
    }

    /// <summary>What is agreed at one step follows the earlier ones too.</summary>
    private static IReadOnlyList<ReachedStep> Followed(IReadOnlyList<ReachedStep> steps, string upTo)
    {
        var last = steps.Select(step => step.Code).ToList().IndexOf(upTo);
        return [.. steps.Select((step, at) => at <= last && !step.Lacks(AbsenceNeeds.Meeting) ? step.With(AbsenceNeeds.FollowUp) : step)];
    }

    private static IEnumerable<WantedDeadline> DeadlinesOf(AbsenceFollowUp state) => state switch
    {
        { Over: not null } => [],
        { RemindAt: { } remindAt } => [new WantedDeadline(ReminderDeadline, remindAt)],
        _ => [new WantedDeadline(PeriodDeadline, state.PeriodEndsAt)],
    };
}
