using MassTransit;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;
using Wire = OtPlatform.Contracts.Intake;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Without the consent nobody else may come to know of the matter: its route ends, and the requester is asked for another legal basis. In danger a coordinator goes on at once. A case that is over stays over, and nobody else knows of it any more.</summary>
public sealed class ReassessOnConsentEnded(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<Wire.ConsentEnded>
{
    public const string ConsentOver = "consentEnded";

    public sealed record Command(bool WorkEnds, DateTimeOffset EndedAt, Func<TriageCase, AreaPolicy> PolicyOf, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        switch (state.Status)
        {
            case CaseStatus.NotOpened: return TriageCase.NotOpened;
            case CaseStatus.Closed when state.Erased: return TriageCase.AlreadyClosed;
        }

        // An answer was on its way: nothing was left to stop. A danger since then is looked at all the same.
        if (!command.WorkEnds && state.Stopped is { } stopped && stopped.EndedAt == command.EndedAt && !(state.Request!.DangerReportedAt > command.EndedAt))
        {
            return new ConsentEnded(state.Id, WorkEnds: false, command.EndedAt);
        }

        if (state.LastInformationAt == command.EndedAt)
        {
            return Decision<TriageEvent>.Nothing;
        }

        var policy = command.PolicyOf(state);
        var ended = new ConsentEnded(state.Id, command.WorkEnds, command.EndedAt);
        var without = TriageCase.Evolve(state, ended);
        var assessment = Assessment.Of(Facts.Of(without.Request!, without.AskedFor, policy), policy, without.Request!.HasScreening);
        var events = new List<TriageEvent> { ended, new CaseAssessed(state.Id, assessment, command.Now) };
        if (command.WorkEnds && state.Status is not CaseStatus.Closed)
        {
            events.Add(assessment.Facts.ImmediateDanger
                ? new ConfirmationAwaited(state.Id, state.Area, true, policy.Version, command.Now, policy.HeldDue(command.Now))
                : new InformationRequested(state.Id, state.Area, [Assessment.LegalBasis], command.Now, policy.InformationDue(command.Now)));
        }

        return events;
    }

    public Task Consume(ConsumeContext<Wire.ConsentEnded> context)
    {
        var command = new Command(context.Message.WorkEnds, context.Message.EndedAt, policies.For, clock.GetUtcNow());
        return inbox.Once(context, nameof(ReassessOnConsentEnded), work =>
            command.WorkEnds
                ? JointMatter.Leave(work, context.Message.ConsultationId, state => Decide(state, command), new JointMatter.Parting(CaseUnlinked.ByPlatform, ConsentOver, Waits: true, policies.For, command.Now, TakesFacts: true), context.CancellationToken)
                : JointMatter.Silence(work, context.Message.ConsultationId, state => Decide(state, command), policies.For, command.Now, context.CancellationToken));
    }
}
