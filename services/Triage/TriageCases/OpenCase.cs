using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;
using Wire = OtPlatform.Contracts.Intake;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Opens the case of a consultation and assesses it at once; the same act whichever message arrives first.</summary>
public static class OpenCase
{
    public sealed record Command(Guid CaseId, string Number, string Area, CaseRequest Request, AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        if (state.Status is not CaseStatus.NotOpened)
        {
            return Decision<TriageEvent>.Nothing;
        }

        var policy = command.Policy;
        var facts = Facts.Of(command.Request, [], policy);
        var held = facts.ImmediateDanger;
        var opened = new CaseOpened(
            command.CaseId,
            command.CaseId,
            command.Number,
            command.Area,
            command.Request,
            held,
            policy.Version,
            command.Now,
            held ? policy.HeldDue(command.Now) : policy.ConfirmationDue(facts.Urgency, command.Now));
        return new List<TriageEvent> { opened }
            .Concat(AssessCase.Events(TriageCase.Evolve(state, opened), policy, command.Now, again: false))
            .ToList();
    }

    /// <summary>The request is weighed by itself too, in case it goes on alone; nothing follows from that while another case carries its matter.</summary>
    /// <param name="dueBy">When a coordinator has to have read it; null when they decide on the matter anyway.</param>
    public static Decision<TriageEvent> DecideLinked(TriageCase state, Command command, Guid lead, DateTimeOffset? dueBy) => Decide(state, command).Events
        .Where(happened => happened is CaseOpened or CaseAssessed)
        .Append(new CaseLinked(command.CaseId, command.Area, lead, CaseUnlinked.ByPlatform, JointMatter.SameMatter, command.Now, dueBy))
        .ToList();

    internal static Command From(Wire.ConsultationSubmitted submitted, AreaPolicies policies, DateTimeOffset now) => new(
        submitted.ConsultationId,
        submitted.Number,
        submitted.Area,
        new CaseRequest(
            submitted.Kind,
            submitted.County,
            submitted.Language,
            submitted.AgeBand,
            submitted.Topics,
            submitted.Marks,
            submitted.Services,
            submitted.UnknownCodes.Count > 0,
            submitted.TriedCount,
            submitted.Urgency,
            submitted.ImmediateDanger,
            submitted.HighRisk,
            submitted.LegalBasisType,
            submitted.WishedChannels,
            submitted.Screening is not null,
            submitted.Sector,
            submitted.RequestingUnitId,
            submitted.RequesterRole,
            submitted.ResponsibleWorkerRole,
            submitted.ResponsibleWorkerRef,
            submitted.LegalBasisValidUntil,
            submitted.ImmediateDanger ? submitted.SubmittedAt : null,
            submitted.MatterKey,
            submitted.Screening is { } filledIn && policies.Scored(filledIn) is { } screening ? [screening] : null),
        policies.Of(submitted.Area),
        now);
}
