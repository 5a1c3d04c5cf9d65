using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;

namespace OtPlatform.Intake.Consultations;

/// <summary>Collects what is wrong with a body, by JSON path; never repeats a value.</summary>
public sealed partial class SubmissionRules(Catalogue catalogue, DateOnly today)
{
    public const string Other = "other";
    public const int LongestText = 20_000;
    public const int LongestLine = 200;
    private const int LongestList = 50;
    private const int YearsNear = 2;

    /// <summary>As JSON Schema has them too.</summary>
    internal const string VisiblePattern = @"[^\s\p{Cc}\p{Cf}]";
    internal const string TextPattern = @"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]*$";
    internal const string LinePattern = @"^[^\u0000-\u001F\u007F]*$";
    internal const string MailPattern = @"^[^\s\p{C}@]+@[^\s\p{C}@.]+(\.[^\s\p{C}@.]+)+$";
    internal const decimal MostAbsenceHours = 5_000;

    private readonly Dictionary<string, Message> _errors = [];
    private readonly Dictionary<string, string> _unknown = [];

    public IReadOnlyDictionary<string, Message> Errors => _errors;

    /// <summary>Services and roles that the code lists lack: kept as <c>other</c>, with the text by JSON path for the vault.</summary>
    public IReadOnlyDictionary<string, string> Unknown => _unknown;

    public void CheckSubmission(SubmissionBody body)
    {
        var codes = catalogue.Codes;
        OneOf("$.kind", body.Kind, codes.Kinds);
        OneOf("$.county", body.County, [.. catalogue.Counties.Select(county => county.Code)]);
        OneOf("$.language", body.Language, codes.Languages);
        OneOf("$.ageBand", body.AgeBand, codes.AgeBands, required: false);
        OneOf("$.urgency", body.Urgency, codes.Urgencies, required: false);
        if (body.Municipality is { } municipality && !Place().IsMatch(municipality))
        {
            _errors["$.municipality"] = "The name of a municipality: letters, spaces and hyphens, 60 at most.";
        }

        Text("$.question", body.Question, required: true);
        Text("$.strengths", body.Strengths);
        Text("$.childsView", body.ChildsView);
        Tried(body.TriedSoFar);
        Codes("$.topics", body.Topics, ValidTopics());
        Codes("$.marks", body.Marks, codes.Marks);
        Codes("$.wishedChannels", body.WishedChannels, codes.Channels);
        KnownOrOther("$.involvedServices", body.InvolvedServices, codes.Services);
        CheckRequester(body.Requester);
        LegalBasis(body.LegalBasis, required: true);
        Text("$.safety.contactWarning", body.Safety?.ContactWarning);
        CheckScreening(body.Screening);
        CheckAbsence(body.SchoolAbsence);
        if (body.Kind == "clientWork")
        {
            CheckClientWork(body);
        }
        else if (body.ResponsibleWorker is not null)
        {
            ResponsibleWorker("$.responsibleWorker", body.ResponsibleWorker);
        }

        Line("$.clientRef", body.ClientRef);
    }

    public void CheckInformation(InformationBody body)
    {
        Text("$.text", body.Text);
        Tried(body.TriedSoFar);
        Codes("$.topics", body.Topics, ValidTopics());
        Codes("$.marks", body.Marks, catalogue.Codes.Marks);
        KnownOrOther("$.involvedServices", body.InvolvedServices, catalogue.Codes.Services);
        LegalBasis(body.LegalBasis, required: false);
        if (!Says(body.Text) && body is { TriedSoFar: null or [], Topics: null or [], Marks: null or [], InvolvedServices: null or [], LegalBasis: null })
        {
            _errors["$"] = "Say at least one thing: text, triedSoFar, topics, marks, involvedServices or legalBasis.";
        }
    }

    /// <summary>Names a fault of the body as a whole, or of a path that has no rule of its own.</summary>
    internal void Fault(string path, Message message) => _errors[path] = message;

    internal void Urgency(string path, string? value) => OneOf(path, value, catalogue.Codes.Urgencies, required: false);

    internal void NotPast(string path, DateOnly? date)
    {
        if (date < today)
        {
            _errors[path] = "Has passed already.";
        }
    }

    internal void Roles(string path, IReadOnlyList<string?>? given) => KnownOrOther(path, given, catalogue.Codes.RequesterRoles);

    internal void NotFuture(string path, DateOnly? date)
    {
        if (date > today)
        {
            _errors[path] = "Has not come yet.";
        }
    }

    /// <summary>The list, each entry once, with every code that the product does not know turned into <c>other</c>. Two unknown ones stay two.</summary>
    public static IReadOnlyList<string> Kept(IReadOnlyList<string?>? given, IReadOnlyList<string> known) =>
        [.. (given ?? []).OfType<string>().Select(code => code.Trim()).Distinct().Select(code => known.Contains(code) ? code : Other)];

