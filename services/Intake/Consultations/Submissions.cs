using System.Globalization;
using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>Takes submissions in, whichever interface they come through: the same rules, the same keys, the same answer.</summary>
public sealed class Submissions(Acknowledgements acknowledgements, Vault vault, Pseudonyms pseudonyms, Catalogue catalogue, IntakePolicy policy, RequestersWords words)
{
    public static readonly Rejection NoOrganisation = new(Problems.NotAllowed, "Your token names no organisation to submit for.");
    public static readonly Rejection OtherCounty = new("intake.county-not-yours", "A partner submits for its own county.");
    public static readonly Rejection KeyReused = new("idempotency.key-reused", "This key came with another body before. Use a new key for a new request.");
    public static readonly Rejection InProgress = new("idempotency.in-progress", "The first request with this key is still being worked on.");

    /// <summary>The token does not allow it, whatever the submission says.</summary>
    public static bool IsForbidden(Rejection refusal) => refusal == NoOrganisation || refusal == OtherCounty;

    /// <param name="read">Gives the body as JSON.</param>
    /// <param name="cause">Id of the request.</param>
    /// <returns>What was acknowledged, now or before, or why nothing was.</returns>
    /// <exception cref="InvalidInputException">The key or the body is not what it has to be.</exception>
    public Task<(IdempotencyKey? Acknowledged, Rejection? Refusal)> Submit(Caller caller, string key, Func<Task<byte[]>> read, string cause, CancellationToken cancellation) =>
        acknowledgements.OnceTogether(
            caller,
            key,
            read,
            cause,
            Consultation.AlreadyErased,
            (raw, organisation, now) =>
            {
                IdentityCodes.Refuse(raw);
                var body = StrictJson.Parse<SubmissionBody>(raw);
                var unknown = Check(body, now);
                return caller.Claim(ClaimNames.County) is { } county && county != body.County
                    ? (null, OtherCounty)
                    : ((work, key) =>
                    {
                        var texts = Vault.Seal(key, TextsOf(body, unknown), now);
                        var answer = words.Render(Take(work, key.Owner, body, unknown, organisation, now, texts), caller);
                        return new Acknowledged(JsonSerializer.Serialize(answer, StrictJson.Options), answer.Version);
                    }, null);
            },
            cancellation);

    /// <summary>What the body names that the code lists lack, by JSON path.</summary>
    /// <exception cref="InvalidInputException">The body is not what it has to be.</exception>
    internal IReadOnlyDictionary<string, string> Check(SubmissionBody body, DateTimeOffset now)
    {
        var rules = new SubmissionRules(catalogue, DateOnly.FromDateTime(now.UtcDateTime));
        rules.CheckSubmission(body);
        return rules.Errors.Count == 0 ? rules.Unknown : throw new InvalidInputException(rules.Errors);
    }

    /// <summary>Submits what <see cref="Check"/> has let through, in the transaction of <paramref name="work"/>.</summary>
    /// <param name="id">Made for this submission: there is nothing under it yet.</param>
    internal async Task<RequestersView> Take(
        Work work, Guid id, SubmissionBody body, IReadOnlyDictionary<string, string> unknown, string organisation, DateTimeOffset now, CancellationToken cancellation) =>
        Take(work, id, body, unknown, organisation, now, await vault.Seal(id, TextsOf(body, unknown), now, cancellation));

    private RequestersView Take(
        Work work, Guid id, SubmissionBody body, IReadOnlyDictionary<string, string> unknown, string organisation, DateTimeOffset now, IReadOnlyList<VaultText> texts)
    {
        var submission = Describe(body, id, organisation, now, texts.ToDictionary(text => text.Kind, text => text.Id)) with { UnknownCodes = [.. unknown.Keys] };
        foreach (var text in texts)
        {
            work.Insert(text);
        }

        var outcome = work.Begin(Consultation.Aggregate, id, state => SubmitConsultation.Decide(state, new SubmitConsultation.Command(submission, policy.KeyPersonFor(submission))));
        return (RequestersView)outcome.View!;
    }

