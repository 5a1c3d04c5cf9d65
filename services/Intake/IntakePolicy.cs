using System.Globalization;
using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Intake;

/// <summary>Whether the centre is on duty round the clock (E-03).</summary>
public sealed record DutySettings(bool RoundTheClock);

/// <summary>How long each step may take while Intake watches.</summary>
/// <param name="Held">In immediate danger, instead of <paramref name="Received"/>.</param>
/// <param name="Information">For the requester to add what is missing.</param>
/// <param name="Grace">After the due time, before the next level is told.</param>
/// <param name="HeldGrace">In immediate danger, instead of <paramref name="Grace"/>.</param>
/// <param name="Objection">For the requester to object to an answer.</param>
public sealed record StepAllowances(Allowance Received, Allowance Held, Allowance Information, Allowance Escalated, Allowance Grace, Allowance HeldGrace, Allowance Objection);

/// <summary>How absence from school is followed (C-41 to C-54, E-26).</summary>
/// <param name="PeriodStarts">The days of the year, <c>MM-dd</c>, on which the hours are counted from nought again.</param>
/// <param name="Topic">What a consultation that comes of it is about.</param>
/// <param name="Prevention">Codes of the guidance before the first step.</param>
/// <param name="Steps">The lowest first.</param>
/// <param name="StepDue">For a step to be complete.</param>
/// <param name="Reminder">From one reminder to the next.</param>
public sealed record AbsenceSettings(
    IReadOnlyList<string> PeriodStarts, string Topic, IReadOnlyList<string> Prevention, IReadOnlyList<AbsenceStep> Steps, Allowance StepDue, Allowance Reminder);

/// <summary>How requests reach the coordinators (C-06, C-07).</summary>
public enum RequestRoute
{
    /// <summary>At once.</summary>
    Direct,

    /// <summary>The area's key person first.</summary>
    ViaKeyPerson,

    /// <summary>At once, and the key person sees it too.</summary>
    Both,
}

/// <summary>By whom requests of an area go, and how to reach them.</summary>
/// <param name="Organisation">The claim that their tokens carry.</param>
public sealed record KeyPerson(string Organisation, string Fi, string Sv, string En, string Contact)
{
    public Label Label => new(Fi, Sv, En);
}

/// <summary>Who may consult the centre, and by which way. Whoever may not by themselves goes by way of the key person; nobody is sent away (R1).</summary>
/// <param name="RequesterRoles">codes.json, requesterRoles, that come to the coordinators directly; empty for all.</param>
/// <param name="Organisations">Partner organisations that come to the coordinators directly; empty for all.</param>
/// <param name="KeyPersonDue">For the key person to pass a request on.</param>
public sealed record AccessSettings(RequestRoute Route, IReadOnlyList<string> RequesterRoles, IReadOnlyList<string> Organisations, KeyPerson? KeyPerson, Allowance KeyPersonDue);

/// <summary>A counting period.</summary>
/// <param name="Until">Last day.</param>
/// <param name="EndsAt">The first moment after it.</param>
public sealed record AbsencePeriod(DateOnly From, DateOnly Until, DateTimeOffset EndsAt);

/// <summary>The parts of an area's policy that Intake reads.</summary>
public sealed record IntakeSettings(WorkingHours WorkingHours, DutySettings Duty, StepAllowances Deadlines, AbsenceSettings Absence, AccessSettings Access);

/// <summary>One version of a policy, as Intake reads it.</summary>
public sealed record InForce(string Version, IntakeSettings Settings, WorkingCalendar Calendar);

/// <summary>Due times of an area by its calendar and the policy in force.</summary>
public sealed class IntakePolicy(Catalogue catalogue, PolicyBook book, TimeProvider clock)
{
    /// <summary>Reads the policies of all areas: a faulty one stops the service at its start.</summary>
    /// <exception cref="JsonException">One asks for what cannot be.</exception>
    public IntakePolicy Checked()
    {
        foreach (var area in catalogue.Areas)
        {
            Of(area.Code);
        }

        return this;
    }

