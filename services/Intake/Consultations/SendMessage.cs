using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>A message to whoever acts now.</summary>
/// <param name="Text">In the requester's own words.</param>
public sealed record MessageBody(string? Text);

/// <summary>
/// Words between the requester and whoever acts now, both ways. A coordinator who sees to a hastened step by writing lets the work go on as it was.
/// </summary>
public static class SendMessage
{
    internal const string Text = "message";
    internal const string Coordinator = "coordinator";
    private const string Team = "team";

    /// <param name="To">Null for whoever acts now.</param>
    /// <param name="Resumed">When the interrupted step is due if its own date has passed; null when it is not a coordinator who writes.</param>
    /// <param name="AnswerBy">When the requester's message has to have been answered; null when it is not the requester who writes.</param>
    public sealed record Command(Guid ConsultationId, Guid TextId, string From, string? To, DateTimeOffset Now, NextStep? Resumed = null, DateTimeOffset? AnswerBy = null);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Ended: { } ended } => ended,
        { Messages: var known } when known.Any(message => message.TextId == command.TextId) => Decision<ConsultationEvent>.Nothing,
        { Messages: var known } when IsTooMany(known, command.From) => Consultation.TooManyMessages,
        { Interrupted: { } interrupted } when command.Resumed is { } resumed => new ConsultationEvent[]
        {
            Sent(state, command),
            new StepResumed(command.ConsultationId, interrupted.Responsible, command.Now, interrupted.Next.DueBy > command.Now ? interrupted.Next : resumed),
        },
        _ => Sent(state, command),
    };

    // Each side has a bound of its own, and a coordinator none: by writing they see to a danger.
    private static bool IsTooMany(IReadOnlyList<KnownMessage> known, string from) =>
        from != Coordinator && known.Count(message => message.From == from) >= Consultation.MostMessages;

    internal static readonly LaterWord<MessageBody> Word = new(
        (rules, body) => rules.Text("$.text", body.Text, required: true),
        body => new Dictionary<string, string> { [Text] = body.Text! },
        (state, said) => Decide(state, new Command(said.Id, said.Texts[Text], MessageSent.Requester, null, said.Now, AnswerBy: said.Policy.AfterEscalation(said.View.Area, danger: false, said.Now).DueBy)));

    public static void MapSendMessage(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapLaterWord("messages", "SendMessage", "Write to whoever acts now.", Word)
            .Refuses([.. Refusals.WhenOver, Consultation.TooManyMessages]);

    private static MessageSent Sent(Consultation state, Command command) => new(command.ConsultationId, command.TextId, command.From, command.To ?? ActsNow(state.Responsible), command.Now, command.AnswerBy);

    /// <summary>Who answers what is written while <paramref name="responsible"/> is accountable.</summary>
    internal static string ActsNow(Accountable? responsible) => responsible switch
    {
        Accountable.ResponsibleWorker => Team,
        Accountable.Expert => "expert",
        Accountable.Receiver => "receiver",
        Accountable.KeyPerson => "keyPerson",
        Accountable.Coordinator => "coordinator",
        Accountable.CoordinatingTeam => "coordinatingTeam",
        // What waits for the requester is looked after by the coordinators.
        _ => "areaCoordinators",
    };
}

/// <summary>The other side's words to the requester: the area's coordinators, and the experts who have a part in the matter.</summary>
public sealed class OthersMessages(StreamStore streams, Vault vault, IntakePolicy policy, TimeProvider clock)
{
    private static readonly Rejection Differs = new("intake.message-differs", "Another text stands under this id.");

    /// <param name="textId">Chosen by the writer; the same text under it again changes nothing.</param>
    public async Task<Rejection?> Send(RequestersView view, string from, Guid textId, string text, Origin origin, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var outcome = await streams.InOneTransaction(
            origin,
            async work =>
            {
                if (await work.Load<VaultText>(textId, cancellation) is { } known && (known.Owner != view.Id || known.Kind != SendMessage.Text || !await vault.Says(known, text, cancellation)))
                {
                    throw new RejectedException(Differs);
                }

                var command = new SendMessage.Command(view.Id, textId, from, MessageSent.Requester, now, from == SendMessage.Coordinator ? policy.AfterEscalation(view.Area, danger: false, now) : null);
                var decided = await work.Decide(Consultation.Aggregate, view.Id, state => SendMessage.Decide(state, command), null, cancellation);
                if (decided.Changed)
                {
                    work.Insert(await vault.Seal(view.Id, textId, SendMessage.Text, text, cancellation));
                }

                return decided;
            },
            cancellation);
        return outcome.Rejection;
    }
}