    private ConsultationSubmitted Describe(SubmissionBody body, Guid id, string organisation, DateTimeOffset now, Dictionary<string, Guid> textIds)
    {
        var area = catalogue.AreaOf(body.County!)!.Code;
        var anonymous = body.LegalBasis!.Type == "anonymous";
        var urgency = Parsed<Urgency>(body.Urgency ?? "routine");
        var danger = body.Safety?.ImmediateDanger == true;
        var topics = Distinct(body.Topics);
        return new ConsultationSubmitted(
            id,
            NumberOf(id),
            organisation,
            anonymous || !SubmissionRules.Says(body.ClientRef) ? null : pseudonyms.Matter(organisation, body.ClientRef),
            Parsed<ConsultationKind>(body.Kind!),
            area,
            body.County!,
            body.Municipality,
            body.Language!,
            body.AgeBand,
            topics,
            Distinct(body.Marks),
            SubmissionRules.Kept(body.InvolvedServices, catalogue.Codes.Services),
            [],
            body.Requester!.Sector!,
            catalogue.Codes.RequesterRoles.Contains(body.Requester.Role!) ? body.Requester.Role! : SubmissionRules.Other,
            pseudonyms.Unit(organisation, body.Requester.Unit ?? string.Empty),
            body.ResponsibleWorker?.Role,
            body.ResponsibleWorker?.Ref,
            body.TriedSoFar?.Count ?? 0,
            urgency,
            danger,
            body.Safety?.HighRisk == true,
            SubmissionRules.Says(body.Safety?.ContactWarning),
            Distinct(body.WishedChannels),
            body.LegalBasis.Type!,
            body.LegalBasis.ValidUntil,
            body.Screening is { } screening
                ? new Screening(screening.Instrument!, screening.Version!.Value, screening.Answers ?? new Dictionary<string, int>(), SubmissionRules.Kept(screening.Participants, catalogue.Codes.RequesterRoles))
                : null,
            body.SchoolAbsence is { } absence
                ? new SchoolAbsence(absence.Hours!.Value, absence.MeetingHeld == true, absence.FollowUp?.Date, absence.FollowUp?.Responsible)
                : null,
            danger ? EmergencyNotice.ImmediateDanger
                : IsUrgent(urgency, topics) && !policy.IsOnDuty(area, now) ? EmergencyNotice.OutsideDutyHours
                : EmergencyNotice.None,
            textIds,
            now,
            policy.AfterReceiving(area, danger, now));
    }

    private bool IsUrgent(Urgency urgency, IReadOnlyList<string> topics) =>
        urgency is Urgency.Urgent || catalogue.Topics.Any(topic => topic.Urgency is Urgency.Urgent && topics.Contains(topic.Code));

    private static Dictionary<string, string> TextsOf(SubmissionBody body, IReadOnlyDictionary<string, string> unknown)
    {
        var texts = new Dictionary<string, string> { ["question"] = body.Question! };
        void Add(string kind, string? text)
        {
            if (SubmissionRules.Says(text))
            {
                texts[kind] = text;
            }
        }

        Add("triedSoFar", body.TriedSoFar is { Count: > 0 } tried ? JsonSerializer.Serialize(tried, StrictJson.Options) : null);
        Add("strengths", body.Strengths);
        Add("childsView", body.ChildsView);
        Add("contactWarning", body.Safety?.ContactWarning);
        Add("legalBasisReference", body.LegalBasis?.Reference);
        Add("responsibleWorkerUnit", body.ResponsibleWorker?.Unit);
        var requester = body.Requester!;
        Add("requesterContact", requester is { Unit: null, Email: null, Phone: null } ? null : JsonSerializer.Serialize(new { requester.Unit, requester.Email, requester.Phone }, StrictJson.Options));
        Add("unknownCodes", unknown.Count > 0 ? JsonSerializer.Serialize(unknown, StrictJson.Options) : null);
        return texts;
    }

    /// <summary>A number that people can say on the phone, from the random part of the id.</summary>
    private static string NumberOf(Guid id)
    {
        const string Letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        var bits = ulong.Parse(id.ToString("N", CultureInfo.InvariantCulture).AsSpan(22), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var digits = new char[8];
        for (var at = 7; at >= 0; at--, bits >>= 5)
        {
            digits[at] = Letters[(int)(bits & 31)];
        }

        return $"OT-{new string(digits, 0, 4)}-{new string(digits, 4, 4)}";
    }

    private static IReadOnlyList<string> Distinct(IReadOnlyList<string?>? codes) => [.. (codes ?? []).OfType<string>().Distinct()];

    private static T Parsed<T>(string code)
        where T : struct, Enum => Enum.Parse<T>(code, ignoreCase: true);
}