    /// <summary>Reads the policy of that name.</summary>
    /// <exception cref="JsonException">It asks for what cannot be.</exception>
    public static InForce Read(Catalogue catalogue, PolicyBook book, string version)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(catalogue);
        var settings = book.Policy<IntakeSettings>(version);
        Check(version, settings.Absence, catalogue);
        Check(version, settings.Access, book.Policy<RoutingSettings>(version), catalogue);
        return new InForce(version, settings, new WorkingCalendar(settings.WorkingHours));
    }

    /// <summary>Name of the policy in force in an area, for example <c>default.1+sisa.2</c>.</summary>
    public string Version(string area) => book.VersionAt(area, clock.GetUtcNow());

    private InForce Of(string area) => book.Made(Version(area), version => Read(catalogue, book, version));

    /// <summary>Until Triage takes over.</summary>
    public NextStep AfterReceiving(string area, bool danger, DateTimeOffset now)
    {
        var allowances = Of(area).Settings.Deadlines;
        return Watched(area, Of(area).Calendar.Due(now, danger ? allowances.Held : allowances.Received), danger);
    }

    /// <summary>For the requester to add what is missing.</summary>
    public NextStep AfterAsking(string area, DateTimeOffset now) => Watched(area, Of(area).Calendar.Due(now, Of(area).Settings.Deadlines.Information), danger: false);

    /// <summary>For the party that takes over after an overdue step.</summary>
    public NextStep AfterEscalation(string area, bool danger, DateTimeOffset now)
    {
        var allowances = Of(area).Settings.Deadlines;
        return Watched(area, Of(area).Calendar.Due(now, danger ? allowances.Held : allowances.Escalated), danger);
    }

    /// <summary>A due time set elsewhere, with our own grace before the next level is told.</summary>
    public NextStep Watched(string area, DateTimeOffset dueBy, bool danger)
    {
        var allowances = Of(area).Settings.Deadlines;
        return new NextStep(dueBy, Of(area).Calendar.Due(dueBy, danger ? allowances.HeldGrace : allowances.Grace));
    }

    /// <summary>Until the requester's time to object is over; then the consultation is closed without any grace.</summary>
    public NextStep AfterAnswer(string area, DateTimeOffset now)
    {
        var end = Of(area).Calendar.Due(now, Of(area).Settings.Deadlines.Objection);
        return new NextStep(end, end);
    }

    public bool IsOnDuty(string area, DateTimeOffset now) => Of(area).Settings.Duty.RoundTheClock || Of(area).Calendar.IsOpen(now);

    public DateOnly Today(string area, DateTimeOffset now) => Of(area).Calendar.DayOf(now);

    /// <summary>When the working day of <paramref name="day"/> begins.</summary>
    public DateTimeOffset OpensOn(string area, DateOnly day) => Of(area).Calendar.OpensOn(day);

    /// <summary>The counting period of absence that <paramref name="now"/> is in.</summary>
    public AbsencePeriod AbsencePeriod(string area, DateTimeOffset now)
    {
        var today = Today(area, now);
        var starts = Starts(Of(area).Settings.Absence).SelectMany(start => new[] { -1, 0, 1 }.Select(year => start.AddYears(today.Year + year - start.Year))).Order().ToList();
        var (from, next) = (starts.Last(start => start <= today), starts.First(start => start > today));
        return new AbsencePeriod(from, next.AddDays(-1), Of(area).Calendar.StartOf(next));
    }

    /// <summary>Hours of absence with the steps that the area's policy has for them.</summary>
    public RecordAbsenceHours.Command AbsenceHours(Guid id, string area, decimal hours, AbsenceKinds? kinds, Guid? reason, DateTimeOffset now)
    {
        var (_, settings, calendar) = Of(area);
        return new RecordAbsenceHours.Command(id, hours, kinds, reason, settings.Absence.Steps, calendar.Due(now, settings.Absence.StepDue), calendar.DayOf(now), now);
    }

    public DateTimeOffset NextAbsenceReminder(string area, DateTimeOffset now) => Of(area).Calendar.Due(now, Of(area).Settings.Absence.Reminder);

    public IReadOnlyList<string> AbsencePrevention(string area) => Of(area).Settings.Absence.Prevention;

    public string AbsenceTopic(string area) => Of(area).Settings.Absence.Topic;

    /// <summary>Null where the area has none.</summary>
    public KeyPerson? KeyPerson(string area) => Of(area).Settings.Access.KeyPerson;

    /// <summary>What the key person has to do with a request; null for nothing. A key person's own request needs nobody between.</summary>
    public KeyPersonAsked? KeyPersonFor(ConsultationSubmitted submission)
    {
        var access = Of(submission.Area).Settings.Access;
        if (access.KeyPerson is not { } keyPerson || keyPerson.Organisation == submission.Organisation)
        {
            return null;
        }

        var mayConsult = (access.RequesterRoles.Count == 0 || access.RequesterRoles.Contains(submission.RequesterRole))
            && (access.Organisations.Count == 0 || access.Organisations.Contains(submission.Organisation));
        var first = !mayConsult || access.Route is RequestRoute.ViaKeyPerson;
        var now = submission.SubmittedAt;
        return first || access.Route is RequestRoute.Both
            ? new KeyPersonAsked(submission.ConsultationId, keyPerson.Organisation, first, now, Watched(submission.Area, Of(submission.Area).Calendar.Due(now, access.KeyPersonDue), danger: false))
            : null;
    }

    /// <summary>A way without anybody on it would be a way to nowhere, and what routes itself would not wait for the key person.</summary>
    private static void Check(string version, AccessSettings access, RoutingSettings routing, Catalogue catalogue)
    {
        var needsOne = access.Route is not RequestRoute.Direct || access.RequesterRoles.Count > 0 || access.Organisations.Count > 0;
        var fault = needsOne && access.KeyPerson is null ? "not everybody comes directly, and there is no key person"
            : needsOne && routing.Triage.Confirmation != "always" ? "with a key person on the way a coordinator confirms every route"
            : access.RequesterRoles.Except(catalogue.Codes.RequesterRoles).Any() ? "a role that may consult is not known"
            : null;
        if (fault is not null)
        {
            throw new JsonException($"Policy {version}: {fault}.");
        }
    }

    private sealed record RoutingSettings(TriageSettings Triage);

    private sealed record TriageSettings(string Confirmation);

    private static IEnumerable<DateOnly> Starts(AbsenceSettings absence) =>
        absence.PeriodStarts.Select(start => DateOnly.ParseExact($"2000-{start}", "O", CultureInfo.InvariantCulture));

    /// <summary>Steps out of order would be skipped, and a code without words or meaning would show only when somebody needs it.</summary>
    private static void Check(string version, AbsenceSettings absence, Catalogue catalogue)
    {
        var limits = absence.Steps.Select(step => step.Over).ToList();
        var fault = limits.Zip(limits.Skip(1)).Any(pair => pair.First >= pair.Second) || absence.Steps.Select(step => step.Code).Distinct().Count() != absence.Steps.Count ? "the steps of absence do not rise, or two have one code"
            : absence.Steps.SelectMany(step => step.Needs).Except(AbsenceNeeds.All).Any() ? "a step of absence has a need that is not known"
            : absence.Steps.SelectMany(step => step.Guidance).Concat(absence.Prevention).Except(catalogue.Texts.Guidance.Keys).Any() ? "guidance on absence has no words"
            : catalogue.Topics.All(topic => topic.Code != absence.Topic) ? "the topic of absence is not known"
            : !Starts(absence).Any() ? "absence has no counting period"
            : null;
        if (fault is not null)
        {
            throw new JsonException($"Policy {version}: {fault}.");
        }
    }
}
