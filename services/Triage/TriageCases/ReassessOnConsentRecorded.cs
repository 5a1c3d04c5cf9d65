using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The client has consented: the matter may be shared, and is weighed again while its route has not been decided.</summary>
public sealed class ReassessOnConsentRecorded(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<ConsentRecorded>
{
    private const string Consent = "consent";

    /// <param name="RecordedAt">When the requester recorded it; identifies the consent.</param>
    public sealed record Command(DateOnly? ValidUntil, DateTimeOffset RecordedAt, Func<TriageCase, AreaPolicy> PolicyOf, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        switch (state.Status)
        {
            case CaseStatus.NotOpened: return TriageCase.NotOpened;
            case CaseStatus.Closed: return TriageCase.AlreadyClosed;
        }

        if (state.LastInformationAt == command.RecordedAt)
        {
            return Decision<TriageEvent>.Nothing;
        }

        var policy = command.PolicyOf(state);
        var received = new InformationReceived(state.Id, state.Own! with { LegalBasisType = Consent, LegalBasisValidUntil = command.ValidUntil }, command.RecordedAt);
        if (state.Lead is not null)
        {
            return received;
        }

        var with = TriageCase.Evolve(state, received);
        var follows = state.Status is CaseStatus.RouteDecided
            ? [new CaseAssessed(state.Id, Assessment.Of(Facts.Of(with.Request!, with.AskedFor, policy), policy, with.Request!.HasScreening), command.Now)]
            : AssessCase.Events(with, policy, command.Now, again: true);
        return new List<TriageEvent> { received }.Concat(follows).ToList();
    }

    public Task Consume(ConsumeContext<ConsentRecorded> context)
    {
        var command = new Command(context.Message.ValidUntil, context.Message.RecordedAt, policies.For, clock.GetUtcNow());
        return inbox.Once(context, nameof(ReassessOnConsentRecorded), work =>
            JointMatter.HearWithBasis(
                work, context.Message.ConsultationId, state => Decide(state, command), new(context.Message.RecordedAt, policies.For, command.Now), context.CancellationToken));
    }
}
