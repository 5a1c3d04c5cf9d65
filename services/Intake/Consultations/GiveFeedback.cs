using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>How much it has helped.</summary>
/// <param name="Score">1 (no help) to 5 (the help that was needed).</param>
/// <param name="Text">In the requester's own words; may be left out.</param>
public sealed record FeedbackBody(int? Score, string? Text);

/// <summary>The requester says once how much an answer, a team or a receiver has helped.</summary>
public static class GiveFeedback
{
    private const string FeedbackText = "feedback";

    public sealed record Command(FeedbackGiven Given);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Status: null } => Consultation.NotSubmitted,
        { LastWordAt: var last } when last == command.Given.GivenAt => Decision<ConsultationEvent>.Nothing,
        { TakesFeedback: false } => Consultation.NoFeedback,
        _ => command.Given,
    };

    internal static readonly LaterWord<FeedbackBody> Word = new(
        (rules, body) =>
        {
            rules.Text("$.text", body.Text);
            if (body.Score is not (>= 1 and <= 5))
            {
                rules.Fault("$.score", "Required: a whole number from 1 to 5.");
            }
        },
        body => new Dictionary<string, string> { [FeedbackText] = body.Text ?? string.Empty },
        (state, said) => Decide(state, new Command(new FeedbackGiven(said.Id, said.Body.Score!.Value, said.Text(FeedbackText), said.Now))));

    public static void MapGiveFeedback(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapLaterWord("feedback", "GiveFeedback", "Say how much it has helped.", Word)
            .Refuses([.. Refusals.WhenErased, Consultation.NoFeedback]);
}
