using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>Why the matter is taken up again.</summary>
/// <param name="Reason">In the requester's own words.</param>
public sealed record ReopeningBody(string? Reason);

/// <summary>What was withdrawn, closed or taken over by a receiver is taken up again: the matter is in triage, with the reason (R1).</summary>
public static class ReopenConsultation
{
    private const string ReasonText = "reopening";

    public sealed record Command(ConsultationReopened Reopened, NextStep Next);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Status: null } => Consultation.NotSubmitted,
        { LastWordAt: var last } when last == command.Reopened.ReopenedAt => Decision<ConsultationEvent>.Nothing,
        { TakesReopening: false } => Consultation.NotOver,
        _ => new ConsultationEvent[]
        {
            new TriageAwaited(command.Reopened.ConsultationId, command.Reopened.ReopenedAt, command.Next, ForObjection: false),
            command.Reopened,
        },
    };

    internal static readonly LaterWord<ReopeningBody> Word = new(
        (rules, body) => rules.Text("$.reason", body.Reason, required: true),
        body => new Dictionary<string, string> { [ReasonText] = body.Reason! },
        (state, said) => Decide(state, new Command(new ConsultationReopened(said.Id, said.Texts[ReasonText], said.Now), said.UntilTriage(state.Danger))));

    public static void MapReopenConsultation(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapLaterWord("reopening", "ReopenConsultation", "Take up again what was withdrawn, closed or taken over by a receiver, with the reason.", Word)
            .Refuses([.. Refusals.WhenErased, Consultation.NotOver]);
}