    private void CheckClientWork(SubmissionBody body)
    {
        if (body.AgeBand is null)
        {
            _errors["$.ageBand"] = "Required for client work.";
        }

        if (body.LegalBasis?.Type != "anonymous" && !Says(body.ClientRef))
        {
            _errors["$.clientRef"] = "Required for client work unless the legal basis is anonymous.";
        }

        if (body.ResponsibleWorker is null)
        {
            _errors["$.responsibleWorker"] = "Required for client work: the own worker stays.";
        }
        else
        {
            ResponsibleWorker("$.responsibleWorker", body.ResponsibleWorker);
        }
    }

    private void CheckRequester(RequesterBody? requester)
    {
        if (requester is null)
        {
            _errors["$.requester"] = "Required.";
            return;
        }

        if (!Says(requester.Role))
        {
            _errors["$.requester.role"] = "Required; an unknown role is kept as other.";
        }
        else if (!catalogue.Codes.RequesterRoles.Contains(requester.Role))
        {
            Line("$.requester.role", requester.Role);
            _unknown["$.requester.role"] = requester.Role;
        }

        OneOf("$.requester.sector", requester.Sector, catalogue.Codes.Sectors);
        Line("$.requester.unit", requester.Unit);
        Address("$.requester.email", requester.Email);
        Line("$.requester.phone", requester.Phone);
    }

    internal void ResponsibleWorker(string path, ResponsibleWorkerBody worker)
    {
        OneOf($"{path}.role", worker.Role, catalogue.Codes.WorkerRoles);
        Line($"{path}.unit", worker.Unit);
        Reference($"{path}.ref", worker.Ref, required: true);
    }

    internal void Correction(CorrectionBody body)
    {
        OneOf("$.ageBand", body.AgeBand, catalogue.Codes.AgeBands, required: false);
        Codes("$.topics", body.Topics, ValidTopics());
        Codes("$.marks", body.Marks, catalogue.Codes.Marks);
        KnownOrOther("$.involvedServices", body.InvolvedServices, catalogue.Codes.Services);
        Text("$.text", body.Text);
        if (body is { AgeBand: null, Topics: null, Marks: null, InvolvedServices: null } && !Says(body.Text))
        {
            _errors["$"] = "Say at least one thing: ageBand, topics, marks, involvedServices or text.";
        }
    }

    private void CheckScreening(ScreeningBody? screening)
    {
        if (screening is null)
        {
            return;
        }

        Reference("$.screening.instrument", screening.Instrument, required: true);
        if (screening.Version is not > 0)
        {
            _errors["$.screening.version"] = "Required: the version of the instrument, 1 or more.";
        }

        if (screening.Answers is { Count: > LongestList })
        {
            _errors["$.screening.answers"] = $"At most {LongestList} answers.";
        }
        else if (screening.Answers?.Keys.Any(item => !Code().IsMatch(item)) == true)
        {
            _errors["$.screening.answers"] = "Items are named by their codes.";
        }

        if (screening is { Instrument: { } instrument, Version: { } version, Answers: { } answers } && catalogue.Instrument(instrument, version) is { } known)
        {
            // An item or a version that is not known here is kept; Triage says that it was left out.
            foreach (var item in known.Items.Where(item => answers.TryGetValue(item.Code, out var answer) && !item.Allows(answer)))
            {
                _errors[$"$.screening.answers.{item.Code}"] = $"An answer from {item.Least} to {item.Most}.";
            }
        }

        KnownOrOther("$.screening.participants", screening.Participants, catalogue.Codes.RequesterRoles);
    }

    private void CheckAbsence(SchoolAbsenceBody? absence)
    {
        if (absence is null)
        {
            return;
        }

        Hours("$.schoolAbsence.hours", absence.Hours);
        Near("$.schoolAbsence.followUp.date", absence.FollowUp?.Date);
        Reference("$.schoolAbsence.followUp.responsible", absence.FollowUp?.Responsible, required: false);
    }

    /// <summary>Hours of absence, counted to the hundredth.</summary>
    internal void Hours(string path, decimal? hours)
    {
        if (hours is not (>= 0 and <= MostAbsenceHours))
        {
            _errors[path] = $"Required: hours from 0 to {MostAbsenceHours}.";
        }
        else if (decimal.Round(hours.Value, 2) != hours)
        {
            _errors[path] = "Two decimals at most.";
        }
    }

    /// <summary>A day of school work: what lies further away was written by mistake.</summary>
    internal void Near(string path, DateOnly? date)
    {
        if (date < today.AddYears(-YearsNear) || date > today.AddYears(YearsNear))
        {
            _errors[path] = $"Within {YearsNear} years of today.";
        }
    }

