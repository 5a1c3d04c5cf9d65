using OtPlatform.Contracts;
using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>The client has withdrawn the consent.</summary>
/// <param name="Reason">In the requester's own words; may be left out.</param>
public sealed record ConsentWithdrawalBody(string? Reason);

/// <summary>
/// The consent is withdrawn, or its last day has passed: every expert's access ends with the same act (R8). An open request stays open, and
/// the requester is asked for another legal basis; in danger the coordinators go on at once. One that is over stays over: what it said leaves the others.
/// </summary>
public static class EndConsent
{
    private const string ReasonText = "consentWithdrawal";

    /// <param name="UntilInformed">For the requester to give another legal basis.</param>
    /// <param name="UntilTriage">For the coordinators, in danger.</param>
    public sealed record Command(Guid ConsultationId, string ReasonCode, Guid? ReasonTextId, DateTimeOffset Now, NextStep UntilInformed, NextStep UntilTriage);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Status: null } => Consultation.NotSubmitted,
        { Erased: true } => Consultation.AlreadyErased,
        { ConsentHasEnded: true } => Decision<ConsultationEvent>.Nothing,
        { HasConsent: false } => Consultation.NoConsent,
        // The answer is there, the receiver works by its own right, or the request is over: nothing is left to stop. What it said may still be with others.
        { IsOpen: false } or { Status: ConsultationStatus.Answered or ConsultationStatus.ReferralAccepted } => Ended(command, workEnds: false),
        { Danger: true } => new ConsultationEvent[] { new TriageAwaited(command.ConsultationId, command.Now, command.UntilTriage, ForObjection: false), Ended(command, workEnds: true) },
        _ => new ConsultationEvent[] { new LegalBasisAwaited(command.ConsultationId, command.Now, command.UntilInformed), Ended(command, workEnds: true) },
    };

    /// <summary>A consent that was prolonged in the meantime is in force.</summary>
    public static Decision<ConsultationEvent> DecideExpiry(Consultation state, Command command) =>
        state is { HasConsent: true, Basis.EndsAt: { } end } && end <= command.Now ? Decide(state, command) : Decision<ConsultationEvent>.Nothing;

    internal static readonly LaterWord<ConsentWithdrawalBody> Word = new(
        (rules, body) => rules.Text("$.reason", body.Reason),
        body => new Dictionary<string, string> { [ReasonText] = body.Reason ?? string.Empty },
        (state, said) => Decide(state, new Command(
            said.Id, ConsentEnded.Withdrawn, said.Text(ReasonText), said.Now, said.Policy.AfterAsking(said.View.Area, said.Now), said.UntilTriage(danger: true))));

    public static void MapWithdrawConsent(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapLaterWord("consent/withdrawal", "WithdrawConsent", "Say that the client has withdrawn the consent; every access ends at once.", Word, bodyless: true)
            .Refuses([.. Refusals.WhenErased, Consultation.NoConsent]);

    internal static async Task<Outcome<Consultation>> Fire(Work work, Deadline deadline, IntakePolicy policy, DateTimeOffset now, CancellationToken cancellation)
    {
        var area = (await work.Load<RequestersView>(deadline.StreamId, cancellation))!.Area;
        var command = new Command(deadline.StreamId, ConsentEnded.Expired, null, now, policy.AfterAsking(area, now), policy.AfterReceiving(area, danger: true, now));
        return await work.Decide(Consultation.Aggregate, deadline.StreamId, state => DecideExpiry(state, command), null, cancellation);
    }

    private static ConsentEnded Ended(Command command, bool workEnds) => new(command.ConsultationId, command.ReasonCode, workEnds, command.ReasonTextId, command.Now);
}
