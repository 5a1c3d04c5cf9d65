using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <param name="Kind">consultation, socialWelfareContact or childWelfareNotification.</param>
public sealed record ContactBody(string? Kind, DateOnly? MadeOn);

/// <summary>The school has consulted somebody elsewhere, or has made a statutory contact. It is noted; the platform files nothing and holds nothing up (R11, C-49).</summary>
public static class RecordAbsenceContact
{
    public static readonly IReadOnlyList<string> Kinds = [AbsenceNeeds.Consultation, "socialWelfareContact", "childWelfareNotification"];

    public sealed record Command(Guid FollowUpId, string ContactKind, DateOnly MadeOn, DateTimeOffset Now);

    public static Decision<AbsenceEvent> Decide(AbsenceFollowUp state, Command command) => state switch
    {
        { Over: { } over } => over,
        { LastWordAt: var last } when last == command.Now => Decision<AbsenceEvent>.Nothing,
        _ => new AbsenceContactRecorded(command.FollowUpId, command.ContactKind, command.MadeOn, command.Now),
    };

    internal static readonly AbsenceWord<ContactBody> Word = new(
        (rules, body) =>
        {
            rules.OneOf("$.kind", body.Kind, Kinds);
            rules.NotFuture("$.madeOn", body.MadeOn);
            if (body.MadeOn is null)
            {
                rules.Fault("$.madeOn", "Required.");
            }
        },
        _ => new Dictionary<string, string>(),
        (state, said) => Decide(state, new Command(said.Id, said.Body.Kind!, said.Body.MadeOn!.Value, said.Now)));

    public static void MapRecordAbsenceContact(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapAbsenceWord("contact", "RecordAbsenceContact", "Note whom the school has turned to itself. Nothing is filed by it.", Word);
}
