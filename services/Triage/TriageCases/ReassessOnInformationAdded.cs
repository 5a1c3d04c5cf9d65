using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>New facts from the requester: the case is assessed again, until its route has been decided.</summary>
public sealed class ReassessOnInformationAdded(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<InformationAdded>
{
    /// <param name="AddedAt">When the requester added it; identifies the addition.</param>
    public sealed record Command(
        int TriedCount,
        IReadOnlyList<string>? Topics,
        IReadOnlyList<string>? Marks,
        IReadOnlyList<string>? Services,
        bool HasUnknownCodes,
        string? LegalBasisType,
        DateOnly? LegalBasisValidUntil,
        DateTimeOffset AddedAt,
        Func<TriageCase, AreaPolicy> PolicyOf,
        DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        switch (state.Status)
        {
            case CaseStatus.NotOpened: return TriageCase.NotOpened;
            case CaseStatus.Closed: return TriageCase.AlreadyClosed;
            case CaseStatus.RouteDecided: return TriageCase.AlreadyDecided;
        }

        if (state.LastInformationAt == command.AddedAt)
        {
            return Decision<TriageEvent>.Nothing;
        }

        var request = state.Own!;
        var received = new InformationReceived(
            state.Id,
            request with
            {
                TriedCount = command.TriedCount,
                Topics = command.Topics ?? request.Topics,
                Marks = command.Marks ?? request.Marks,
                Services = command.Services ?? request.Services,
                HasUnknownCodes = request.HasUnknownCodes || command.HasUnknownCodes,
                LegalBasisType = command.LegalBasisType ?? request.LegalBasisType,
                LegalBasisValidUntil = command.LegalBasisType is null ? request.LegalBasisValidUntil : command.LegalBasisValidUntil,
            },
            command.AddedAt);
        return state.Lead is not null ? received : new List<TriageEvent> { received }
            .Concat(AssessCase.Events(TriageCase.Evolve(state, received), command.PolicyOf(state), command.Now, again: true))
            .ToList();
    }

    public Task Consume(ConsumeContext<InformationAdded> context)
    {
        var added = context.Message;
        var command = new Command(added.TriedCount, added.Topics, added.Marks, added.Services, added.HasUnknownCodes, added.LegalBasisType, added.LegalBasisValidUntil, added.AddedAt, policies.For, clock.GetUtcNow());
        return inbox.Once(context, nameof(ReassessOnInformationAdded), work =>
            JointMatter.HearWithBasis(work, added.ConsultationId, state => Decide(state, command), new(added.AddedAt, policies.For, command.Now), context.CancellationToken));
    }
}
