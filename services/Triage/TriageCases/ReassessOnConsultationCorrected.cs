using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Something in the request was wrong: the case is weighed again with what is right. A decided route stays; its coordinator sees the new assessment.</summary>
public sealed class ReassessOnConsultationCorrected(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<ConsultationCorrected>
{
    /// <param name="CorrectedAt">When the requester corrected it; identifies the correction.</param>
    public sealed record Command(
        string? AgeBand,
        IReadOnlyList<string>? Topics,
        IReadOnlyList<string>? Marks,
        IReadOnlyList<string>? Services,
        bool HasUnknownCodes,
        DateTimeOffset CorrectedAt,
        Func<TriageCase, AreaPolicy> PolicyOf,
        DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        switch (state.Status)
        {
            case CaseStatus.NotOpened: return TriageCase.NotOpened;
            case CaseStatus.Closed: return TriageCase.AlreadyClosed;
        }

        if (state.LastInformationAt == command.CorrectedAt)
        {
            return Decision<TriageEvent>.Nothing;
        }

        var (request, policy) = (state.Own!, command.PolicyOf(state));
        var corrected = new RequestCorrected(
            state.Id,
            request with
            {
                AgeBand = command.AgeBand ?? request.AgeBand,
                Topics = command.Topics ?? request.Topics,
                Marks = command.Marks ?? request.Marks,
                Services = command.Services ?? request.Services,
                HasUnknownCodes = request.HasUnknownCodes || command.HasUnknownCodes,
            },
            command.CorrectedAt);
        if (state.Lead is not null)
        {
            return corrected;
        }

        var with = TriageCase.Evolve(state, corrected);
        var follows = state.Status is CaseStatus.RouteDecided or CaseStatus.AwaitingInformation
            ? [new CaseAssessed(state.Id, Assessment.Of(Facts.Of(with.Request!, with.AskedFor, policy), policy, with.Request!.HasScreening), command.Now)]
            : AssessCase.Events(with, policy, command.Now, again: true);
        return new List<TriageEvent> { corrected }.Concat(follows).ToList();
    }

    public Task Consume(ConsumeContext<ConsultationCorrected> context)
    {
        var message = context.Message;
        var command = new Command(message.AgeBand, message.Topics, message.Marks, message.Services, message.HasUnknownCodes, message.CorrectedAt, policies.For, clock.GetUtcNow());
        return inbox.Once(context, nameof(ReassessOnConsultationCorrected), work =>
            JointMatter.Hear(work, message.ConsultationId, state => Decide(state, command), (lead, own) => JoinMatter.Decide(lead, new(own.Id, own.Own!, false, message.CorrectedAt, policies.For, command.Now)), context.CancellationToken));
    }
}
