using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <param name="ExpertId">Of the pool.</param>
/// <param name="ReasonCode">One of <see cref="InviteAssessor.Reasons"/>.</param>
public sealed record InviteAssessorBody(Guid? ExpertId, string? ReasonCode);

/// <summary>
/// A coordinator asks an expert to look at a matter that is still to be decided, and says why just them (C-33). Until a date they may know
/// of the case and contribute; nobody has to wait for them, and the policy lets nothing through while they are asked.
/// </summary>
public static class InviteAssessor
{
    /// <summary>Why; one of these is said.</summary>
    public static readonly IReadOnlyList<string> Reasons = ["specialKnowledge", "specialLevelNeeded", "riskAssessment", "clientsWish", "other"];

    public static readonly Rejection UnknownReason = new("triage.assessor-reason-unknown", "The reason code is not one of those for inviting somebody to the assessment.");

    /// <param name="InvitationId">Of the new invitation; not looked at when they are invited already.</param>
    public sealed record Command(Guid ExpertId, Guid InvitationId, string? ReasonCode, string InvitedBy, AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Lead: not null } => TriageCase.AlreadyLinked,
        { MayBeDecided: false } => TriageCase.AlreadyDecided,
        { IsDanger: false, Claim: { } claim } when claim.KeepsOut(command.InvitedBy, command.Now) => ClaimCase.HeldBy(claim),
        { Assessors: var known } when known.Any(assessor => assessor.IsInvited && assessor.ExpertId == command.ExpertId) => Decision<TriageEvent>.Nothing,
        _ when !Reasons.Contains(command.ReasonCode) => UnknownReason,
        { Assessment.Facts: { } facts } when facts.LacksLegalBasisFor(Route.ExpertConsultation, command.Policy.Rules) => DecideRoute.LegalBasisNeeded,
        _ => new AssessorInvited(
            state.Id, state.Area, command.ExpertId, command.InvitationId, command.ReasonCode!, command.InvitedBy, command.Now, command.Policy.AssessmentDue(state.Assessment!.Facts.Urgency, command.Now)),
    };

    public static void MapInviteAssessor(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapCaseCommand<InviteAssessorBody>("/{id:guid}/assessors", (body, commanding) =>
        {
            var expert = body.ExpertId ?? throw new InvalidInputException("$.expertId", "Required.");
            var command = new Command(expert, Ids.New(commanding.Now), body.ReasonCode, commanding.By, commanding.Policy, commanding.Now);
            return state => Decide(state, command);
        })
            .WithName("InviteAssessor")
            .WithSummary("Ask an expert to look at the matter too. Needs If-Match.");
}
