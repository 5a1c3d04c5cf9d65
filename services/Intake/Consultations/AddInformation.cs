using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>What a requester may add; null means not touched.</summary>
/// <param name="Text">In their own words.</param>
/// <param name="TriedSoFar">Further things tried; they come on top of the earlier ones.</param>
/// <param name="Topics">Replaces the earlier topics.</param>
public sealed record InformationBody(
    string? Text,
    IReadOnlyList<TriedBody?>? TriedSoFar,
    IReadOnlyList<string?>? Topics,
    IReadOnlyList<string?>? Marks,
    IReadOnlyList<string?>? InvolvedServices,
    LegalBasisBody? LegalBasis);

/// <summary>The requester adds facts or words, asked for or not, until the route has been decided.</summary>
public static class AddInformation
{
    public sealed record Command(InformationAdded Information, int TriedMore);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Status: ConsultationStatus.NotSubmitted } => Consultation.NotSubmitted,
        { Status: ConsultationStatus.Withdrawn } => Consultation.AlreadyWithdrawn,
        { Route: not null } => Consultation.AlreadyRouted,
        { LastInformationAt: var last } when last == command.Information.AddedAt => Decision<ConsultationEvent>.Nothing,
        _ => command.Information with { TriedCount = state.TriedCount + command.TriedMore },
    };

    public static void MapAddInformation(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/information", Handle)
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("AddInformation")
            .WithSummary("Add what was asked for, or anything that helps. Needs If-Match.")
            .Accepts<InformationBody>("application/json")
            .Produces<ConsultationAnswer>();

    private static async Task<IResult> Handle(
        Guid id, HttpContext http, StreamStore streams, Vault vault, Catalogue catalogue, IntakePolicy policy, RequestersWords words, TimeProvider clock, CancellationToken cancellation)
    {
        var caller = Caller.From(http.User);
        if (await streams.Load<RequestersView>(id, cancellation) is not { } view || caller.Claim(ClaimNames.Organisation) != view.Organisation)
        {
            return Problems.Unknown();
        }

        var expected = Versions.Expected(http.Request);
        var raw = await StrictJson.ReadBody(http.Request, cancellation);
        IdentityCodes.Refuse(raw);
        var body = StrictJson.Parse<InformationBody>(raw);
        var now = clock.GetUtcNow();
        var rules = new SubmissionRules(catalogue, DateOnly.FromDateTime(now.UtcDateTime));
        rules.CheckInformation(body);
        if (rules.Errors.Count > 0)
        {
            throw new InvalidInputException(rules.Errors);
        }

        var outcome = await streams.InOneTransaction(
            new Origin(caller.Subject, id.ToString(), http.TraceIdentifier),
            async work =>
            {
                var texts = await vault.Seal(id, TextsOf(body, rules.Unknown), now, cancellation);
                var information = new InformationAdded(
                    id,
                    0,
                    Codes(body.Topics),
                    Codes(body.Marks),
                    body.InvolvedServices is null ? null : SubmissionRules.Kept(body.InvolvedServices, catalogue.Codes.Services),
                    rules.Unknown.Count > 0,
                    body.LegalBasis?.Type,
                    body.LegalBasis?.ValidUntil,
                    texts.ToDictionary(text => text.Kind, text => text.Id),
                    now,
                    policy.AfterReceiving(view.Area, view.EmergencyNotice is EmergencyNotice.ImmediateDanger, now));
                var decided = await work.Decide(Consultation.Aggregate, id, state => Decide(state, new Command(information, body.TriedSoFar?.Count ?? 0)), expected, cancellation);
                if (decided.Changed)
                {
                    foreach (var text in texts)
                    {
                        work.Insert(text);
                    }
                }

                return decided;
            },
            cancellation);
        return outcome.Rejection is { } rejection ? Problems.Of(rejection) : ReadConsultation.Answer(http, words.Render(outcome.View as RequestersView ?? view));
    }

    private static IReadOnlyList<string>? Codes(IReadOnlyList<string?>? given) => given is null ? null : [.. given.OfType<string>().Distinct()];

    private static Dictionary<string, string> TextsOf(InformationBody body, IReadOnlyDictionary<string, string> unknown)
    {
        var texts = new Dictionary<string, string>();
        void Add(string kind, string? text)
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                texts[kind] = text;
            }
        }

        Add("information", body.Text);
        Add("triedSoFar", body.TriedSoFar is { Count: > 0 } tried ? JsonSerializer.Serialize(tried, StrictJson.Options) : null);
        Add("legalBasisReference", body.LegalBasis?.Reference);
        Add("unknownCodes", unknown.Count > 0 ? JsonSerializer.Serialize(unknown, StrictJson.Options) : null);
        return texts;
    }
}
