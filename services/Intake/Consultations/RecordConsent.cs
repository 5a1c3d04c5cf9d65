using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>The client has given consent.</summary>
/// <param name="Reference">Where the requesting side keeps the consent.</param>
/// <param name="ValidUntil">Last day; null when it has none.</param>
public sealed record ConsentBody(string? Reference, DateOnly? ValidUntil);

/// <summary>The client has given consent, or gives it for longer. Where it was missing, the matter goes on.</summary>
public static class RecordConsent
{
    private const string ReferenceText = "legalBasisReference";

    public sealed record Command(ConsentRecorded Recorded, NextStep Next);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { LastWordAt: var last } when last == command.Recorded.RecordedAt => Decision<ConsultationEvent>.Nothing,
        { TakesInformation: true } => new ConsultationEvent[]
        {
            new TriageAwaited(command.Recorded.ConsultationId, command.Recorded.RecordedAt, command.Next, ForObjection: false),
            command.Recorded,
        },
        _ => command.Recorded,
    };

    internal static readonly LaterWord<ConsentBody> Word = new(
        (rules, body) =>
        {
            rules.Line("$.reference", body.Reference);
            rules.NotPast("$.validUntil", body.ValidUntil);
        },
        body => new Dictionary<string, string> { [ReferenceText] = body.Reference ?? string.Empty },
        (state, said) => Decide(state, new Command(new ConsentRecorded(said.Id, said.Body.ValidUntil, said.Text(ReferenceText), said.Now), said.UntilTriage(state.Danger))));

    public static void MapRecordConsent(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapLaterWord("consent", "RecordConsent", "Say that the client has consented, or until when.", Word)
            .Refuses(Refusals.WhenOver);
}
