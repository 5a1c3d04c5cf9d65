using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>The requesting side's responsible worker is another; the own worker's place in a team is theirs from now on (R4, C-60).</summary>
public static class ChangeResponsibleWorker
{
    private const string UnitText = "responsibleWorkerUnit";

    public sealed record Command(ResponsibleWorkerChanged Changed);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { LastWordAt: var last } when last == command.Changed.ChangedAt => Decision<ConsultationEvent>.Nothing,
        _ => command.Changed,
    };

    internal static readonly LaterWord<ResponsibleWorkerBody> Word = new(
        (rules, body) => rules.ResponsibleWorker("$", body),
        body => new Dictionary<string, string> { [UnitText] = body.Unit ?? string.Empty },
        (state, said) => Decide(state, new Command(new ResponsibleWorkerChanged(said.Id, said.Body.Role!, said.Body.Ref!, said.Text(UnitText), said.Now))));

    public static void MapChangeResponsibleWorker(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapLaterWord("responsible-worker", "ChangeResponsibleWorker", "Say who the responsible worker is now.", Word)
            .Refuses(Refusals.WhenOver);
}
