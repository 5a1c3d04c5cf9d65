using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using OtPlatform.Platform.Http;
using Wire = OtPlatform.Protos.Intake.V1;

namespace OtPlatform.Intake.Consultations;

/// <summary>The partner API's bodies and answers as messages of consultations.proto.</summary>
internal static class ConsultationMessages
{
    public static SubmissionBody Body(Wire.Submission submission) => new()
    {
        Kind = Given(submission.Kind),
        ClientRef = Given(submission.ClientRef),
        AgeBand = Given(submission.AgeBand),
        County = Given(submission.County),
        Municipality = Given(submission.Municipality),
        Language = Given(submission.Language),
        Requester = submission.Requester is { } requester
            ? new RequesterBody(Given(requester.Role), Given(requester.Sector), Given(requester.Unit), Given(requester.Email), Given(requester.Phone))
            : null,
        ResponsibleWorker = submission.ResponsibleWorker is { } worker ? new ResponsibleWorkerBody(Given(worker.Role), Given(worker.Unit), Given(worker.Ref)) : null,
        Topics = [.. submission.Topics],
        Marks = [.. submission.Marks],
        Question = Given(submission.Question),
        TriedSoFar = [.. submission.TriedSoFar.Select(Tried)],
        Strengths = Given(submission.Strengths),
        ChildsView = Given(submission.ChildsView),
        InvolvedServices = [.. submission.InvolvedServices],
        WishedChannels = [.. submission.WishedChannels],
        Urgency = Given(submission.Urgency),
        Safety = submission.Safety is { } safety ? new SafetyBody(safety.ImmediateDanger, safety.HighRisk, Given(safety.ContactWarning)) : null,
        LegalBasis = LegalBasis(submission.LegalBasis, "$.legalBasis.validUntil"),
        Screening = submission.Screening is { } screening
            ? new ScreeningBody(Given(screening.Instrument), screening.Version, new SortedDictionary<string, int>(screening.Answers, StringComparer.Ordinal), [.. screening.Participants])
            : null,
        SchoolAbsence = submission.SchoolAbsence is { } absence
            ? new SchoolAbsenceBody(
                Hours(absence.Hours),
                absence.MeetingHeld,
                absence.FollowUp is { } followUp ? new FollowUpBody(Date(followUp.Date, "$.schoolAbsence.followUp.date"), Given(followUp.Responsible)) : null)
            : null,
    };

    public static InformationBody Body(Wire.AddInformationRequest request) => new(
        Given(request.Text),
        Given(request.TriedSoFar.Select(Tried)),
        Given<string?>(request.Topics),
        Given<string?>(request.Marks),
        Given<string?>(request.InvolvedServices),
        LegalBasis(request.LegalBasis, "$.legalBasis.validUntil"));

    public static SafetyReportBody Body(Wire.ReportSafetyRequest request) => new(
        request.ImmediateDanger ? true : null, request.HighRisk ? true : null, Given(request.Urgency), Given(request.ContactWarning), Given(request.Text));

    public static Wire.Consultation Of(ConsultationAnswer answer)
    {
        var message = new Wire.Consultation
        {
            Id = answer.Id.ToString(),
            Number = answer.Number,
            Status = Code(answer.Status),
            Route = answer.Route is { } route ? Code(route) : string.Empty,
            Responsible = answer.Responsible is { } responsible ? new Wire.Responsible { Kind = responsible.Kind, Name = responsible.Name, Contact = responsible.Contact ?? string.Empty } : null,
            DueBy = answer.DueBy is { } due ? Timestamp.FromDateTimeOffset(due) : null,
            Transfers = answer.Transfers,
            Team = answer.Team is { } team ? new Wire.Team { Members = { team.Members.Select(Of) }, NetworkCoordinator = team.NetworkCoordinator } : null,
            Answer = answer.Answer is { } given ? new Wire.Answer { Text = given.Text ?? string.Empty, Knowledge = { given.Knowledge }, By = given.By, KnowledgeHolder = Of(given.KnowledgeHolder) } : null,
            KnowledgeHolder = Of(answer.KnowledgeHolder),
            Emergency = answer.Emergency is { } emergency ? new Wire.Emergency { Text = emergency.Text, Language = emergency.Language } : null,
            Version = answer.Version,
            LinkedTo = answer.LinkedTo?.ToString() ?? string.Empty,
            Erased = answer.Erased is { } erased ? new Wire.Erasure { At = Timestamp.FromDateTimeOffset(erased.At), CompleteBy = Timestamp.FromDateTimeOffset(erased.CompleteBy) } : null,
        };
        message.AllowedActions.Add(answer.AllowedActions);
        message.Timeline.Add(answer.Timeline.Select(step => new Wire.TimelineStep { At = Timestamp.FromDateTimeOffset(step.At), What = step.What, By = step.By, Status = Code(step.Status) }));
        message.Messages.Add((answer.Messages ?? []).Select(sent => new Wire.Message { Id = sent.Id.ToString(), At = Timestamp.FromDateTimeOffset(sent.At), From = sent.From, To = sent.To, Text = sent.Text ?? string.Empty, AnswerBy = sent.AnswerBy is { } by ? Timestamp.FromDateTimeOffset(by) : null }));
        return message;
    }

    private static Wire.KnowledgeHolder? Of(HolderAnswer? holder) => holder is null ? null : new Wire.KnowledgeHolder { Name = holder.Name, Contact = holder.Contact, Country = holder.Country };

    private static Wire.TeamMember Of(MemberAnswer member) => new()
    {
        Role = member.Role,
        Sector = member.Sector ?? string.Empty,
        Organisation = member.Organisation ?? string.Empty,
        Profession = member.Profession ?? string.Empty,
        Channel = member.Channel ?? string.Empty,
        From = member.From.ToString("O", CultureInfo.InvariantCulture),
        To = member.To.ToString("O", CultureInfo.InvariantCulture),
    };

    private static TriedBody Tried(Wire.Tried tried) => new(Given(tried.What), Given(tried.With), Given(tried.Result));

    private static LegalBasisBody? LegalBasis(Wire.LegalBasis? basis, string path) =>
        basis is null ? null : new LegalBasisBody(Given(basis.Type), Given(basis.Reference), Date(basis.ValidUntil, path));

    private static string? Given(string text) => text.Length == 0 ? null : text;

    private static List<T>? Given<T>(IEnumerable<T> list) => list.ToList() is { Count: > 0 } given ? given : null;

    private static DateOnly? Date(string text, string path) =>
        text.Length == 0 ? null
        : DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
        : throw new InvalidInputException(path, "A date as 2027-05-31 is expected.");

    // What no decimal can hold is out of bounds too; the rule names it.
    private static decimal Hours(double hours) => hours is >= 0 and <= 1_000_000 ? (decimal)hours : -1;

    private static string Code<T>(T value)
        where T : struct, System.Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
