using OtPlatform.Intake.Consultations;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <param name="NoteTextId">The words are in the vault; null when there are none.</param>
public sealed record ShownMeeting(string Step, DateOnly HeldOn, IReadOnlyList<string> ParticipantRoles, bool AgreedWithFamily, bool SurveyDone, Guid? NoteTextId);

/// <summary>What was recorded of the hours, and when.</summary>
/// <param name="ReasonTextId">Null when it was no correction.</param>
public sealed record ShownHours(DateTimeOffset At, decimal Hours, Guid? ReasonTextId);

/// <summary>Whom the school has turned to.</summary>
/// <param name="Kind">consultation, socialWelfareContact or childWelfareNotification.</param>
/// <param name="MadeOn">The day.</param>
public sealed record ShownContact(string Kind, DateOnly MadeOn);

/// <summary>A follow-up of absence as its organisation finds it; written in the transaction of its events.</summary>
public sealed record AbsenceFollowUpView
{
    public required Guid Id { get; init; }

    public required string Organisation { get; init; }

    public required string Area { get; init; }

    public required string County { get; init; }

    public required string Language { get; init; }

    public required string AgeBand { get; init; }

    /// <summary>The pupil's matter; null once erased.</summary>
    public string? MatterKey { get; init; }

    public Guid? ClientRefTextId { get; init; }

    public required DateOnly PeriodFrom { get; init; }

    public required DateOnly PeriodUntil { get; init; }

    public required AbsenceStatus Status { get; init; }

    /// <summary>All of the period so far; null once erased.</summary>
    public decimal? Hours { get; init; }

    public AbsenceKinds? Kinds { get; init; }

    public required IReadOnlyList<ReachedStep> Steps { get; init; }

    public AgreedFollowUp? FollowUp { get; init; }

    /// <summary>When something happens next; null once it is over.</summary>
    public DateTimeOffset? DueBy { get; init; }

    /// <summary>Since when what is due has been late; null when nothing is.</summary>
    public DateTimeOffset? OverdueSince { get; init; }

    /// <summary>How often what is due now has been reminded of.</summary>
    public required int Reminders { get; init; }

    public required IReadOnlyList<ShownHours> Recorded { get; init; }

    public required IReadOnlyList<ShownMeeting> Meetings { get; init; }

    public required IReadOnlyList<ShownContact> Contacts { get; init; }

    public required IReadOnlyList<Guid> ConsultationIds { get; init; }

    public required IReadOnlyList<string> AllowedActions { get; init; }

    public ShownErasure? Erased { get; init; }

    public required long Version { get; init; }

    public static AbsenceFollowUpView Fold(IReadOnlyList<AbsenceEvent> happened, long version)
    {
        var started = happened.OfType<AbsenceFollowUpStarted>().First();
        var state = AbsenceFollowUp.Aggregate.Fold(happened);
        var erased = happened.OfType<AbsenceFollowUpErased>().FirstOrDefault();
        return new AbsenceFollowUpView
        {
            Id = started.FollowUpId,
            Organisation = started.Organisation,
            Area = started.Area,
            County = started.County,
            Language = started.Language,
            AgeBand = started.AgeBand,
            MatterKey = erased is null ? started.MatterKey : null,
            ClientRefTextId = erased is null && started.TextIds.TryGetValue(StartAbsenceFollowUp.ClientRefText, out var text) ? text : null,
            PeriodFrom = started.PeriodFrom,
            PeriodUntil = started.PeriodUntil,
            Status = state.Status,
            Hours = erased is null ? state.Hours : null,
            Kinds = state.Kinds,
            Steps = erased is null ? state.Steps : [],
            FollowUp = state.FollowUp,
            DueBy = state.NextAt,
            OverdueSince = state.Reminders > 0 ? state.DueBy : null,
            Reminders = state.Reminders,
            Recorded = erased is null ? [.. happened.Select(RecordedBy).OfType<ShownHours>()] : [],
            Meetings = erased is null ? [.. happened.OfType<AbsenceMeetingHeld>().Select(Meeting)] : [],
            Contacts = erased is null ? [.. happened.OfType<AbsenceContactRecorded>().Select(contact => new ShownContact(contact.ContactKind, contact.MadeOn))] : [],
            ConsultationIds = state.ConsultationIds,
            AllowedActions = state.AllowedActions,
            Erased = erased is null ? null : new ShownErasure(erased.ErasedAt, erased.CompleteBy),
            Version = version,
        };
    }

    private static ShownHours? RecordedBy(AbsenceEvent happened) => happened switch
    {
        AbsenceHoursRecorded e => new ShownHours(e.RecordedAt, e.Hours, null),
        AbsenceHoursCorrected e => new ShownHours(e.CorrectedAt, e.Hours, e.ReasonTextId),
        _ => null,
    };

    private static ShownMeeting Meeting(AbsenceMeetingHeld held) =>
        new(held.Step, held.HeldOn, held.ParticipantRoles, held.AgreedWithFamily, held.SurveyDone, held.TextIds.TryGetValue(HoldAbsenceMeeting.NoteText, out var note) ? note : null);
}
