using System.Text.Json;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>What was wrong; null means not touched. A list replaces the earlier one.</summary>
/// <param name="AgeBand">Code of the list ageBands.</param>
/// <param name="Topics">Codes of the list topics.</param>
/// <param name="Marks">Codes of the list marks.</param>
/// <param name="InvolvedServices">Codes of the list services; an unknown one is kept as other.</param>
/// <param name="Text">What is to be read differently, in the requester's own words.</param>
public sealed record CorrectionBody(string? AgeBand, IReadOnlyList<string?>? Topics, IReadOnlyList<string?>? Marks, IReadOnlyList<string?>? InvolvedServices, string? Text);

/// <summary>Something in the request was wrong. Unlike information it may come at any time, and it takes nobody's step from them.</summary>
public static class CorrectConsultation
{
    private const string CorrectionText = "correction";
    private const string UnknownText = "unknownCodes";

    public sealed record Command(ConsultationCorrected Corrected);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { LastWordAt: var last } when last == command.Corrected.CorrectedAt => Decision<ConsultationEvent>.Nothing,
        _ => command.Corrected,
    };

    internal static readonly LaterWord<CorrectionBody> Word = new(
        (rules, body) => rules.Correction(body),
        body => new Dictionary<string, string> { [CorrectionText] = body.Text ?? string.Empty, [UnknownText] = body.InvolvedServices is null ? string.Empty : JsonSerializer.Serialize(body.InvolvedServices, StrictJson.Options) },
        (state, said) => Decide(state, new Command(Of(said))));

    public static void MapCorrectConsultation(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapLaterWord("correction", "CorrectConsultation", "Correct what was wrong in the request.", Word)
            .Refuses(Refusals.WhenOver);

    private static ConsultationCorrected Of(Said<CorrectionBody> said)
    {
        var known = said.Catalogue.Codes.Services;
        var services = said.Body.InvolvedServices is { } given ? SubmissionRules.Kept(given, known) : null;
        return new ConsultationCorrected(
            said.Id, said.Body.AgeBand, Codes(said.Body.Topics), Codes(said.Body.Marks), services, services?.Contains(SubmissionRules.Other) == true, said.Texts, said.Now);
    }

    private static IReadOnlyList<string>? Codes(IReadOnlyList<string?>? given) => given is null ? null : [.. given.OfType<string>().Distinct()];
}
