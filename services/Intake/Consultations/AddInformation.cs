using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>What a requester may add; null means not touched.</summary>
/// <param name="Text">In their own words.</param>
/// <param name="TriedSoFar">Further things tried; they come on top of the earlier ones.</param>
/// <param name="Topics">Replaces the earlier topics.</param>
/// <param name="Marks">Replaces the earlier marks.</param>
/// <param name="InvolvedServices">Replaces the earlier services; an unknown one is kept as other.</param>
/// <param name="LegalBasis">Replaces the earlier legal basis.</param>
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
        { Ended: { } ended } => ended,
        { LastInformationAt: var last } when last == command.Information.AddedAt => Decision<ConsultationEvent>.Nothing,
        { TakesInformation: false } => Consultation.AlreadyRouted,
        _ => state.WithClaimKept(command.Information with { TriedCount = state.TriedCount + command.TriedMore }),
    };

    public static void MapAddInformation(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/information", Handle)
            .RequireAuthorization(Scopes.ConsultationsWrite)
            .WithName("AddInformation")
            .WithSummary("Add what was asked for, or anything that helps. Needs If-Match.")
            .Accepts<InformationBody>("application/json")
            .Produces<ConsultationAnswer>()
            .OnVersion()
            .Refuses([.. Refusals.WhenOver, Consultation.AlreadyRouted]);

    private static async Task<IResult> Handle(Guid id, HttpContext http, RequestersDesk desk, Catalogue catalogue, IntakePolicy policy, TimeProvider clock, CancellationToken cancellation)
    {
        var caller = Caller.From(http.User);
        if (await desk.Own(id, caller, cancellation) is not { } view)
        {
            return Problems.Unknown();
        }

        var expected = Versions.Expected(http.Request);
        var raw = await StrictJson.ReadBody(http.Request, cancellation);
        var written = await Add(raw, view, caller, http.TraceIdentifier, expected, desk, catalogue, policy, clock, cancellation);
        return await ReadConsultation.Answer(http, desk, written, caller, cancellation);
    }

    /// <exception cref="InvalidInputException">The body is not what it has to be.</exception>
    internal static Task<Written> Add(
        byte[] raw, RequestersView view, Caller caller, string cause, long? expected, RequestersDesk desk, Catalogue catalogue, IntakePolicy policy, TimeProvider clock, CancellationToken cancellation)
    {
        IdentityCodes.Refuse(raw);
        var body = StrictJson.Parse<InformationBody>(raw);
        var rules = new SubmissionRules(catalogue, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
        rules.CheckInformation(body);
        if (rules.Errors.Count > 0)
        {
            throw new InvalidInputException(rules.Errors);
        }

        return desk.Write(
            view,
            caller,
            cause,
            expected,
            TextsOf(body, rules.Unknown),
            (state, now, texts) => Decide(state, new Command(
                new InformationAdded(
                    view.Id,
                    0,
                    Codes(body.Topics),
                    Codes(body.Marks),
                    body.InvolvedServices is null ? null : SubmissionRules.Kept(body.InvolvedServices, catalogue.Codes.Services),
                    rules.Unknown.Count > 0,
                    body.LegalBasis?.Type,
                    body.LegalBasis?.ValidUntil,
                    texts,
                    now,
                    policy.AfterReceiving(view.Area, view.EmergencyNotice is EmergencyNotice.ImmediateDanger, now)),
                body.TriedSoFar?.Count ?? 0)),
            cancellation);
    }

    private static IReadOnlyList<string>? Codes(IReadOnlyList<string?>? given) => given is null ? null : [.. given.OfType<string>().Distinct()];

    private static Dictionary<string, string> TextsOf(InformationBody body, IReadOnlyDictionary<string, string> unknown)
    {
        var texts = new Dictionary<string, string>();
        void Add(string kind, string? text)
        {
            if (SubmissionRules.Says(text))
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
