using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Narratives;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <summary>Whose absence a school begins to follow.</summary>
/// <param name="ClientRef">The partner's pseudonymous case key; never an identity code or a name.</param>
/// <param name="County">Code of the county; a partner's own.</param>
/// <param name="Language">The language of the words that are shown.</param>
/// <param name="AgeBand">Code of the list ageBands.</param>
/// <param name="Hours">All of the counting period so far.</param>
/// <param name="Kinds">The same hours by kind, when they are known.</param>
public sealed record StartBody(string? ClientRef, string? County, string? Language, string? AgeBand, decimal? Hours, KindsBody? Kinds);

/// <summary>A school begins to follow a pupil's absence in the present counting period.</summary>
public static class StartAbsenceFollowUp
{
    internal const string ClientRefText = "clientRef";

    /// <param name="AlreadyFollowed">The organisation follows the same pupil in the same period.</param>
    /// <param name="Hours">What has come together so far.</param>
    public sealed record Command(AbsenceFollowUpStarted Started, bool AlreadyFollowed, RecordAbsenceHours.Command Hours);

    public static Decision<AbsenceEvent> Decide(AbsenceFollowUp state, Command command) => state switch
    {
        { Id: var id } when id != Guid.Empty => Decision<AbsenceEvent>.Nothing,
        _ when command.AlreadyFollowed => AbsenceFollowUp.AlreadyFollowed,
        _ => new List<AbsenceEvent>([command.Started, .. RecordAbsenceHours.Recorded(AbsenceFollowUp.Initial, command.Hours)]),
    };

    public static void MapStartAbsenceFollowUp(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/", Handle)
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("StartAbsenceFollowUp")
            .WithSummary("Begin to follow a pupil's absence in the present counting period. The Idempotency-Key header makes a repeat harmless.")
            .Accepts<StartBody>("application/json")
            .Produces<AbsenceAnswer>(StatusCodes.Status201Created)
            .TakesHeaders(IdempotencyKey.Header)
            .GivesHeaders("Location")
            .Refuses(StatusCodes.Status403Forbidden, Submissions.NoOrganisation, Submissions.OtherCounty)
            .Refuses(Submissions.KeyReused, Submissions.InProgress, AbsenceFollowUp.AlreadyFollowed, AbsenceFollowUp.AlreadyErased);

    private static async Task<IResult> Handle(
        HttpContext http, Acknowledgements acknowledgements, Vault vault, Pseudonyms pseudonyms, AbsenceDesk desk, Catalogue catalogue, IntakePolicy policy, CancellationToken cancellation)
    {
        var caller = Caller.From(http.User);
        var (acknowledged, refusal) = await acknowledgements.Once(
            caller,
            IdempotencyKey.From(http.Request),
            () => StrictJson.ReadBody(http.Request, cancellation),
            http.TraceIdentifier,
            AbsenceFollowUp.AlreadyErased,
            (raw, id, organisation, now) =>
            {
                var body = Accept(raw, catalogue, now);
                return caller.Claim(ClaimNames.County) is { } county && county != body.County
                    ? (null, Submissions.OtherCounty)
                    : (work => Start(work, body, id, organisation, now), null);
            },
            cancellation);
        if (acknowledged is null)
        {
            return Acknowledgements.Refused(http, refusal!);
        }

        http.Response.Headers.ETag = acknowledged.Tag;
        http.Response.Headers.Location = $"/v1/absence-follow-ups/{acknowledged.ConsultationId}";
        return Results.Text(acknowledged.Answer, "application/json; charset=utf-8", statusCode: StatusCodes.Status201Created);

        async Task<Acknowledged> Start(Work work, StartBody body, Guid id, string organisation, DateTimeOffset now)
        {
            var area = catalogue.AreaOf(body.County!)!.Code;
            var (matter, period) = (pseudonyms.Matter(organisation, body.ClientRef!), policy.AbsencePeriod(area, now));

            // One after the other, so that the same pupil is not followed twice at once.
            await work.Lock($"absence:{matter}", cancellation);
            var known = await work.Query<AbsenceFollowUpView>("where matter_key = ? and period_from = ?", cancellation, matter, period.From);
            var texts = await vault.Seal(id, new Dictionary<string, string> { [ClientRefText] = body.ClientRef! }, now, cancellation);
            var started = new AbsenceFollowUpStarted(
                id,
                organisation,
                matter,
                area,
                body.County!,
                body.Language!,
                body.AgeBand!,
                period.From,
                period.Until,
                period.EndsAt,
                policy.Version(area),
                texts.ToDictionary(text => text.Kind, text => text.Id),
                now);
            var hours = policy.AbsenceHours(id, area, body.Hours!.Value, RecordAbsenceHours.KindsOf(body.Kinds), null, now);
            var outcome = await work.Decide(AbsenceFollowUp.Aggregate, id, state => Decide(state, new Command(started, known.Count > 0, hours)), null, cancellation);
            if (outcome.Rejection is { } rejection)
            {
                throw new RejectedException(rejection);
            }

            foreach (var text in texts)
            {
                work.Insert(text);
            }

            var answer = desk.Render((AbsenceFollowUpView)outcome.View!, caller);
            return new Acknowledged(JsonSerializer.Serialize(answer, StrictJson.Options), answer.Version);
        }
    }

    private static StartBody Accept(byte[] raw, Catalogue catalogue, DateTimeOffset now)
    {
        IdentityCodes.Refuse(raw);
        var body = StrictJson.Parse<StartBody>(raw);
        var rules = new SubmissionRules(catalogue, DateOnly.FromDateTime(now.UtcDateTime));
        rules.Line("$.clientRef", body.ClientRef, required: true);
        rules.OneOf("$.county", body.County, [.. catalogue.Counties.Select(county => county.Code)]);
        rules.OneOf("$.language", body.Language, catalogue.Codes.Languages);
        rules.OneOf("$.ageBand", body.AgeBand, catalogue.Codes.PupilAgeBands);
        RecordAbsenceHours.Check(rules, body.Hours, body.Kinds);
        return rules.Errors.Count == 0 ? body : throw new InvalidInputException(rules.Errors);
    }
}