    private void LegalBasis(LegalBasisBody? basis, bool required)
    {
        if (basis is null)
        {
            if (required)
            {
                _errors["$.legalBasis"] = "Required.";
            }

            return;
        }

        OneOf("$.legalBasis.type", basis.Type, catalogue.Codes.LegalBases);
        Line("$.legalBasis.reference", basis.Reference);
        NotPast("$.legalBasis.validUntil", basis.ValidUntil);
    }

    private void Tried(IReadOnlyList<TriedBody?>? tried)
    {
        if (tried is null || !WithinBounds("$.triedSoFar", tried.Count))
        {
            return;
        }

        for (var at = 0; at < tried.Count; at++)
        {
            Text($"$.triedSoFar[{at}].what", tried[at]?.What, required: true);
            Text($"$.triedSoFar[{at}].with", tried[at]?.With);
            Text($"$.triedSoFar[{at}].result", tried[at]?.Result);
        }
    }

    internal void Codes(string path, IReadOnlyList<string?>? given, IReadOnlyList<string> known)
    {
        if (given is null || !WithinBounds(path, given.Count))
        {
            return;
        }

        for (var at = 0; at < given.Count; at++)
        {
            OneOf($"{path}[{at}]", given[at], known);
        }
    }

    internal void KnownOrOther(string path, IReadOnlyList<string?>? given, IReadOnlyList<string> known)
    {
        if (given is null || !WithinBounds(path, given.Count))
        {
            return;
        }

        for (var at = 0; at < given.Count; at++)
        {
            Line($"{path}[{at}]", given[at], required: true);
            if (given[at] is { } code && !known.Contains(code))
            {
                _unknown[$"{path}[{at}]"] = code;
            }
        }
    }

    private bool WithinBounds(string path, int count)
    {
        if (count <= LongestList)
        {
            return true;
        }

        _errors[path] = $"At most {LongestList} entries.";
        return false;
    }

    internal void OneOf(string path, string? value, IReadOnlyList<string> known, bool required = true)
    {
        if (value is null)
        {
            if (required)
            {
                _errors[path] = "Required.";
            }
        }
        else if (!known.Contains(value))
        {
            _errors[path] = "Not a known code of this list.";
        }
    }

    internal void Text(string path, string? value, bool required = false)
    {
        if (FaultOf(value, required) is { } fault)
        {
            _errors[path] = fault;
        }
    }

    /// <summary>What is wrong with words of somebody's own; null when nothing is.</summary>
    internal static Message? FaultOf(string? text, bool required) =>
        required && !Says(text) ? (Message)"Required."
        : text?.Length > LongestText ? (Message)$"At most {LongestText} characters."
        : text is not null && Unwritable().IsMatch(text) ? (Message)"No control characters but tabs and line breaks."
        : null;

    internal void Line(string path, string? value, bool required = false)
    {
        if (required && !Says(value))
        {
            _errors[path] = "Required.";
        }
        else if (value?.Length > LongestLine)
        {
            _errors[path] = $"At most {LongestLine} characters.";
        }
        else if (value is not null && !OneLine().IsMatch(value))
        {
            _errors[path] = "One line without control characters.";
        }
    }

    private void Address(string path, string? value)
    {
        Line(path, value);
        if (value is not null && !_errors.ContainsKey(path) && !Mail().IsMatch(value))
        {
            _errors[path] = "An e-mail address is expected.";
        }
    }

    /// <summary>Whether there is anything to be seen in the text.</summary>
    internal static bool Says([NotNullWhen(true)] string? value) => value is not null && Visible().IsMatch(value);

    internal void Reference(string path, string? value, bool required)
    {
        if (value is null ? required : !Code().IsMatch(value))
        {
            _errors[path] = "A reference of letters, digits, dots, hyphens and underscores, 1 to 64 characters.";
        }
    }

    private List<string> ValidTopics() =>
        [.. catalogue.Topics.Where(topic => topic.ValidFrom <= today && (topic.ValidUntil is null || topic.ValidUntil >= today)).Select(topic => topic.Code)];

    [GeneratedRegex(@"^[\p{L}][\p{L} \-]{0,59}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Place();

    [GeneratedRegex(@"^[A-Za-z0-9._\-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Code();

    [GeneratedRegex(VisiblePattern, RegexOptions.CultureInvariant)]
    private static partial Regex Visible();

    [GeneratedRegex(@"[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]", RegexOptions.CultureInvariant)]
    private static partial Regex Unwritable();

    [GeneratedRegex(@"^[^\u0000-\u001F\u007F]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex OneLine();

    [GeneratedRegex(MailPattern, RegexOptions.CultureInvariant)]
    private static partial Regex Mail();
}
